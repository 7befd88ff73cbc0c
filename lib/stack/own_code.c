#include "stack/own_code.h"

#include <link.h>
#include <stddef.h>
#include <string.h>

#include "atomic.h"

static ZM_ATOMIC(uintptr_t) own_begin, own_end;

/* The archive's code is one with the code of the program or module that it is linked into. */
static bool is_library(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return strncmp(name, "libzmalloc", sizeof "libzmalloc" - 1) == 0;
}

static int visit(struct dl_phdr_info *object, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    uintptr_t here = (uintptr_t)&own_begin;
    uintptr_t lowest = UINTPTR_MAX, highest = 0;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_LOAD)
            continue;
        uintptr_t begin = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
        uintptr_t end = begin + object->dlpi_phdr[i].p_memsz;
        lowest = begin < lowest ? begin : lowest;
        highest = end > highest ? end : highest;
    }
    bool is_ours = here >= lowest && here < highest;
    if (is_ours && object->dlpi_name && is_library(object->dlpi_name)) {
        zm_store(&own_begin, lowest);
        zm_store(&own_end, highest);
    }
    return is_ours;
}

void zm_find_own_code(void)
{
    dl_iterate_phdr(visit, NULL);
}

bool zm_is_own_code(uintptr_t address)
{
    return address >= zm_load(&own_begin) && address < zm_load(&own_end);
}
