/* Where there is no dl_iterate_phdr (macOS). */
#include "stack/own_code.h"

void zm_find_own_code(void)
{
}

bool zm_is_own_code(uintptr_t address)
{
    (void)address;
    return false;
}
