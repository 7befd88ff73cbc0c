#include "fake_calls.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "backend.h"

alignas(max_align_t) char fake_block[FAKE_BLOCK_SIZE];

static struct {
    int count;
    const char *function;
    const void *block;
    size_t size;
    size_t more;
} calls;

void *fake_call(const char *function, const void *block, size_t size, size_t more)
{
    calls.count++;
    calls.function = function;
    calls.block = block;
    calls.size = size;
    calls.more = more;
    return fake_block;
}

void forget_calls(void)
{
    calls.count = 0;
}

static void expect_same_text(const char *file, int line, const char *got, const char *wanted)
{
    if (strcmp(got, wanted) == 0)
        return;
    fprintf(stderr, "%s:%d: \"%s\", not \"%s\"\n", file, line, got, wanted);
    exit(1);
}

void expect_last_call_at(const char *file, int line, int count, const char *function,
                         const void *block, size_t size, size_t more)
{
    expect_equal_at(file, line, "number of calls", calls.count, count);
    expect_same_text(file, line, calls.function, function);
    expect_equal_at(file, line, "block", (intptr_t)calls.block, (intptr_t)block);
    expect_equal_at(file, line, "size", (intmax_t)calls.size, (intmax_t)size);
    expect_equal_at(file, line, "further argument", (intmax_t)calls.more, (intmax_t)more);
    calls.count = 0;
}

void expect_described(const char *wanted)
{
    char said[64];
    zm_backend.describe(said, sizeof said);
    expect_same_text(__FILE__, __LINE__, said, wanted);

    char cut[] = "????????";
    zm_backend.describe(cut, 4);
    expect(strncmp(cut, wanted, 3) == 0);
    expect(strcmp(cut + 3, "") == 0);
    expect(strcmp(cut + 4, "????") == 0);
}

static const char *report;

static void expect_written(void *context, const char *text)
{
    expect_same_text(__FILE__, __LINE__, text, report);
    *(int *)context += 1;
}

void expect_report(const char *wanted)
{
    int count = 0;
    report = wanted;
    expect_equal(zm_backend.report(expect_written, &count), 0);
    expect_equal(count, 1);
}
