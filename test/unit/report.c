/* The allocator's own report, and jemalloc's mallctl. */
#include <errno.h>
#include <string.h>

#include "common.h"

/* Collects in memory of the library, as a server does. */
static void collect(void *context, const char *text)
{
    char **all = context;
    size_t length = *all ? strlen(*all) : 0;
    *all = zrealloc(*all, length + strlen(text) + 1);
    strcpy(*all + length, text);
}

Test(report, hands_over_what_the_allocator_says)
{
    const char *expected = ZM_TEST_REPORT; /* "" where there is none */
    size_t before = zmalloc_used_memory();
    char *all = NULL;
    errno = EDOM;
    int result = zmalloc_print_stats(collect, &all);
    if (*expected) {
        cr_assert_eq(result, 0);
        cr_assert_eq(errno, EDOM);
        cr_assert(strstr(all, expected), "%s is not in: %s", expected, all);
    } else {
        cr_assert_eq(result, -1);
        cr_assert_eq(errno, ENOSYS);
        cr_assert_null(all);
    }
    zfree(all);
    cr_assert_eq(zmalloc_used_memory(), before);
}

Test(report, must_go_somewhere)
{
    errno = 0;
    cr_assert_eq(zmalloc_print_stats(NULL, NULL), -1);
    cr_assert_eq(errno, EINVAL);
}

#if ZM_TEST_HAS_MALLCTL

Test(report, mallctl_is_that_of_the_jemalloc_below)
{
    const char *version = "", *name = zmalloc_lib();
    size_t size = sizeof version;
    errno = EDOM;
    cr_assert_eq(zmalloc_mallctl("version", &version, &size, NULL, 0), 0);
    cr_assert_eq(strncmp(name + strlen("jemalloc-"), version, strcspn(version, "-")), 0);
    cr_assert_eq(zmalloc_mallctl("no.such.name", NULL, NULL, NULL, 0), ENOENT);
    cr_assert_eq(errno, EDOM);
}

#else

Test(report, without_jemalloc_there_is_no_mallctl)
{
    errno = EDOM;
    cr_assert_eq(zmalloc_mallctl("version", NULL, NULL, NULL, 0), ENOSYS);
    cr_assert_eq(errno, EDOM);
}

#endif
