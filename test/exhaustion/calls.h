/* Every public call, each held to the answer that zmalloc.h documents, whatever is missing. */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>
#include <stddef.h>

/* What the process can still have, and so what the calls must answer. */
struct supply {
    bool no_memory;    /* a request may fail, and a large one must */
    int rss_errno;     /* 0 where the figure is to be had, else why not */
    int smaps_errno;   /* the same for this process's smaps */
    int parents_errno; /* and for those of the parent; or BY_OWNER */
};

/* EACCES if the parent belongs to another user by now, else 0. */
enum { BY_OWNER = -1 };

/* Fails unless each call, with its supply as told, does what it promises: its answer, errno, the
 * handler, the total to the byte, a resized block's contents. */
void check_every_call(const struct supply *supply);

/* The same for those calls alone that need no file and are not figures. */
void check_allocating_calls(const struct supply *supply);

/* Takes all memory by the library's own calls, checks again, and gives everything back. Where
 * there is no limit on memory it does nothing. */
void check_with_nothing_left(const struct supply *supply);

/* For these two: what note_failure() was told is forgotten, and errno what a call that frees
 * leaves; and a call that must fail does. */
struct alloc_call;
void expect_no_failure(void);
void require_refusal(const struct alloc_call *call, size_t n);

/* Rules that fail allocations on purpose. All allocations of the process are watched from then on:
 * for the end. */
void check_failing_on_purpose(const struct supply *supply);

/* A request that no limit of these tests leaves room for. */
#define LARGE ((size_t)1 << 30)

/* The error number that a call which frees or tells a figure must leave as it was. */
#define UNTOUCHED 4711

/* An out-of-memory handler that returns, and what it was told. */
void note_failure(size_t n);

#endif
