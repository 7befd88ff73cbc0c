/* Opens the library that its argument names, in a program that has set no room aside for it. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    return argc == 2 && dlopen(argv[1], RTLD_NOW) ? 0 : (puts(dlerror()), 1);
}
