/* Descriptors of what comes in: one table says a body's, a query's or a path's fields, and one decoder each
 * (json_read.h, fcgi/query.h) fills a struct from it. The contract's test compares these tables with the contract. */
#ifndef MINHU_SCHEMA_H
#define MINHU_SCHEMA_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

/* The member a field fills must have the C type named here. */
enum field_type {
    F_TEXT, /* struct str; min and max count code points, min without what is blank at both ends; printable text: no control but TAB and LF, no NUL */
    F_INT,  /* int64_t; min and max are its bounds; decimal, without fraction or exponent, within 53 bits */
    F_BOOL, /* bool */
    F_ENUM, /* int: the index into names[] */
    F_UUID, /* uint8_t[16], from the hyphenated lower- or upper-case form */
    F_DEGREES, /* int64_t: a JSON number of degrees in millionths (at most 6 decimals); min and max in millionths */
    F_TIME,    /* int64_t: RFC 3339 with offset, as microseconds since the epoch, UTC */
    F_UUIDS,   /* struct uuid_list; min and max count items; no item twice */
    F_OBJECTS, /* struct object_list; min and max count items, each an object by the schema item */
    F_RAW      /* struct str: a JSON object as it stands in the text; decoded again by somebody else */
};

struct uuid_list {
    const uint8_t (*ids)[16];
    size_t n;
};

/* As many structs of the item's schema, one behind the other: ((const struct thing *)list.items)[i]. */
struct object_list {
    const void *items;
    size_t n;
};

struct schema;
struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    bool required;
    int64_t min, max;
    const char *const *names;  /* F_ENUM: NULL-terminated */
    const struct schema *item; /* F_OBJECTS */
};

/* A struct that is described starts with `uint64_t seen;`: bit i is set when fields[i] was given (and not null). */
struct schema {
    const char *name; /* as in the contract's components */
    size_t size;
    const struct field *fields;
    size_t count; /* at most 64 */
};

#define FIELD_SEEN(object, index) (((object)->seen >> (index)) & 1u)

enum violation_code {
    V_REQUIRED,
    V_TYPE,
    V_TOO_SHORT,
    V_TOO_LONG,
    V_TOO_SMALL,
    V_TOO_LARGE,
    V_NOT_ONE_OF,
    V_FORMAT,
    V_UNKNOWN,
    V_DUPLICATE,
    V_TOO_FEW,
    V_TOO_MANY,
    V_TEXT,
    V_OTHER,
    V__MAX
};

struct violation {
    struct violation *next;
    const char *pointer; /* JSON pointer into the body (RFC 6901), or "?name" for a query parameter */
    enum violation_code code;
    int64_t bound;             /* the limit that was broken, where the code has one */
    const char *zh, *en;       /* V_OTHER: what to do; else NULL and problem.c has the text */
    const struct field *field; /* what was described, where known: its type and values go into the text */
};

/* All that is wrong with one request; at most VIOLATIONS_MAX are kept. */
enum { VIOLATIONS_MAX = 50 };
struct violations {
    struct arena *arena;
    struct violation *first, *last;
    int count;
};

void violations_init(struct violations *v, struct arena *a);
/* pointer is copied. */
void violations_add_field(struct violations *v, const char *pointer, enum violation_code code, int64_t bound,
                          const struct field *field);
void violations_add(struct violations *v, const char *pointer, enum violation_code code, int64_t bound);
void violations_add_text(struct violations *v, const char *pointer, const char *zh, const char *en);
/* "required", "too_long", …: stable, part of the contract. */
const char *violation_name(enum violation_code code);

/* Decodes one plain text (query, path) by its field into object; adds a violation under pointer when it does not fit.
 * Serves every type but F_RAW and lists. Returns false when a violation was added. */
bool field_from_text(const struct field *f, struct str text, void *object, struct violations *v, const char *pointer);

#endif
