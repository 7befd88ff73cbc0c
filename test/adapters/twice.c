/* Rule: a header for another library needs no other in front of it, and may come twice. */
#include TEST_HEADER

#include TEST_HEADER
