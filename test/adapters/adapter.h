/* What the programs of the adapters share. Each does a library's real work on the calls of this
 * one, three times:
 *  - once, while the total rises by what the work needs at least and comes back to the byte;
 *  - with each allocation failing in turn: nothing is lost, and neither crashes. */
#ifndef TEST_ADAPTER_H
#define TEST_ADAPTER_H

#include <stdbool.h>

#include "../programs/total.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs work() once, which calls held() where it holds most. It must have raised the total, or the
 * group's, by at least `least` bytes there, and given all back at the end. */
void require_work(void (*work)(void), size_t least);

/* The same for a group's figure. */
void require_work_in(zgroup *group, void (*work)(void), size_t least);

/* Called by the work: notes the figure of this moment. Returns it, above that before the work. */
size_t held(void);

/* Runs work() with its 1st allocation failing, its 2nd, ..., on any thread; it must give all back
 * each time. Says how many allocations it makes. `most` ends it earlier: 0 for all of them. */
void require_work_under_failures(void (*work)(void), size_t most);

#ifdef __cplusplus
}
#endif

#endif
