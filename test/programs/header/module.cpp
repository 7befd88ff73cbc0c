// Rule: the functions and templates that a C++20 module exports may call every call of the header.
// They must not refer to a function that is static, of which compilers warn.
module;

#include <zmalloc.h>

export module blocks;

export inline void *make_zeroed(size_t n)
{
    return zcalloc(n);
}

export inline void release(void *block)
{
    zfree(block);
}

export inline size_t used()
{
    return zmalloc_used_memory();
}

export template <typename T> class Array
{
  public:
    explicit Array(size_t count)
        : items(static_cast<T *>(zmalloc(count * sizeof(T)))),
          zeros(static_cast<T *>(zcalloc(count * sizeof(T))))
    {
    }

    Array(const Array &) = delete;
    Array &operator=(const Array &) = delete;

    ~Array()
    {
        zfree(items);
        zfree(zeros);
    }

    T *const items;
    T *const zeros;
};
