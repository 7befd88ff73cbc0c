#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "check.h"
#include "total.h"

/* Volatile, so that the compiler does not see the request and warn of it. */
static volatile size_t above_all = (size_t)PTRDIFF_MAX + 1;

/* What a child says: a file, mapped over these bytes, so that it takes neither memory nor a read()
 * to look at. */
enum { LONGEST_REPORT = 1 << 16 };
static int report;
static _Alignas(LONGEST_REPORT) char text[LONGEST_REPORT];
static bool stderr_open;

void prepare_children(void)
{
    report = memfd_create("report", MFD_CLOEXEC);
    require(report != -1 && ftruncate(report, LONGEST_REPORT) == 0, "report: %s", strerror(errno));
    void *mapped =
        mmap(text, LONGEST_REPORT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, report, 0);
    require(mapped == text, "mmap: %s", strerror(errno));
}

static void ask(size_t n)
{
    void *volatile block = zmalloc(n);
    (void)block;
}

static void end_by_default(void)
{
    zmalloc_set_oom_handler(NULL);
    ask(above_all);
}

static jmp_buf before_the_call;

static void jump_out(size_t n)
{
    (void)n;
    longjmp(before_the_call, 1);
}

/* A handler that jumps out leaves the library in order, time and again. */
static void end_after_jumps(void)
{
    static volatile int jumps;
    size_t before = zmalloc_used_memory();
    zmalloc_set_oom_handler(jump_out);
    if (setjmp(before_the_call) == 0 || ++jumps < 10)
        ask(above_all);
    require_total(before, "after handlers that jumped out");
    end_by_default();
}

static void require_message(const char *how)
{
    static const char wanted[] = "zmalloc: Out of memory trying to allocate %zu bytes\n";
    char expected[128];
    snprintf(expected, sizeof expected, wanted, above_all);
    if (!stderr_open)
        expected[0] = '\0';
    require(strcmp(text, expected) == 0, "%s: said \"%s\", not \"%s\"", how, text, expected);
}

static void check_ending(const char *how, void (*end)(void))
{
    int status;
    memset(text, 0, LONGEST_REPORT);
    lseek(report, 0, SEEK_SET);
    pid_t child = fork();
    if (child == -1 && errno == EAGAIN)
        return;
    require(child != -1, "fork: %s", strerror(errno));
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        stderr_open ? (void)dup2(report, STDERR_FILENO) : (void)close(STDERR_FILENO);
        end();
        _exit(1);
    }
    require(waitpid(child, &status, 0) == child, "waitpid: %s", strerror(errno));
    require(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s did not abort: wait status %#x",
            how, (unsigned)status);
    require_message(how);
}

static void check_child(void)
{
    int status;
    size_t used = zmalloc_used_memory();
    pid_t child = fork();
    if (child == -1 && errno == EAGAIN)
        return;
    require(child != -1, "fork: %s", strerror(errno));
    if (child == 0) {
        require_total(used, "in the child of a fork");
        void *block = ztrymalloc(100);
        require_total(used + zmalloc_size(block), "in the child of a fork");
        zfree(block);
        require_total(used, "in the child of a fork");
        _exit(0);
    }
    require(waitpid(child, &status, 0) == child, "waitpid: %s", strerror(errno));
    require(status == 0, "the child of a fork failed: wait status %#x", (unsigned)status);
}

void check_children(void)
{
    check_child();
    for (int open = 0; open <= 1; open++) {
        stderr_open = open;
        check_ending("the default handler", end_by_default);
        check_ending("the default handler after jumps", end_after_jumps);
    }
}
