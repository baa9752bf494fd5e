/* Links of parts: made and revoked. */
#include "acts/links.h"

#include "acts/parts.h"
#include "base/crypto.h"
#include "base/timefmt.h"
#include "base/uuid.h"

static enum rc end_links(struct act *act, const struct row_part *p) {
    return db_run(act->db, ST_part_links_end, DB_VALUES(v_time(act->now_us), v_id(p->appeal_id), v_int(p->n)), NULL);
}

enum rc link_make(struct act *act, const struct row_part *p, int64_t days, char token[TOKEN_TEXT + 1],
                  struct row_appeal **after) {
    struct link_change link = {.expires_at = act->now_us + days * DAY_S * SECOND_US};
    struct change c = {.action = ACT_PART_LINK, .detail = p->n, .link = &link};
    uint8_t secret[32], hash[32], id[16];
    enum rc rc = appeal_change(act, p->appeal_id, &c, after);
    if (rc == RC_OK) rc = end_links(act, p);
    if (rc != RC_OK) return rc;
    if (!random_bytes(secret, sizeof secret) || !uuid_make(act->now_us, id)) return RC_INTERNAL;
    token_format("mhp_", secret, token);
    wipe(secret, sizeof secret);
    if (!token_hash(str_of(token), hash)) return RC_INTERNAL;
    return db_run(act->db, ST_part_link_insert,
                  DB_VALUES(v_id(id), v_hash(hash), v_id(p->appeal_id), v_int(p->n), v_id(act->asker.id),
                            v_time(link.expires_at)),
                  NULL);
}

enum rc link_revoke(struct act *act, const struct row_part *p, struct row_appeal **after) {
    struct link_change link = {0};
    struct change c = {.action = ACT_PART_UNLINK, .detail = p->n, .link = &link};
    enum rc rc = appeal_change(act, p->appeal_id, &c, after);
    return rc == RC_OK ? end_links(act, p) : rc;
}
