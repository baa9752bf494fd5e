/* Posts: ending one gives its open tasks back to the unit's box, and its parts of others' matters to the unit, in the same
 * transaction. */
#ifndef MINHU_POSTS_H
#define MINHU_POSTS_H

#include "acts/act.h"

/* Within a transaction; the asker is an administrator of the post's unit or of one above (or the system). holder: set to
 * whose post it was, once it is found. */
enum rc post_end(struct act *act, const uint8_t post_id[16], uint8_t holder[16]) MUST_USE;

#endif
