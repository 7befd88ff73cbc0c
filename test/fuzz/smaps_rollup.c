/* A field of smaps_rollup, or of smaps where smaps_rollup does not have it, and the private dirty
 * bytes: all of lib/probe/linux.c that sums fields, over files that are not there, cannot be read,
 * or come in pieces. The input is
 *
 *     HOW CUT FIELD\n ROLLUP\f SMAPS
 *
 * without the spaces: HOW is a byte that says what opens, CUT one that says how long the reads are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_proc.h"
#include "oracle.h"
#include "probe.h"

/* The buffer of lib/probe/linux.c: lines that do not fit are no field's. */
enum { BUFFER = 1024 };

enum { UNTOUCHED = 77 };

struct answer {
    int error;
    size_t bytes;
};

static struct answer in_file(const struct fake_file *file, struct text field)
{
    if (file->how == FAKE_HAS_NO_FILE)
        return (struct answer){.error = ENOENT};
    if (file->how == FAKE_FAILS_TO_READ)
        return (struct answer){.error = EIO};
    struct oracle_number number = oracle_smaps(file->text, field, BUFFER);
    if (number.there)
        return (struct answer){.bytes = number.value};
    return (struct answer){.error = file->text.length > 0 ? ENODATA : ESRCH};
}

static struct answer expected_of(const struct fake_file files[2], struct text field)
{
    struct answer in_rollup = in_file(&files[0], field);
    return in_rollup.error ? in_file(&files[1], field) : in_rollup;
}

/* Both of its fields are from the file that has the first. */
static struct answer private_dirty_of(const struct fake_file files[2])
{
    char dirty[] = "Private_Dirty", huge[] = "Private_Hugetlb";
    const struct text first = {dirty, sizeof dirty - 1}, second = {huge, sizeof huge - 1};
    int in_rollup = in_file(&files[0], first).error == 0;
    const struct fake_file *file = in_rollup ? &files[0] : &files[1];
    struct answer answer = in_file(file, first);
    if (!answer.error
        && __builtin_add_overflow(answer.bytes, in_file(file, second).bytes, &answer.bytes))
        answer.bytes = SIZE_MAX;
    return answer;
}

/* errno is still that of the probe. */
static void check(int result, size_t bytes, struct answer expected)
{
    must(fake_proc_is_closed(), "a file was left open");
    must(result == (expected.error ? -1 : 0), "result %d, not error %d", result, expected.error);
    must(result == 0 || errno == expected.error, "errno is %d, not %d", errno, expected.error);
    must(bytes == (expected.error ? UNTOUCHED : expected.bytes), "%zu bytes, not %zu", bytes,
         expected.bytes);
}

static void compare(const struct fake_file files[2], struct text field, long pid)
{
    struct answer expected = expected_of(files, field);
    size_t bytes = UNTOUCHED;
    errno = 0;
    int result = zm_probe_smaps_field(field.at, field.length, pid, &bytes);
    check(result, bytes, expected);
}

static void compare_private_dirty(const struct fake_file files[2], long pid)
{
    struct answer expected = private_dirty_of(files);
    size_t bytes = UNTOUCHED;
    errno = 0;
    int result = zm_probe_private_dirty(pid, &bytes);
    check(result, bytes, expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    unsigned how = take_byte(&input);
    uint32_t cut = take_byte(&input);
    struct text field = take_until(&input, '\n');
    struct text rollup = take_until(&input, '\f');
    struct text smaps = take_rest(&input);
    const struct fake_file files[] = {
        {"/proc/42/smaps_rollup", rollup, (int)(how % 3)},
        {"/proc/42/smaps", smaps, (int)(how / 3 % 3)},
    };
    fake_proc(files, sizeof files / sizeof files[0], cut);
    if (can_be_field(field))
        compare(files, field, 42);
    compare_private_dirty(files, 42);
    free(field.at);
    free(rollup.at);
    free(smaps.at);
    return 0;
}
