/* In place of the header that puts hooks into the program's mmap, munmap, mremap and sbrk. */
