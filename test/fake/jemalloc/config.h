/* What Meson finds where jemalloc's names have a prefix. */
#define ZM_JEMALLOC_HAS_PREFIX 1
#define ZM_HAVE_FREE_SIZING 0
#define ZM_ALIGNS_TO_WORD 0
