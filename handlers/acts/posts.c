/* post_end. */
#include "acts/posts.h"

#include "acts/audit.h"
#include "acts/change.h"

static enum rc may_end(const struct act *act, const struct unit *unit) {
    const struct asker *k = &act->asker;
    if (k->kind == ACTOR_SYSTEM) return RC_OK;
    if (!unit || k->kind != ACTOR_STAFF || !unit_is_below(unit, k->unit)) return RC_NOT_FOUND;
    return role_abilities(k->role, k->unit->tier) & ABLE_STAFF ? RC_OK : RC_FORBIDDEN;
}

/* The release is the system's: whoever ends the post need not be anything to the appeals. */
static enum rc release_tasks(struct act *act, const uint8_t post_id[16], int64_t unit_id) {
    struct row_id *tasks;
    struct row_part_key *parts;
    size_t n, part_count;
    enum rc rc = db_rows(act->db, ST_assigned_to_post, DB_VALUES(v_id(post_id), v_int(BOX_IN_HAND)), act->arena, &tasks,
                         &n);
    if (rc == RC_OK)
        rc = db_rows(act->db, ST_parts_of_post, DB_VALUES(v_int(unit_id), v_id(post_id)), act->arena, &parts,
                     &part_count);
    struct act system = *act;
    system.asker = (struct asker){.kind = ACTOR_SYSTEM};
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct row_appeal *after;
        rc = appeal_change(&system, tasks[i].id, &(struct change){.action = ACT_RELEASE}, &after);
    }
    for (size_t i = 0; rc == RC_OK && i < part_count; i++) {
        struct change c = {.action = ACT_PART_ASSIGN, .detail = parts[i].n};
        struct row_appeal *after;
        rc = appeal_change(&system, parts[i].appeal_id, &c, &after);
    }
    return rc;
}

enum rc post_end(struct act *act, const uint8_t post_id[16], uint8_t holder[16]) {
    struct row_post *post;
    int64_t ended = 0;
    enum rc rc = db_row(act->db, ST_post_any, DB_VALUES(v_id(post_id)), act->arena, &post);
    if (rc != RC_OK) return rc;
    if (!post) return RC_NOT_FOUND;
    memcpy(holder, post->staff_id, 16);
    rc = may_end(act, unit_by_id(act->district, post->unit_id));
    if (rc != RC_OK) return rc;
    rc = db_run(act->db, ST_post_end, DB_VALUES(v_time(act->now_us), v_id(post_id)), &ended);
    if (rc == RC_OK && !ended) return act_fail(act, RC_CONFLICT, "该岗位已结束。", "This post has ended already.");
    if (rc == RC_OK) rc = release_tasks(act, post_id, post->unit_id);
    return rc == RC_OK ? audit_write(act, AUDIT_POST_END, post_id, "") : rc;
}
