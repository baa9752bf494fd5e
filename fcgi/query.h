/* A query string, decoded by a schema. */
#ifndef MINHU_QUERY_H
#define MINHU_QUERY_H

#include "base/rc.h"
#include "base/schema.h"

enum { QUERY_PARAMS_MAX = 32, QUERY_NAME_MAX = 64 };

/* Fills object (zeroed, s->size bytes; NULL when s is NULL, and then every parameter is unknown) from
 * "a=1&b=%E4%B8%AD". What is wrong becomes a violation under "?name". RC_OK, RC_INVALID or RC_INTERNAL (memory). */
enum rc query_decode(struct str query, const struct schema *s, void *object, struct violations *v,
                     struct arena *a) MUST_USE;

#endif
