/* Situations made of /proc. Each returns NULL, or the reason why it cannot be had. */
#ifndef PROC_H
#define PROC_H

const char *proc_not_mounted(void);
const char *proc_unreadable(void);
const char *proc_hides_others(void);

/* A /proc where files can be opened, and what is in them is not to be had. */
const char *proc_of_folders(void);
const char *proc_of_empty_files(void);

/* Takes root's privileges from the process, if it has them. */
const char *become_nobody(void);

#endif
