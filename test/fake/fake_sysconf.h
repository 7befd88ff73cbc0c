/* The probe under test finds this in place of sysconf: a page is larger than here, so that a probe
 * that takes pages of 4096 bytes for granted is found out. */
#ifndef FAKE_FAKE_SYSCONF_H
#define FAKE_FAKE_SYSCONF_H

#define FAKE_PAGE_SIZE 16384

/* What is said of _SC_PHYS_PAGES; -1 fails and leaves errno alone. */
extern long fake_physical_pages;

#endif
