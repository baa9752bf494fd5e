/* JSON in: hostile text to a described struct (schema.h), on yajl. The only user of yajl is json_yajl.c. */
#ifndef MINHU_JSON_READ_H
#define MINHU_JSON_READ_H

#include "base/rc.h"
#include "base/schema.h"

enum { JSON_DEPTH_MAX = 16, JSON_MEMBERS_MAX = 256, JSON_ITEMS_MAX = 1000, JSON_KEY_MAX = 64 };

/* Decodes one JSON object into object (zeroed first). Texts are copied into the arena; only an F_RAW member is a slice
 * of text itself. Every violation is collected: unknown and duplicate keys, missing required ones, wrong types, bounds.
 * null counts as absent. Strict: UTF-8 without overlong forms or surrogates, escapes that pair, no NUL, no comments,
 * nothing after the value. Returns RC_OK, RC_BAD_JSON (not JSON, too deep, too many members), RC_INVALID (violations
 * hold what) or RC_INTERNAL (memory). */
enum rc json_read(struct str text, const struct schema *s, void *object, struct violations *v,
                  struct arena *a) MUST_USE;

struct json_pair {
    struct str key, value;
};
/* Decodes a flat object whose values are strings, whole numbers or booleans, all given as text; for the by-name form's
 * path and query. Duplicate keys and other types are violations under prefix. */
enum rc json_read_pairs(struct str text, const char *prefix, struct json_pair **pairs, size_t *n, struct violations *v,
                        struct arena *a) MUST_USE;

/* Any JSON document as a tree, for what is not a request: host apps' answers, the contract in tests. Same strictness
 * and depth, but a doubled key is kept (json_at finds the first); numbers stay as text. */
enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
struct json_value {
    enum json_kind kind;
    struct str key;  /* inside an object */
    struct str text; /* number or string */
    struct json_value *child, *next;
};
/* max_members bounds the number of values in the whole document. */
enum rc json_parse(struct str text, size_t max_members, struct json_value **root, struct arena *a) MUST_USE;
/* Follows member names, e.g. json_at(v, "content", "data", NULL); NULL when one is absent. Safe on NULL. */
const struct json_value *json_at(const struct json_value *v, ...) __attribute__((sentinel));
/* The text of a string or number; p == NULL for anything else or NULL. */
struct str json_text(const struct json_value *v);

#endif
