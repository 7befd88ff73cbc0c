/* A piece of work in a process of its own, for what ends the process. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stddef.h>

/* When a child finds that it cannot do its work here. */
#define CHILD_LEFT_OUT 77

/* Runs work(argument) and returns the wait status; `text` gets what went to stderr, which the child
 * finds closed where stderr_open is false, but not what an emulator says of the end. A child whose
 * work returns ends with status 0. No core is left. */
int run_child(void (*work)(void *argument), void *argument, bool stderr_open, char *text,
              size_t size);

/* Takes away memory: not much more than 128 MiB for the calling process. False where the system
 * cannot. */
bool limit_memory(void);

#endif
