/* An answer as CGI headers and a body. */
#ifndef MINHU_RESPONSE_H
#define MINHU_RESPONSE_H

#include "http.h"

/* What cross-origin rules add to every answer. */
struct cors_answer {
    bool configured;         /* some origins are allowed: answers vary by Origin */
    struct str allow_origin; /* p == NULL: this request's is not */
};

/* Zeroes res and points it at a body of at most max bytes. */
void response_init(struct response *res, struct arena *a, size_t max);
/* The last touches before res goes out: standard status and Retry-After. */
void response_complete(const struct request *req, struct response *res);
/* True when the answer has an ETag that the caller's If-None-Match names (weak comparison). */
bool response_not_modified(const struct request *req, const struct response *res);
/* The value of a header that was added, or NULL. */
const char *response_find(const struct response *res, const char *name);
/* Writes all to out. False when memory is used up: then out holds a short 500 that needed none. */
bool response_write(const struct request *req, const struct response *res, const struct cors_answer *cors,
                    struct buf *out);

#endif
