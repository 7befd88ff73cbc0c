/* PCRE2: patterns compiled and matched in a group, with JIT and without. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <string.h>

#include "adapter.h"
#include "zmalloc/pcre2.h"

static zgroup *group;
static bool with_jit;
static uint32_t patterns = 200, lines = 2000;

static PCRE2_SPTR bytes(const char *text)
{
    return (PCRE2_SPTR)text;
}

static void require_no_memory(int error)
{
    require(error == PCRE2_ERROR_HEAP_FAILED || error == PCRE2_ERROR_NOMEMORY, "PCRE2 says %d",
            error);
}

/* Returns false where there was no memory. */
static bool match_lines(pcre2_code *code, pcre2_general_context *general, int word)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, general);
    pcre2_match_context *context = data ? pcre2_match_context_create(general) : NULL;
    pcre2_jit_stack *stack =
        with_jit && context ? pcre2_jit_stack_create(32768, 65536, general) : NULL;
    bool good = context && (stack || !with_jit);
    if (stack)
        pcre2_jit_stack_assign(context, NULL, stack);
    for (uint32_t i = 0; good && i < lines; i++) {
        char line[112] = {0}; /* JIT reads 16 bytes at a time, and past its end */
        int n = snprintf(line, sizeof line, "user%u: word%u = %u; rest", i, i % 300, i);
        int found = pcre2_match(code, bytes(line), (PCRE2_SIZE)n, 0, 0, data, context);
        if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
            require_no_memory(found);
            good = false;
        } else
            require((found == 3) == ((int)(i % 300) == word), "line %u and word %d: %d", i, word,
                    found);
    }
    held();
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return good;
}

/* A pattern and the size that PCRE2 tells of it. NULL where there was no memory. */
static pcre2_code *compiled(pcre2_compile_context *context, uint32_t word, size_t *size)
{
    char pattern[100];
    snprintf(pattern, sizeof pattern, "(?<key>\\bword%u)\\s*=\\s*(\\d+);(?:[^x]|x(?!y))*t$", word);
    int error;
    PCRE2_SIZE at, n = 0;
    pcre2_code *code =
        pcre2_compile(bytes(pattern), PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &at, context);
    if (!code) {
        require(error == PCRE2_ERROR_HEAP_FAILED, "PCRE2 says %d at %zu", error, at);
        return NULL;
    }
    pcre2_pattern_info(code, PCRE2_INFO_SIZE, &n);
    *size += n;
    if (with_jit) {
        error = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
        if (error != 0) {
            require_no_memory(error);
            pcre2_code_free(code);
            return NULL;
        }
    }
    return code;
}

static bool match_many(void)
{
    pcre2_general_context *general = zmalloc_pcre2_context(group);
    pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
    pcre2_code *codes[200] = {NULL};
    size_t size = 0;
    bool good = context != NULL;
    for (uint32_t i = 0; good && i < patterns; i++)
        good = (codes[i] = compiled(context, i, &size)) != NULL;
    size_t now = held();
    require(!good || now >= size, "PCRE2 holds %zu bytes, and the group %zu", size, now);
    for (uint32_t i = 0; good && i < patterns; i += 20)
        good = match_lines(codes[i], general, (int)i);
    for (uint32_t i = 0; i < patterns; i++)
        pcre2_code_free(codes[i]);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
    return good;
}

static void match_many_in_group(const char *how)
{
    group = zgroup_new("PCRE2", NULL, 0);
    require_work_in(group, match_many, 40000);
    printf("%zu bytes at most %s, ", zgroup_peak(group), how);
}

/* The code that JIT makes is of mmap: none of it is in the group. */
static void see_jit_code(void)
{
    size_t size = 0, jit_size = 0;
    pcre2_general_context *general = zmalloc_pcre2_context(group);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    pcre2_code *code = compiled(context, 1, &size);
    require(code && pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &jit_size) == 0 && jit_size > 0,
            "there is no code of JIT");
    printf("one pattern is %zu bytes and %zu of JIT, the group has %zu\n", size, jit_size,
           zgroup_used(group));
    pcre2_code_free(code);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
}

/* There is room for the contexts, and not for a pattern. */
static void require_limit_to_hold(void)
{
    size_t size = 0;
    pcre2_general_context *general = zmalloc_pcre2_context(group);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    require(context, "there is no memory");
    zgroup_set_limit(group, zgroup_used(group) + 50);
    require(!compiled(context, 1, &size), "the limit holds nothing up");
    pcre2_compile_context_free(context);
    pcre2_general_context_free(general);
}

int main(void)
{
    uint32_t can_jit = 0;
    char version[64];
    require(pcre2_config(PCRE2_CONFIG_VERSION, version) > 0, "PCRE2 has no version");
    pcre2_config(PCRE2_CONFIG_JIT, &can_jit);
    printf("PCRE2 %s: ", version);

    require_work(match_many, 40000);
    match_many_in_group("without JIT");
    zgroup *without_jit = group;
    if (can_jit) {
        with_jit = true;
        match_many_in_group("with JIT");
        see_jit_code();
    }
    patterns = 21;
    lines = 20;
    require_work_under_failures(match_many, can_jit ? 100 : 20);
    with_jit = false;
    require_work_under_failures(match_many, 20);

    require_limit_to_hold();
    require(group == without_jit || zgroup_destroy(without_jit) == 0, "the group is in use");
    require(zgroup_destroy(group) == 0, "the group is in use");
    return 0;
}
