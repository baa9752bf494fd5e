/* Which route a path names: an index over the route table, made once, that is walked one segment at a time. */
#ifndef MINHU_ROUTER_H
#define MINHU_ROUTER_H

#include "http.h"

enum { PATH_ARGS_MAX = 8, PATH_SEGMENTS_MAX = 16 };

struct router;

/* What stands in the path where the template has names in braces, in that order. */
struct path_args {
    struct str values[PATH_ARGS_MAX];
    size_t n;
};

struct router_match {
    unsigned methods; /* bit m set: the path takes enum http_method m; 0: there is no such path */
    int index;        /* in the route table; -1 when the method is none of methods */
    struct path_args args;
};

/* NULL, with the reason in error, when the table is not sound: see the checks in router.c. The table must outlive it.
 */
struct router *router_make(const struct route *routes, size_t n, char *error, size_t error_size);
void router_free(struct router *r);

/* A literal segment goes before a name in braces. The path must be canonical. */
void router_find(const struct router *r, enum http_method method, struct str path, struct router_match *match);
/* The route of an operation, or -1. */
int router_operation(const struct router *r, struct str operation);
/* Takes the arguments of a path that is known to belong to this route; false when it does not. */
bool router_split(const struct route *route, struct str path, struct path_args *args);
/* Fills object (zeroed, of the path schema's size) from the arguments; violations stand under "{name}". *absent is set
 * when an id is malformed: such a thing cannot exist, and is answered as one that does not. */
void router_decode(const struct route *route, const struct path_args *args, void *object, bool *absent,
                   struct violations *v, struct arena *a);

/* Walks a path or template: takes the next segment off *rest (which starts with '/'); false at its end. */
bool path_next(struct str *rest, struct str *segment);
/* The name in "{name}"; p == NULL for a literal segment. */
struct str path_name(struct str segment);
/* May this byte stand in a path? (ASCII letters, digits, '-', '_', '.') */
bool path_char(char c);

#endif
