/* What the programs of the adapters share. Each does a library's real work on the calls of this
 * one:
 *  - once, while the total rises by what the work needs at least and comes back to the byte;
 *  - with each allocation failing in turn: nothing is lost, and neither crashes.
 * The work returns true where all of it was done, and false where the library said that there was
 * no memory. It ends the test where neither is so. */
#ifndef TEST_ADAPTER_H
#define TEST_ADAPTER_H

#include <stdbool.h>

#include "../programs/total.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs work() once, which must be done, and calls held() where it holds most. It must have raised
 * the total, or the group's, by at least `least` bytes there, and given all back at the end. */
void require_work(bool (*work)(void), size_t least);

/* The same for a group's figure. */
void require_work_in(zgroup *group, bool (*work)(void), size_t least);

/* Called by the work: notes the figure of this moment. Returns it, above that before the work. */
size_t held(void);

/* Runs work() with its 1st allocation failing, its 2nd, ..., on any thread, until it makes no such
 * allocation; it must give all back each time. It must be done where none failed, and not be done
 * where some did; which, is the library's: it may try again. At least `least` must have failed, as
 * many as the work is known to make at the least. Says how many did. */
void require_work_under_failures(bool (*work)(void), size_t least);

#ifdef __cplusplus
}
#endif

#endif
