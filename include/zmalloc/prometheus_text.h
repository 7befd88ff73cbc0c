/* The text of prometheus.h: bytes that count where they have no room, the paths of groups, and
 * samples. Not for callers.
 *
 * SPDX-License-Identifier: BSD-3-Clause */
#ifndef ZMALLOC_PROMETHEUS_TEXT_H
#define ZMALLOC_PROMETHEUS_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../zmalloc.h"

/* ---- The page ---- */

struct zm_prom_page {
    char *buf;
    size_t len;
    size_t length; /* of the text so far, of which only the start may be in buf */
};

/* The last byte of buf gets its NUL in the end. */
static inline void zm_prom_put_at(struct zm_prom_page *page, size_t at, char byte)
{
    if (at < page->len)
        page->buf[at] = byte;
}

static inline void zm_prom_put(struct zm_prom_page *page, const char *text)
{
    for (; *text; text++)
        zm_prom_put_at(page, page->length++, *text);
}

static inline void zm_prom_put_number(struct zm_prom_page *page, uint64_t n)
{
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    zm_prom_put(page, digits + at);
}

/* ---- Paths, read from their end: a group knows its parent, and no recursion is needed ---- */

struct zm_prom_cursor {
    const zgroup *group;       /* NULL before the start of the path */
    const unsigned char *name; /* its name, of which this many bytes are in front of the cursor */
    size_t left;
    size_t replacing; /* bytes of U+FFFD that are still to come */
};

static inline struct zm_prom_cursor zm_prom_path_end(const zgroup *group)
{
    struct zm_prom_cursor cursor = {group, NULL, 0, 0};
    if (group) {
        cursor.name = (const unsigned char *)zgroup_name(group);
        cursor.left = strlen(zgroup_name(group));
    }
    return cursor;
}

/* The length of the UTF-8 character that begins here, 0 where none does. The second byte's range
 * leaves out longer forms than needed, surrogates, and what is above U+10FFFF (RFC 3629). */
static inline size_t zm_prom_character(const unsigned char *text)
{
    unsigned first = text[0];
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text[1] < least || text[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* Whether the byte is one of a UTF-8 character, which begins up to three bytes before it. */
static inline int zm_prom_is_utf8(const unsigned char *name, size_t at)
{
    size_t start = at;
    while (start > 0 && at - start < 3 && (name[start] & 0xc0) == 0x80)
        start--;
    return start + zm_prom_character(name + start) > at;
}

/* The byte in front of the cursor, which goes there; 0 at the start. */
static inline unsigned char zm_prom_previous(struct zm_prom_cursor *cursor)
{
    static const unsigned char replacement[] = {0xef, 0xbf, 0xbd};
    if (cursor->replacing > 0)
        return replacement[--cursor->replacing];
    if (cursor->left == 0) {
        *cursor = zm_prom_path_end(zgroup_parent(cursor->group));
        return cursor->group ? '/' : 0;
    }
    cursor->left--;
    if (zm_prom_is_utf8(cursor->name, cursor->left))
        return cursor->name[cursor->left];
    cursor->replacing = 2;
    return replacement[2];
}

/* Below 0, 0 for one path, or above: an order of the paths as they are written. */
static inline int zm_prom_compare(const zgroup *one, const zgroup *other)
{
    struct zm_prom_cursor a = zm_prom_path_end(one);
    struct zm_prom_cursor b = zm_prom_path_end(other);
    for (;;) {
        unsigned char x = zm_prom_previous(&a), y = zm_prom_previous(&b);
        if (x != y)
            return x < y ? -1 : 1;
        if (x == 0)
            return 0;
    }
}

static inline int zm_prom_is_escaped(unsigned char byte)
{
    return byte == '\\' || byte == '"' || byte == '\n';
}

static inline void zm_prom_put_path(struct zm_prom_page *page, const zgroup *group)
{
    unsigned char byte;
    struct zm_prom_cursor cursor = zm_prom_path_end(group);
    while ((byte = zm_prom_previous(&cursor)) != 0)
        page->length += zm_prom_is_escaped(byte) ? 2 : 1;
    size_t at = page->length;
    cursor = zm_prom_path_end(group);
    while ((byte = zm_prom_previous(&cursor)) != 0) {
        zm_prom_put_at(page, --at, byte == '\n' ? 'n' : (char)byte);
        if (zm_prom_is_escaped(byte))
            zm_prom_put_at(page, --at, '\\');
    }
}

/* ---- Metrics ---- */

struct zm_prom_metric {
    const char *name, *help;
    size_t (*figure)(const zgroup *group); /* NULL where it is not one of groups */
};

static inline void zm_prom_put_head(struct zm_prom_page *page, const struct zm_prom_metric *metric)
{
    zm_prom_put(page, "# HELP ");
    zm_prom_put(page, metric->name);
    zm_prom_put(page, " ");
    zm_prom_put(page, metric->help);
    zm_prom_put(page, "\n# TYPE ");
    zm_prom_put(page, metric->name);
    zm_prom_put(page, " gauge\n");
}

static inline void zm_prom_put_sample(struct zm_prom_page *page,
                                      const struct zm_prom_metric *metric, const zgroup *group,
                                      uint64_t bytes)
{
    zm_prom_put(page, metric->name);
    if (group) {
        zm_prom_put(page, "{group=\"");
        zm_prom_put_path(page, group);
        zm_prom_put(page, "\"}");
    }
    zm_prom_put(page, " ");
    zm_prom_put_number(page, bytes);
    zm_prom_put(page, "\n");
}

/* A limit of 0 is none. */
static inline uint64_t zm_prom_limit(uint64_t bytes)
{
    return bytes == 0 ? ZMALLOC_UNKNOWN : bytes;
}

#endif
