#include "child.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void set_up_stderr(int report, bool stderr_open)
{
    if (stderr_open)
        dup2(report, STDERR_FILENO);
    else
        close(STDERR_FILENO);
    close(report);
}

static void read_all(int from, char *text, size_t size)
{
    size_t length = 0;
    for (ssize_t part; (part = read(from, text + length, size - 1 - length)) > 0;)
        length += (size_t)part;
    text[length] = '\0';
}

/* qemu tells of a signal that ends what it runs. */
static void cut_emulators_words(char *text)
{
    char *words = strstr(text, "qemu: uncaught target signal");
    if (words)
        *words = '\0';
}

int run_child(void (*work)(void *argument), void *argument, bool stderr_open, char *text,
              size_t size)
{
    int report[2], status;
    require(pipe(report) == 0, "pipe: %s", strerror(errno));
    pid_t child = fork();
    require(child >= 0, "fork: %s", strerror(errno));
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        close(report[0]);
        set_up_stderr(report[1], stderr_open);
        work(argument);
        _exit(0);
    }
    close(report[1]);
    read_all(report[0], text, size);
    cut_emulators_words(text);
    close(report[0]);
    require(waitpid(child, &status, 0) == child, "waitpid: %s", strerror(errno));
    return status;
}

bool limit_memory(void)
{
    const struct rlimit limit = {128 << 20, 128 << 20};
    return setrlimit(RLIMIT_AS, &limit) == 0;
}
