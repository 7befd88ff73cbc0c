/* An example of zmalloc-adapters(7), run first of all, where the page wants it. With any argument
 * there is no memory for its group: it must give up, and not go on without a limit. */
#include PAGE_INCLUDES

static int example(void)
{
#include PAGE_LINES
    return 0;
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc == 1)
        return example();
    zmalloc_fail(ZMALLOC_THIS_THREAD, ZMALLOC_FAIL_NTH, 1);
    return example() == 1 ? 0 : 1;
}
