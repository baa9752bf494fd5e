/* Links of parts: made and revoked. */
#include "acts/links.h"

#include "acts/parts.h"
#include "base/crypto.h"
#include "base/timefmt.h"
#include "base/uuid.h"

enum rc link_make(struct act *act, const struct row_part *p, int64_t days, char token[TOKEN_TEXT + 1],
                  struct row_appeal **after) {
    struct link_change link = {.expires_at = act->now_us + days * DAY_S * SECOND_US};
    struct change c = {.action = ACT_PART_LINK, .detail = p->n, .link = &link};
    uint8_t secret[32];
    if (!random_bytes(secret, sizeof secret) || !uuid_make(act->now_us, link.id)) return RC_INTERNAL;
    token_format("mhp_", secret, token);
    wipe(secret, sizeof secret);
    return token_hash(str_of(token), link.hash) ? appeal_change(act, p->appeal_id, &c, after) : RC_INTERNAL;
}

enum rc link_revoke(struct act *act, const struct row_part *p, struct row_appeal **after) {
    struct link_change none = {0};
    struct change c = {.action = ACT_PART_UNLINK, .detail = p->n, .link = &none};
    return appeal_change(act, p->appeal_id, &c, after);
}
