/* Who is asking, by the token or key of the request. */
#ifndef MINHU_CALLERS_H
#define MINHU_CALLERS_H

#include "app.h"

/* Fills req->principal. The caller's row comes from the cache that all processes of the entry share, when it was read
 * less than [tokens] recheck_seconds ago, else from the database by one joined statement. */
enum rc callers_authenticate(struct request *req);

/* What was remembered of this person counts no more. Call it after the commit of what changes somebody's sessions, post
 * or profile; what changes elsewhere (minhuctl, another machine) is seen when recheck_seconds are over. */
void callers_forget(const uint8_t person_id[16]);

#endif
