/* Matters of units that have ended. */
#include "acts/succeed.h"

#include "acts/change_private.h"
#include "acts/moves.h"
#include "acts/pause.h"
#include "acts/request.h"
#include "base/uuid.h"
#include "rules/succession.h"

const struct unit *succeed_to(const struct act *act, const struct row_appeal *a, const struct unit *unit) {
    const struct matter m = move_matter(act, a);
    return unit ? succession_heir(act->district, unit, &m) : NULL;
}

static enum rc close_line(struct act *act, struct row_appeal *a) {
    if (!state_runs((enum state)a->state)) return RC_OK;
    return appeal_paused(a) ? pause_divide(act, a) : change_close_line(act, a, act->now_us, false);
}

/* Posts go along with their units: who had it has it still, unless he went to another of the heirs. */
static enum rc keep_assignee(struct act *act, struct row_appeal *a) {
    struct row_post *post;
    if (uuid_is_zero(a->assignee_id)) return RC_OK;
    enum rc rc = db_row(act->db, ST_post_any, DB_VALUES(v_id(a->assignee_id)), act->arena, &post);
    if (rc != RC_OK || (post && !post->ended_at && post->unit_id == a->holder_unit_id)) return rc;
    memset(a->assignee_id, 0, 16);
    if (a->state == STATE_PROCESSING) a->state = STATE_ACCEPTED;
    return RC_OK;
}

enum rc succeed_matter(struct act *act, struct row_appeal *a, const struct change *c) {
    (void)c;
    const struct unit *holder = unit_by_id(act->district, a->holder_unit_id);
    const struct unit *sender = unit_by_id(act->district, a->sender_unit_id);
    if (!holder || !holder->heir_count)
        return act_fail(act, RC_CONFLICT, "该单位没有撤并。", "The unit that has it has not ended.");
    const struct unit *to = succeed_to(act, a, holder);
    enum rc rc = close_line(act, a);
    a->holder_unit_id = to->id;
    a->tier = to->tier;
    if (sender && unit_stands_for(to, sender)) a->sender_unit_id = 0;
    if (rc == RC_OK) rc = keep_assignee(act, a);
    if (rc == RC_OK && a->request) rc = request_hand_on(act, a);
    memcpy(act->event->target_id, a->assignee_id, 16);
    act->event->public = a->is_open; /* what has ended has nothing new to tell its reporter */
    return rc;
}
