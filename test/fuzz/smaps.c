/* The sum over /proc/PID/smaps, of a text as a whole and read in pieces. The input is
 *
 *     SIZE CUT FIELD\n TEXT
 *
 * without the spaces: SIZE is a byte that says how large the buffer for pieces is, CUT one that
 * says where they are cut. */
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "probe/proc_text.h"

static size_t after_last_newline(struct text text)
{
    size_t length = text.length;
    while (length > 0 && text.at[length - 1] != '\n')
        length--;
    return length;
}

static void add_as_whole(struct text text, struct text field)
{
    struct oracle_number expected = oracle_smaps(text, field, SIZE_MAX);
    struct zm_smaps_sum sum = {.field = field.at, .field_length = field.length};
    size_t taken = zm_smaps_add(&sum, text.at, text.length);
    must(taken == after_last_newline(text), "%zu bytes were taken", taken);
    must(sum.found == expected.there, "found is %d", sum.found);
    must(sum.bytes == expected.value, "the sum is %zu, not %zu", sum.bytes, expected.value);
}

static void check_sum(const struct zm_smaps_sum *sum, struct text text, struct text field,
                      size_t size)
{
    struct oracle_number expected = oracle_smaps(text, field, size);
    must(sum->found == expected.there, "in pieces, found is %d", sum->found);
    must(sum->bytes == expected.value, "in pieces the sum is %zu, not %zu", sum->bytes,
         expected.value);
}

/* Two fields at once: that of the input, and another. */
static void add_in_pieces(struct text text, struct text field, size_t size, uint32_t seed)
{
    char name[] = "Rss";
    struct text other = {name, sizeof name - 1};
    struct zm_smaps_sum sums[] = {{.field = field.at, .field_length = field.length},
                                  {.field = other.at, .field_length = other.length}};
    char *buffer = malloc(size);
    must(buffer, "no memory for the input");
    size_t kept = 0;
    for (size_t at = 0; at < text.length;) {
        must(kept < size, "no room for a piece");
        size_t room = size - kept;
        size_t left = text.length - at;
        size_t piece = 1 + next_number(&seed) % (room < left ? room : left);
        memcpy(buffer + kept, text.at + at, piece);
        kept = zm_smaps_add_piece(sums, 2, buffer, size, kept + piece);
        at += piece;
    }
    free(buffer);
    check_sum(&sums[0], text, field, size);
    check_sum(&sums[1], text, other, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    struct input input = {data, data + length};
    size_t size = 2 + take_byte(&input);
    uint32_t seed = take_byte(&input);
    struct text field = take_until(&input, '\n');
    struct text text = take_rest(&input);
    if (can_be_field(field)) {
        add_as_whole(text, field);
        add_in_pieces(text, field, size, seed);
    }
    free(field.at);
    free(text.at);
    return 0;
}
