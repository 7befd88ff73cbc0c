/* What Meson finds where jemalloc's names have a prefix. */
#define ZM_JEMALLOC_HAS_PREFIX 1
