/* The by-name form's other half: every answer of its route, a refusal too, goes out in the envelope. */
#ifndef MINHU_BYNAME_H
#define MINHU_BYNAME_H

#include "dispatch.h"

static inline bool byname_is(const struct route *route) { return route && route->handler == byname_call; }
/* Replaces res, complete, by {"status":…,"headers":{…},"body":…}. */
void byname_wrap(struct request *req, struct response *res);

#endif
