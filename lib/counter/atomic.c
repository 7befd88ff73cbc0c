#include "counter/atomic.h"

atomic_size_t zm_used;
