/* What glibc's malloc says of itself, for the backends over the process's malloc. */
#ifndef ZM_LIBC_REPORT_H
#define ZM_LIBC_REPORT_H

#include "config.h"

#if ZM_HAVE_MALLOC_INFO

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "libc_module.h"

/* XML, of all arenas. Nothing where another malloc has taken glibc's place. */
static inline int zm_libc_report(void (*write)(void *context, const char *text), void *context)
{
    void *(*allocating)(size_t) = malloc;
    int (*telling)(int, FILE *) = malloc_info;
    if (!zm_libc_are_same(zm_libc_object_of("malloc", &allocating),
                          zm_libc_object_of("malloc_info", &telling))) {
        errno = ENOSYS;
        return -1;
    }
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    int failed = !stream || malloc_info(0, stream) != 0;
    if (stream)
        failed |= fclose(stream) != 0;
    if (failed)
        errno = ENOMEM;
    else
        write(context, text);
    free(text);
    return failed ? -1 : 0;
}

#define ZM_LIBC_REPORT .report = zm_libc_report
#else
#define ZM_LIBC_REPORT .report = NULL
#endif
#endif
