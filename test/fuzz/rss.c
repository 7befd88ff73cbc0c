/* Resident memory: from statm, that of the process or of the thread, or else from stat; and the
 * huge pages, from status, that of the process or of the thread, where the system may have any. All
 * of lib/probe/linux.c that finds it, over files that are not there or cannot be read. The input is
 *
 *     HOW STATM\f STATM-OF-THREAD\f STAT\f HOW STATUS\f STATUS-OF-THREAD\f MEMINFO\f OVERCOMMIT
 *
 * without the spaces: each HOW is a byte that says which of the files behind it open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_proc.h"
#include "oracle.h"
#include "probe.h"

/* Of lib/probe/linux.c: what is behind is not looked at. */
enum { BUFFER = 1024 };

typedef struct oracle_number oracle(struct text text);

/* Bytes, or 0 with the error. */
static size_t in_file(const struct fake_file *file, oracle *find, int *error)
{
    *error = ENOENT;
    if (file->how == FAKE_HAS_NO_FILE)
        return 0;
    struct text text = file->text;
    if (text.length > BUFFER)
        text.length = BUFFER;
    *error = text.length == 0 && file->how == FAKE_FAILS_TO_READ ? EIO : EINVAL;
    size_t bytes;
    return __builtin_mul_overflow(find(text).value, (size_t)sysconf(_SC_PAGESIZE), &bytes) ? 0
                                                                                           : bytes;
}

enum { STATM, THREAD_STATM, STAT, STATUS, THREAD_STATUS, MEMINFO, OVERCOMMIT, FILES };

static struct oracle_number field_in(const struct fake_file *file, const char *name)
{
    char copy[32];
    if (file->how != FAKE_OPENS)
        return (struct oracle_number){0};
    strcpy(copy, name);
    return oracle_smaps(file->text, (struct text){copy, strlen(copy)}, BUFFER);
}

static bool has_no_huge_pages(const struct fake_file files[FILES])
{
    const struct fake_file *overcommit = &files[OVERCOMMIT];
    struct oracle_number all = field_in(&files[MEMINFO], "Hugetlb");
    return overcommit->how != FAKE_HAS_NO_FILE && overcommit->text.length == 2
           && memcmp(overcommit->text.at, "0\n", 2) == 0 && all.there && all.value == 0;
}

static size_t huge_bytes(const struct fake_file files[FILES])
{
    struct oracle_number own = field_in(&files[STATUS], "HugetlbPages");
    if (!own.there)
        own = field_in(&files[THREAD_STATUS], "HugetlbPages");
    return has_no_huge_pages(files) ? 0 : own.value;
}

static void compare(const struct fake_file files[FILES])
{
    int error;
    size_t expected = in_file(&files[STATM], oracle_statm, &error);
    if (expected == 0)
        expected = in_file(&files[THREAD_STATM], oracle_statm, &error);
    if (expected == 0)
        expected = in_file(&files[STAT], oracle_stat, &error);
    bool there = expected > 0;
    if (there && __builtin_add_overflow(expected, huge_bytes(files), &expected))
        expected = SIZE_MAX;

    size_t untouched = 77;
    size_t bytes = untouched;
    errno = 0;
    int result = zm_probe_rss(&bytes);
    must(fake_proc_is_closed(), "a file was left open");
    must(result == (there ? 0 : -1), "result %d, expected %zu bytes", result, expected);
    must(there || errno == error, "errno is %d, not %d", errno, error);
    must(bytes == (there ? expected : untouched), "%zu bytes, not %zu", bytes, expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    static const char *const paths[FILES] = {
        "/proc/self/statm",
        "/proc/thread-self/statm",
        "/proc/self/stat",
        "/proc/self/status",
        "/proc/thread-self/status",
        "/proc/meminfo",
        "/proc/sys/vm/nr_overcommit_hugepages",
    };
    struct input input = {data, data + length};
    struct fake_file files[FILES];
    unsigned how = 0;
    for (int i = 0; i < FILES; i++) {
        if (i == STATM || i == STATUS)
            how = take_byte(&input);
        files[i] = (struct fake_file){paths[i], take_until(&input, '\f'), (int)(how % 3)};
        how /= 3;
    }
    fake_proc(files, FILES, 0);
    compare(files);
    for (int i = 0; i < FILES; i++)
        free(files[i].text.at);
    return 0;
}
