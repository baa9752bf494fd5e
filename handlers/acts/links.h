/* Links by which somebody without an account answers for one part of joint handling: a token, shown once, of which the hash is kept;
 * it opens nothing but its part, expires, and can be revoked. One a part: a new one ends the one before. It is kept in the part's row,
 * so that the row's MAC covers whose word counts, too. */
#ifndef MINHU_LINKS_H
#define MINHU_LINKS_H

#include "acts/change.h"
#include "base/token.h"

enum { LINK_DAYS = 7, LINK_DAYS_MAX = 30 };

/* The link that a part has after PART_LINK; all zero after PART_UNLINK. */
struct link_change {
    int64_t expires_at;
    uint8_t id[16], hash[32];
};

/* Within a transaction, by the lead. RC_CONFLICT for a part that isn't open, or, revoking, without a link. */
enum rc link_make(struct act *act, const struct row_part *p, int64_t days, char token[TOKEN_TEXT + 1],
                  struct row_appeal **after) MUST_USE;
enum rc link_revoke(struct act *act, const struct row_part *p, struct row_appeal **after) MUST_USE;

#endif
