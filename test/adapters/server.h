/* A packaged server for the length of a test, with nothing on its standard output and error but
 * what the program reads. */
#ifndef TEST_ADAPTER_SERVER_H
#define TEST_ADAPTER_SERVER_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "adapter.h"

/* In the child: no server is left when the test fails. */
static inline void end_with_parent(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(126);
#else
    (void)parent;
#endif
}

/* Starts a program that is looked up in PATH, and ends when this one does. Stores where its output
 * can be read. Returns -1, and says why, where there is no such program: the test is left out. */
static inline pid_t start_server(const char *const arguments[], int *output)
{
    int text[2], failure[2], error = 0;
    require(pipe(text) == 0 && pipe(failure) == 0, "no pipe");
    fcntl(failure[1], F_SETFD, FD_CLOEXEC);
    pid_t parent = getpid(), server = fork();
    require(server >= 0, "no process");
    if (server == 0) {
        end_with_parent(parent);
        dup2(text[1], 1);
        dup2(open("/dev/null", O_WRONLY), 2);
        close(text[0]);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        error = errno;
        _exit(write(failure[1], &error, sizeof error) == sizeof error ? 127 : 126);
    }
    close(text[1]);
    close(failure[1]);
    bool started = read(failure[0], &error, sizeof error) == 0;
    close(failure[0]);
    if (!started) {
        waitpid(server, NULL, 0);
        close(text[0]);
        fprintf(stderr, "%s: %s\n", arguments[0], strerror(error));
        return -1;
    }
    *output = text[0];
    return server;
}

static inline void end_server(pid_t server)
{
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
}

/* Removes a folder and the one file in it, which may be missing. */
static inline void remove_folder(const char *folder, const char *file)
{
    unlink(file);
    rmdir(folder);
}

#endif
