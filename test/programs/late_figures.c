/* Figures of a process whose main has ended by pthread_exit: /proc/self has no memory
 * any more. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "check.h"
#include "zmalloc.h"

static pthread_t main_thread;

static void *ask(void *unused)
{
    (void)unused;
    pthread_join(main_thread, NULL);
    void *block = zmalloc(1000);
    errno = 0;
    require(zmalloc_get_rss() > 0, "no RSS, errno %d", errno);
    require(zmalloc_get_fragmentation_ratio() > 0, "no fragmentation ratio");
    require(zmalloc_get_private_dirty(-1) > 0, "no private dirty bytes, errno %d", errno);
    require(zmalloc_get_smap_bytes_by_field("Size:", -1) > 0, "no size, errno %d", errno);
    require(errno == 0, "errno %d after success", errno);
    zfree(block);
    exit(0);
}

int main(void)
{
    if (UNDER_THREAD_SANITIZER)
        skip("the thread sanitizer cannot join main.");
    pthread_t thread;
    main_thread = pthread_self();
    require(pthread_create(&thread, NULL, ask, NULL) == 0, "no thread");
    pthread_exit(NULL);
}
