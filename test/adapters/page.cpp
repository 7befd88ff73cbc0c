#include "page.c"
