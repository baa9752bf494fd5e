/* CGI parameters, as the product's own nginx configuration passes them, into a request. */
#ifndef MINHU_REQUEST_DECODE_H
#define MINHU_REQUEST_DECODE_H

#include "address.h"
#include "transport.h"

enum { PATH_MAX_BYTES = 512, QUERY_MAX_BYTES = 2048, KEY_MAX_BYTES = 255, TOKEN_MAX_BYTES = 512 };

/* Fills req (zeroed, with its arena set) as far as it can, language, address and id also when something is refused, so
 * that the refusal can be told well. RC_OK or the first thing that is wrong. */
enum rc request_decode(struct request *req, struct exchange *x, const struct address_list *trusted) MUST_USE;

/* An Idempotency-Key as it is sent, bare or as a quoted sf-string, to the key itself; p == NULL when it is none. */
struct str idempotency_key_of(struct str text);
/* "Bearer TOKEN" to the token; p == NULL for another scheme or a token that can be none. */
struct str bearer_of(struct str text);
/* True when an Accept-Language header ranks English above Chinese. */
bool language_is_english(struct str accept);
/* Is this path in its canonical form, of bytes that our paths use? */
bool path_is_canonical(struct str path);

#endif
