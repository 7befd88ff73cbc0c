/* Runs the tests that a program has registered and speaks TAP, which is what Meson reads. */
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "criterion/criterion.h"

static struct zm_test *first, **end = &first;
static int count;

void zm_register_test(struct zm_test *test)
{
    *end = test;
    end = &test->next;
    count++;
}

void zm_fail_test(const char *file, int line, const char *condition, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    dprintf(STDOUT_FILENO, "# %s:%d: not so: %s%s\n", file, line, condition, message);
    _exit(1);
}

/* As a wait status; -1 where there is no process. */
static int run_in_process(const struct zm_test *test)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        test->run();
        fflush(NULL);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

static int is_good_end(const struct zm_test *test, int status)
{
    if (test->signal != 0)
        return WIFSIGNALED(status) && WTERMSIG(status) == test->signal;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Whether it ended well, or was left out. */
static int run_and_tell(const struct zm_test *test, int number)
{
    if (test->disabled) {
        printf("ok %d - %s # SKIP\n", number, test->name);
        return 1;
    }
    int status = run_in_process(test);
    int good = is_good_end(test, status);
    printf("%s %d - %s\n", good ? "ok" : "not ok", number, test->name);
    if (!good)
        printf("# wait status %#x\n", (unsigned)status);
    return good;
}

int main(void)
{
    int failed = 0, number = 0;
    printf("1..%d\n", count);
    for (const struct zm_test *test = first; test; test = test->next)
        failed += !run_and_tell(test, ++number);
    return failed > 0;
}
