/* Where the library's own code lies, which is left out of stacks: a caller of zstrdup() is the one
 * who asked. Only of the shared library, by its file's name: where the archive is linked in, the
 * code is one with the program's or the module's. */
#ifndef ZM_STACK_OWN_CODE_H
#define ZM_STACK_OWN_CODE_H

#include <stdbool.h>
#include <stdint.h>

void zm_find_own_code(void);
bool zm_is_own_code(uintptr_t address);

#endif
