#include "descriptors.h"

#include <fcntl.h>

#include "check.h"

void list_descriptors(struct descriptors *list)
{
    for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
        list->open[fd] = fcntl(fd, F_GETFD) != -1;
}

void require_same_descriptors(const struct descriptors *before)
{
    static struct descriptors now;
    list_descriptors(&now);
    for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
        require(now.open[fd] == before->open[fd], "descriptor %d is %s", fd,
                now.open[fd] ? "still open" : "closed");
}
