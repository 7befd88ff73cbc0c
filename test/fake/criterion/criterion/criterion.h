/* As much of Criterion as the suites use, for machines that it does not run on. Each test is a
 * process, forked: Criterion starts the program again for each, which an emulator cannot. */
#ifndef ZM_FAKE_CRITERION_H
#define ZM_FAKE_CRITERION_H

#include <signal.h>
#include <stddef.h>
#include <string.h>

struct zm_test {
    const char *name;
    void (*run)(void);
    int signal;   /* that must end it; 0 where it is to end by itself */
    int disabled; /* left out */
    struct zm_test *next;
};

void zm_register_test(struct zm_test *test);

/* From any thread of the test. */
_Noreturn void zm_fail_test(const char *file, int line, const char *condition, const char *format,
                            ...) __attribute__((format(printf, 4, 5)));

#define Test(suite, test, ...)                                                                     \
    static void suite##_##test(void);                                                              \
    __attribute__((constructor)) static void register_##suite##_##test(void)                       \
    {                                                                                              \
        static struct zm_test self = {                                                             \
            .name = #suite "::" #test, .run = suite##_##test, __VA_ARGS__};                        \
        zm_register_test(&self);                                                                   \
    }                                                                                              \
    static void suite##_##test(void)

#define cr_assert(condition, ...)                                                                  \
    ((condition) ? (void)0 : zm_fail_test(__FILE__, __LINE__, #condition, " " __VA_ARGS__))
#define cr_assert_fail(...) zm_fail_test(__FILE__, __LINE__, "reached", " " __VA_ARGS__)

#define cr_assert_eq(a, b, ...) cr_assert((a) == (b), __VA_ARGS__)
#define cr_assert_neq(a, b, ...) cr_assert((a) != (b), __VA_ARGS__)
#define cr_assert_gt(a, b, ...) cr_assert((a) > (b), __VA_ARGS__)
#define cr_assert_geq(a, b, ...) cr_assert((a) >= (b), __VA_ARGS__)
#define cr_assert_leq(a, b, ...) cr_assert((a) <= (b), __VA_ARGS__)
#define cr_assert_null(a, ...) cr_assert((a) == NULL, __VA_ARGS__)
#define cr_assert_not_null(a, ...) cr_assert((a) != NULL, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) cr_assert(strcmp(a, b) == 0, __VA_ARGS__)

#endif
