// zmalloc/memory_resource.hpp where exceptions and RTTI are compiled out. Rule: containers work,
// and the process ends by abort() where memory is not to be had.
#include "zmalloc/memory_resource.hpp"

#include "zmalloc/memory_resource.hpp" // which may come twice

#include <csignal>
#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace
{

constexpr std::size_t limit = 100000;
zgroup *group;

std::size_t use_allocator(std::size_t count)
{
    std::vector<int, zm::allocator<int>> numbers(group);
    for (std::size_t i = 0; i < count; i++)
        numbers.push_back(1);
    return zgroup_used(group);
}

#ifdef __cpp_lib_memory_resource
std::size_t use_resource(std::size_t count)
{
    zm::memory_resource memory(group), other(group);
    std::pmr::string text(&memory);
    for (std::size_t i = 0; i < count; i++)
        text += 'a';
    return memory == memory && memory != other ? zgroup_used(group) : 0;
}
#else
constexpr auto use_resource = use_allocator;
#endif

bool works(std::size_t (*use)(std::size_t))
{
    return use(1000) >= 1000 && zgroup_used(group) == 0;
}

bool aborts(std::size_t (*use)(std::size_t))
{
    const pid_t child = fork();
    if (child == 0) {
        use(limit);
        _exit(0);
    }
    int status;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status)
           && WTERMSIG(status) == SIGABRT;
}

} // namespace

int main()
{
    group = zgroup_new("no exceptions", nullptr, limit);
    if (!works(use_allocator) || !works(use_resource))
        return std::puts("a container does not work"), 1;
    if (!aborts(use_allocator) || !aborts(use_resource))
        return std::puts("a container goes on without memory"), 1;
    return zgroup_destroy(group) == 0 ? 0 : 1;
}
