/* Ordinary right use of every call. Rule: compilers have nothing to say to it. */
#include <stdlib.h>
#include <string.h>

#include "zmalloc.h"

struct list {
    char *items;
    size_t length, room;
};

/* A failure that leaves the old block as it was. */
static int grow(struct list *list, size_t room)
{
    char *items = ztryrealloc(list->items, room);
    if (!items)
        return -1;
    list->items = items;
    list->room = room;
    return 0;
}

static int append(struct list *list, char item)
{
    if (list->length == list->room && grow(list, 2 * list->room + 16) != 0)
        return -1;
    list->items[list->length++] = item;
    return 0;
}

static int use_list(const char *text)
{
    struct list list = {NULL, 0, 0};
    for (; *text; text++)
        if (append(&list, *text) != 0) {
            zfree(list.items);
            return -1;
        }
    zfree(list.items);
    return 0;
}

static int keep_old_block(size_t n)
{
    char *block = ztrymalloc(n);
    if (!block)
        return -1;
    block[0] = 'a';
    char *larger = ztryrealloc(block, 2 * n);
    if (!larger) {
        block[0] = 'b';
        zfree(block);
        return -1;
    }
    larger[2 * n - 1] = 'c';
    zfree(larger);
    return 0;
}

static int keep_old_block_at_least(size_t n)
{
    size_t usable;
    char *block = ztrymalloc_at_least(n, &usable);
    if (!block)
        return -1;
    memset(block, 0, usable);
    char *larger = ztryrealloc_at_least(block, usable + 1, &usable);
    if (!larger) {
        zfree(block);
        return -1;
    }
    memset(larger, 1, usable);
    zfree_with_size(larger, usable);
    return 0;
}

/* For a program whose handler does not return. */
static void *or_abort(void *block)
{
    if (!block)
        abort();
    return block;
}

static void resize(size_t n)
{
    int *numbers = or_abort(zmalloc(n * sizeof *numbers));
    numbers[0] = 1;
    numbers = or_abort(zrealloc(numbers, 2 * n * sizeof *numbers));
    numbers[2 * n - 1] = 2;
    zfree(numbers);

    size_t usable;
    char *block = or_abort(zrealloc_at_least(NULL, n, &usable));
    memset(block, 0, usable);
    block = or_abort(zrealloc_at_least(block, usable + 1, &usable));
    memset(block, 0, usable);
    zfree_with_size(block, usable);
}

static size_t use_each_free(size_t n)
{
    char *block = or_abort(zmalloc(n));
    block[0] = 1;
    size_t size = zmalloc_size(block) + zmalloc_usable(block);
    zfree_with_size(block, zmalloc_usable(block));
    block = or_abort(zcalloc(n));
    size += (size_t)block[n - 1];
    zfree(block);
    block = or_abort(zcalloc_num(n, 3));
    size += (size_t)block[3 * n - 1];
    zfree_no_tcache(block);
    block = or_abort(zmalloc_no_tcache(n));
    block[n - 1] = 1;
    zfree_no_tcache(block);
    block = or_abort(zaligned_alloc(64, n));
    block[n - 1] = 1;
    zfree(block);
    char *copy = or_abort(zstrdup("text"));
    size += strlen(copy);
    zfree(copy);
    zfree(NULL);
    return size;
}

static size_t take_the_whole(size_t n)
{
    size_t usable, sum = 0;
    char *block = or_abort(zmalloc_at_least(n, &usable));
    memset(block, 1, usable);
    sum += usable;
    zfree_with_size(block, usable);
    block = or_abort(zcalloc_at_least(n, &usable));
    sum += (size_t)block[usable - 1];
    zfree(block);
    block = ztrycalloc_at_least(n, &usable);
    if (block)
        sum += (size_t)block[usable - 1];
    zfree(block);
    return sum;
}

static int try_each_call(size_t n)
{
    char *first = ztrycalloc(n);
    char *second = ztrycalloc_num(n, 2);
    char *third = ztryaligned_alloc(128, n);
    int made = first && second && third;
    zfree(first);
    zfree(second);
    zfree(third);
    return made;
}

static void report(size_t n)
{
    (void)n;
}

/* An old size in elements, for a caller who may not know any usable size. */
static int grow_array(size_t count)
{
    int *numbers = ztryreallocarray(NULL, count, sizeof *numbers);
    if (!numbers)
        return -1;
    numbers[count - 1] = 1;
    numbers = zreallocarray(numbers, 2 * count, sizeof *numbers);
    char *copy = numbers ? ztrystrdup("text") : NULL;
    char *more = zmalloc_at_least(zmalloc_good_size(count), NULL);
    zfree(more);
    zfree(copy);
    zfree(numbers);
    return copy ? 0 : -1;
}

static uint64_t ask_all(void)
{
    struct zmalloc_info info;
    zmalloc_oom_handler *before = zmalloc_set_oom_handler(NULL);
    zmalloc_set_oom_handler(before);
    if (zmalloc_get_info(&info, sizeof info, ZMALLOC_INFO_TOTAL | ZMALLOC_INFO_SYSTEM) != 0)
        return ZMALLOC_UNKNOWN;
    return info.used + info.rss;
}

/* Stored away and called through a pointer, as a table of hooks is. */
static void *(*const allocate_zeroed)(size_t n) = zcalloc;

static size_t ask(void)
{
    size_t allocated, active, resident;
    zmalloc_set_oom_handler(report);
    zmalloc_enable_thread_safeness();
    zmalloc_set_oom_handler(NULL);
    zmalloc_get_allocator_info(&allocated, &active, &resident);
    return zmalloc_used_memory() + zmalloc_get_rss() + zmalloc_get_private_dirty(-1)
           + zmalloc_get_smap_bytes_by_field("Rss:", -1) + zmalloc_get_memory_size()
           + zmalloc_get_memory_limit() + (size_t)zmalloc_get_fragmentation_ratio()
           + strlen(ZMALLOC_LIB) + strlen(zmalloc_version()) + ZMALLOC_VERSION_MAJOR + allocated
           + active + resident;
}

int main(int argc, char **argv)
{
    size_t n = (size_t)argc * 100;
    resize(n);
    size_t sum = use_each_free(n) + take_the_whole(n) + ask() + (size_t)ask_all();
    zfree(allocate_zeroed(n));
    int failed =
        grow_array(n) || use_list(argv[0]) || keep_old_block(n) || keep_old_block_at_least(n);
    return sum > 0 && try_each_call(n) && !failed ? 0 : 1;
}
