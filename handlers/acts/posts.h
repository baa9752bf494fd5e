/* Posts: ending one gives its open tasks back to the unit's box in the same transaction. */
#ifndef MINHU_POSTS_H
#define MINHU_POSTS_H

#include "acts/act.h"

/* Within a transaction; the asker is an administrator of the post's unit or of one above (or the system). */
enum rc post_end(struct act *act, const uint8_t post_id[16]) MUST_USE;

#endif
