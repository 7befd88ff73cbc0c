/* A sysctl that answers one question, and checks that it is asked as the system wants it. */
#ifndef FAKE_FAKE_SYSCTL_H
#define FAKE_FAKE_SYSCTL_H

#include <stddef.h>

struct fake_sysctl {
    const int *name;
    unsigned name_length;
    size_t room;        /* how much the caller must have */
    const void *answer; /* NULL: fails with `error` */
    size_t answer_length;
    int error;
};
extern struct fake_sysctl fake_sysctl;

/* zm_probe_rss asks for this record, whose size in pages is `pages`, and tells when that fails. */
void expect_rss_of_record(const int *name, unsigned name_length, const void *record, size_t size,
                          size_t pages);

/* zm_probe_memory_size asks for this figure of CTL_HW, 4 or 8 bytes long, and tells failures. */
void expect_memory_of_hardware(int which);

#endif
