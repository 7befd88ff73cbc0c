/* Resident memory: from statm, that of the process or of the thread, or else from stat: all of
 * lib/probe/linux.c that finds it, over files that are not there or cannot be read. The input is
 *
 *     HOW STATM\f STATM-OF-THREAD\f STAT
 *
 * without the spaces: HOW is a byte that says what opens. */
#include <errno.h>
#include <stdlib.h>
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

static void compare(const struct fake_file files[3])
{
    int error;
    size_t expected = in_file(&files[0], oracle_statm, &error);
    if (expected == 0)
        expected = in_file(&files[1], oracle_statm, &error);
    if (expected == 0)
        expected = in_file(&files[2], oracle_stat, &error);

    size_t untouched = 77;
    size_t bytes = untouched;
    errno = 0;
    int result = zm_probe_rss(&bytes);
    must(fake_proc_is_closed(), "a file was left open");
    must(result == (expected > 0 ? 0 : -1), "result %d, expected %zu bytes", result, expected);
    must(result == 0 || errno == error, "errno is %d, not %d", errno, error);
    must(bytes == (expected > 0 ? expected : untouched), "%zu bytes, not %zu", bytes, expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    unsigned how = take_byte(&input);
    struct text statm = take_until(&input, '\f');
    struct text statm_of_thread = take_until(&input, '\f');
    struct text stat = take_rest(&input);
    const struct fake_file files[] = {
        {"/proc/self/statm", statm, (int)(how % 3)},
        {"/proc/thread-self/statm", statm_of_thread, (int)(how / 3 % 3)},
        {"/proc/self/stat", stat, (int)(how / 9 % 3)},
    };
    fake_proc(files, sizeof files / sizeof files[0], 0);
    compare(files);
    free(statm.at);
    free(statm_of_thread.at);
    free(stat.at);
    return 0;
}
