/* The ways that are compared. Each is a struct of static functions, so that a work, a template over
 * one, calls them directly, as a program would. */
#ifndef BENCH_WAYS_H
#define BENCH_WAYS_H

#include <sqlite3.h>
#include <talloc.h>
#include <zmalloc.h>

#include "classic.h"
#include BENCH_RAW_HEADER

struct Raw {
    static constexpr const char *name = "raw";
    static void *allocate(size_t n)
    {
        return raw_malloc(n);
    }
    static void *resize(void *p, size_t n)
    {
        return raw_realloc(p, n);
    }
    static void release(void *p)
    {
        raw_free(p);
    }
};

struct Classic {
    static constexpr const char *name = "classic";
    static void *allocate(size_t n)
    {
        return classic_malloc(n);
    }
    static void *resize(void *p, size_t n)
    {
        return classic_realloc(p, n);
    }
    static void release(void *p)
    {
        classic_free(p);
    }
};

struct Zmalloc {
    static constexpr const char *name = "zmalloc";
    static void *allocate(size_t n)
    {
        return zmalloc(n);
    }
    static void *resize(void *p, size_t n)
    {
        return zrealloc(p, n);
    }
    static void release(void *p)
    {
        zfree(p);
    }
};

struct Sqlite {
    static constexpr const char *name = "sqlite";
    static void *allocate(size_t n)
    {
        return sqlite3_malloc64(n);
    }
    static void *resize(void *p, size_t n)
    {
        return sqlite3_realloc64(p, n);
    }
    static void release(void *p)
    {
        sqlite3_free(p);
    }
};

struct Talloc {
    static constexpr const char *name = "talloc";
    static void *allocate(size_t n)
    {
        return talloc_size(nullptr, n);
    }
    static void *resize(void *p, size_t n)
    {
        return talloc_realloc_size(nullptr, p, n);
    }
    static void release(void *p)
    {
        talloc_free(p);
    }
};

/* Calls `measure` with each way in turn: for_each_way([](auto way) { ... }). */
template <typename Measure> void for_each_way(Measure measure)
{
    measure(Raw{});
    measure(Classic{});
    measure(Zmalloc{});
    measure(Sqlite{});
    measure(Talloc{});
}

#endif
