/* The endings of a process that has no memory. */
#ifndef CHILDREN_H
#define CHILDREN_H

/* Opens the file that takes what the ending processes say: before there is nothing left. */
void prepare_children(void);

/* Fails unless the child of a fork can go on, and the default handler prints its line and aborts,
 * also with stderr closed. Where no process can be made there
 * is nothing to see. */
void check_children(void);

#endif
