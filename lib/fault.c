#include "fault.h"

#include <errno.h>

#include "config.h"
#include "limit.h"
#include "zmalloc.h"

/* Of one thread or of all. The thread's own needs no atomics; it has them so that there is one
 * type. */
struct rule {
    ZM_ATOMIC(int) kind;
    ZM_ATOMIC(size_t) n;
    ZM_ATOMIC(size_t) seen;   /* allocations since it was set */
    ZM_ATOMIC(size_t) failed; /* of those */
};

ZM_ATOMIC(int) zm_fault_rule_set;

static struct rule rule_of_all;
static _Thread_local struct rule rule_of_thread ZM_TLS_MODEL;

static struct rule *rule_of(int threads)
{
    if (threads == ZMALLOC_THIS_THREAD)
        return &rule_of_thread;
    return threads == ZMALLOC_ALL_THREADS ? &rule_of_all : NULL;
}

static bool is_hit(int kind, size_t n, size_t seen, size_t size)
{
    switch (kind) {
    case ZMALLOC_FAIL_NTH:
        return seen == n;
    case ZMALLOC_FAIL_EVERY:
        /* 0 while another thread sets another rule. */
        return n != 0 && seen % n == 0;
    default:
        return size > n;
    }
}

static bool fails(struct rule *rule, size_t size)
{
    int kind = zm_load(&rule->kind);
    if (kind == ZMALLOC_FAIL_NONE)
        return false;
    size_t n = zm_load(&rule->n);
    size_t seen = zm_increment(&rule->seen) + 1;
    if (!is_hit(kind, n, seen, size))
        return false;
    zm_increment(&rule->failed);
    return true;
}

ZM_COLD bool zm_fault_hits(size_t size)
{
    /* Both count the request, whichever fails it. */
    bool fails_here = fails(&rule_of_thread, size);
    return fails(&rule_of_all, size) || fails_here;
}

int zmalloc_fail(int threads, int kind, size_t n)
{
    struct rule *rule = rule_of(threads);
    bool counts = kind == ZMALLOC_FAIL_NTH || kind == ZMALLOC_FAIL_EVERY;
    if (!rule || kind < ZMALLOC_FAIL_NONE || kind > ZMALLOC_FAIL_ABOVE || (counts && n == 0)) {
        errno = EINVAL;
        return -1;
    }
    zm_store(&rule->kind, ZMALLOC_FAIL_NONE);
    if (kind == ZMALLOC_FAIL_NONE)
        return 0;
    zm_store(&rule->n, n);
    zm_clear(&rule->seen);
    zm_clear(&rule->failed);
    zm_store_release(&zm_fault_rule_set, 1);
    zm_update_fast_limit();
    zm_store(&rule->kind, kind);
    return 0;
}

size_t zmalloc_failed(int threads)
{
    const struct rule *rule = rule_of(threads);
    return rule ? zm_load(&rule->failed) : 0;
}

int zmalloc_fail_each(int threads, void (*work)(void *context), void *context, size_t *nth)
{
    size_t unused;
    size_t *at = nth ? nth : &unused;
    for (*at = 1;; ++*at) {
        size_t used_before = zmalloc_used_memory();
        if (zmalloc_fail(threads, ZMALLOC_FAIL_NTH, *at) != 0)
            return -1;
        work(context);
        zmalloc_fail(threads, ZMALLOC_FAIL_NONE, 0);
        if (zmalloc_used_memory() != used_before)
            return 1;
        if (zmalloc_failed(threads) == 0)
            return 0;
    }
}
