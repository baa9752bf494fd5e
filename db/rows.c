/* The descriptors of rows.def, and rows as bytes. */
#include "rows.h"

#include <string.h>

#define PART(name, row, count) \
    const struct db_row_type row_type_##name = {#name, sizeof(struct row_##row), count, columns_##row};
#define ROW(name) static const struct db_column columns_##name[] = {
#define COL(row, type, member) {#member, DB_##type, offsetof(struct row_##row, member)},
#define END(name) \
    } \
    ; \
    const struct db_row_type row_type_##name = {#name, sizeof(struct row_##name), \
                                                sizeof columns_##name / sizeof *columns_##name, columns_##name};
#include "rows.def"

/* ---- packed: the columns one after the other, a text as its length and its bytes ---- */

enum { TEXT_NULL = UINT16_MAX };

static size_t fixed_size(enum db_column_type type) {
    static const size_t sizes[] = {[DB_INT] = 8, [DB_TIME] = 8, [DB_ID] = 16, [DB_HASH] = 32, [DB_TEXT] = 0};
    return sizes[type];
}

size_t row_pack(const struct db_row_type *type, const void *row, void *out, size_t max) {
    char *to = out, *end = to + max;
    for (size_t i = 0; i < type->count; i++) {
        const char *from = (const char *)row + type->columns[i].offset;
        size_t n = fixed_size(type->columns[i].type);
        struct str text;
        uint16_t length;
        if (!n) {
            memcpy(&text, from, sizeof text);
            if (text.p && text.n >= TEXT_NULL) return 0;
            length = text.p ? (uint16_t)text.n : TEXT_NULL;
            if ((size_t)(end - to) < sizeof length) return 0;
            memcpy(to, &length, sizeof length);
            to += sizeof length;
            from = text.p;
            n = text.p ? text.n : 0;
        }
        if ((size_t)(end - to) < n) return 0;
        if (n) memcpy(to, from, n);
        to += n;
    }
    return (size_t)(to - (char *)out);
}

/* Moves *n bytes off the front; NULL when there are not so many. */
static const char *take(const char **from, const char *end, size_t n) {
    const char *p = *from;
    if ((size_t)(end - p) < n) return NULL;
    *from += n;
    return p;
}

static bool unpack_text(const char **from, const char *end, struct arena *a, struct str *text) {
    uint16_t length;
    const char *p = take(from, end, sizeof length);
    if (!p) return false;
    memcpy(&length, p, sizeof length);
    if (length == TEXT_NULL) return true;
    p = take(from, end, length);
    if (!p) return false;
    *text = arena_str(a, (struct str){p, length});
    return text->p != NULL;
}

void *row_unpack(const struct db_row_type *type, const void *bytes, size_t n, struct arena *a) {
    const char *from = bytes, *end = from + n;
    char *row = arena_alloc(a, type->size);
    for (size_t i = 0; row && i < type->count; i++) {
        char *to = row + type->columns[i].offset;
        size_t size = fixed_size(type->columns[i].type);
        struct str text = {0};
        const char *p = size ? take(&from, end, size) : NULL;
        if (size ? !p : !unpack_text(&from, end, a, &text)) return NULL;
        if (size) memcpy(to, p, size);
        else memcpy(to, &text, sizeof text);
    }
    return from == end ? row : NULL;
}
