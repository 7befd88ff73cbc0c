/* Runs the files of the named folders through a target, each once: the regression test of what
 * fuzzing found, for compilers without libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    must(file, "%s cannot be opened", path);
    must(fseek(file, 0, SEEK_END) == 0, "%s cannot be read", path);
    long length = ftell(file);
    must(length >= 0, "%s cannot be read", path);
    rewind(file);
    uint8_t *data = malloc(length > 0 ? (size_t)length : 1);
    must(data && fread(data, 1, (size_t)length, file) == (size_t)length, "%s cannot be read", path);
    fclose(file);
    /* Before, so that the last name printed is that of a file which brings the target down. */
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, (size_t)length);
    free(data);
}

static unsigned replay_folder(const char *folder)
{
    unsigned count = 0;
    DIR *open_folder = opendir(folder);
    must(open_folder, "%s is not a folder that can be read", folder);
    for (struct dirent *entry; (entry = readdir(open_folder));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        must(length > 0 && (size_t)length < sizeof path, "%s/%s: too long a name", folder,
             entry->d_name);
        replay_file(path);
        count++;
    }
    closedir(open_folder);
    return count;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    for (int i = 1; i < argc; i++)
        count += replay_folder(argv[i]);
    must(count > 0, "no input was given");
    printf("%u inputs replayed\n", count);
    return 0;
}
