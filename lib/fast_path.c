/* What opens the fast paths of zmalloc.c, and closes them again. */
#include "fast_path.h"

#include "backend.h"
#include "counter.h"
#include "fault.h"
#include "keep_errno.h"
#include "limit.h"
#include "request.h"
#include "sample.h"
#include "size_cache.h"

ZM_ATOMIC(const struct zm_backend_vtable *) zm_backend_in_use;

/* Set by the constructor, where the fast path of allocating works. */
static ZM_ATOMIC(int) fast_path_works;

/* Always the same answer, so any thread may be the first to ask. */
ZM_COLD const struct zm_backend_vtable *zm_choose_backend(void)
{
    const struct zm_backend_vtable *chosen =
        zm_backend.fallback && zm_backend.needs_fallback() ? zm_backend.fallback : &zm_backend;
    zm_store_release(&zm_backend_in_use, chosen);
    return chosen;
}

static size_t choose_limit(void)
{
    if (!zm_load_acquire(&fast_path_works) || zm_load_acquire(&zm_fault_rule_set))
        return 0;
    size_t most = zm_backend.good_size ? ZM_SIZE_CACHE_MAX : PTRDIFF_MAX;
    size_t limit = most - zm_backend.min_request + 1, bound = zm_limit_fast_path();
    return limit < bound ? limit : bound;
}

/* Any thread may call it at any time: the last to write finds what it did not know of before. */
void zm_update_fast_limit(void)
{
    size_t chosen;
    int is_sampling;
    do {
        chosen = choose_limit();
        is_sampling = zm_load_acquire(&zm_is_sampling);
        zm_open_sample_gate(is_sampling && chosen > ZM_SAMPLED_MAX);
        zm_exchange(&zm_fast_limit, is_sampling ? 0 : chosen);
    } while (chosen != choose_limit() || is_sampling != zm_load_acquire(&zm_is_sampling));
}

static void open_fast_malloc(void)
{
    if (zm_backend.is_process_malloc) {
        if (!zm_malloc_is_aligned())
            return;
        zm_store(&zm_request_multiple, 1);
    }
    if (zm_active() != &zm_backend)
        return;
    if (zm_backend.good_size)
        zm_size_cache_clear();
    zm_store_release(&fast_path_works, 1);
    zm_update_fast_limit();
}

static ZM_ATOMIC(size_t) kept_bits = SIZE_MAX;
static ZM_ATOMIC(int) fast_free_works;
static ZM_ATOMIC(size_t) updates;

static size_t choose_free_mask(void)
{
    return zm_load_acquire(&fast_free_works) ? zm_load_acquire(&kept_bits) : 0;
}

/* Of two threads that come at once, one that opens the mask and one that takes bits from it, the
 * second to increment sees what the first had done before. Then it is never above what it should
 * be, not for a moment: whoever finds that it has changed meanwhile chooses anew. */
static void update_free_mask(void)
{
    zm_increment(&updates);
    size_t seen = zm_load_acquire(&zm_free_mask), chosen = choose_free_mask();
    while (seen != chosen && !zm_compare_exchange(&zm_free_mask, &seen, chosen))
        chosen = choose_free_mask();
}

void zm_lower_free_mask(size_t kept)
{
    size_t mask = zm_load_acquire(&zm_free_mask);
    if (mask && (mask & ~kept) == 0)
        return; /* once open it only loses bits */
    size_t before = zm_load_acquire(&kept_bits);
    while (!zm_compare_exchange(&kept_bits, &before, before & kept)) {
    }
    /* Also where the bits were gone: who took them may not have written the mask yet. */
    update_free_mask();
}

ZM_CONSTRUCTOR static void open_fast_path(void)
{
    zm_find_errno();
    open_fast_malloc();
    if (zm_active() == &zm_backend && (!zm_backend.can_free_fast || zm_backend.can_free_fast())) {
        zm_exchange(&fast_free_works, 1);
        update_free_mask();
    }
}
