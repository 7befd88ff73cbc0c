/* What Meson finds on FreeBSD. */
#define ZM_HAVE_MALLOC_NP_H 1
#define ZM_HAVE_MALLINFO2 0
