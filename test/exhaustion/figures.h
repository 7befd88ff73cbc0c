/* The public figures and names; see calls.h. */
#ifndef FIGURES_H
#define FIGURES_H

struct supply;

void check_figures(const struct supply *supply);

#endif
