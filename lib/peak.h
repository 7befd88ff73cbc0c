/* The highest value that a figure had since the last reset. One that was read before a reset does
 * not raise it after that, but where the reset came in the middle and left the highest as it was.
 *
 * Who adds to the figure writes it and then reads these words, and a reset writes these and then
 * reads the figure: all in one order (seq_cst), so that one of the two raises the peak. */
#ifndef ZM_PEAK_H
#define ZM_PEAK_H

#include <stdbool.h>
#include <stddef.h>

#include "atomic.h"

struct zm_peak {
    ZM_ATOMIC(size_t) highest;
    ZM_ATOMIC(size_t) resets;
};

/* To be read before the value is. */
static inline size_t zm_count_resets(struct zm_peak *peak)
{
    return zm_load_seq_cst(&peak->resets);
}

/* `resets` is what zm_count_resets() said. False where a reset came in between, which may not have
 * seen the value: the figure is to be read anew, and that raised. */
static inline bool zm_raise(struct zm_peak *peak, size_t resets, size_t value)
{
    size_t now = zm_load_seq_cst(&peak->highest);
    while (now < value && zm_count_resets(peak) == resets
           && !zm_compare_exchange(&peak->highest, &now, value)) {
    }
    return zm_count_resets(peak) == resets;
}

/* Begins anew with `value`. */
static inline void zm_reset_peak(struct zm_peak *peak, size_t value)
{
    zm_increment(&peak->resets);
    zm_exchange(&peak->highest, value);
}

#endif
