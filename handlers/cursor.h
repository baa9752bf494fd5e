/* Paging by cursor: opaque, MACed, bound to the list and its filter. */
#ifndef MINHU_CURSOR_H
#define MINHU_CURSOR_H

#include "app.h"

/* The place in an ordered list: a key (due time, sequence; 0 where ids alone order) and the id of the last item. */
struct cursor {
    int64_t key;
    uint8_t id[16];
};

enum { LIMIT_DEFAULT = 20, LIMIT_MAX = 100, CURSOR_TEXT_MAX = 60 };

/* What every list's query has; a list's query struct starts with these members. */
struct list_query {
    uint64_t seen;
    int64_t limit;
    struct str cursor;
};
#define LIST_FIELDS(type) \
    {"limit", F_INT, offsetof(struct type, list.limit), false, 1, LIMIT_MAX, NULL, NULL}, { \
        "cursor", F_TEXT, offsetof(struct type, list.cursor), false, 1, CURSOR_TEXT_MAX, NULL, NULL \
    }

/* filter: the parts of the query that the cursor is bound to, as text. start is used when no cursor was given.
 * RC_CURSOR for a cursor of another list or filter, or a forged one. */
enum rc cursor_read(struct request *req, const struct list_query *q, const char *filter, const struct cursor *start,
                    struct cursor *out) MUST_USE;

/* A list's statements: for its first page, for the pages after a cursor, and both for the brief view. */
struct page_statements {
    enum statement first, next, first_brief, next_brief;
};
#define PAGES(name) \
    { ST_##name##_first, ST_##name, ST_##name##_brief_first, ST_##name##_brief }
struct page {
    const struct page_statements *statements;
    bool brief, next;
    int64_t limit;
};
/* Reads one page: where are the values of every page's statement, after those of the place to go on from, which the pages
 * after the first have too; the limit comes last. */
enum rc page_read(struct request *req, const struct page *p, const struct db_value *where, size_t where_n,
                  const struct db_value *after, size_t after_n, struct row_appeal_item **items, size_t *n) MUST_USE;

static inline int64_t list_limit(const struct list_query *q) { return q->limit ? q->limit : LIMIT_DEFAULT; }
/* Ends a list: closes the items array and writes next_cursor (null without more) and the Link header. next may be NULL. */
enum rc list_end(struct request *req, struct response *res, const char *filter, const struct cursor *next) MUST_USE;

#endif
