/* An example of zmalloc-adapters(7), run as the beginning of main(), where the page wants it. */
#include PAGE_INCLUDES

int main(void)
{
#include PAGE_LINES
    return 0;
}
