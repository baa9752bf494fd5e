/* split_off. */
#include "acts/split.h"

#include "base/uuid.h"

/* The texts are sealed for this row and no other, so they are opened and sealed again. */
static enum rc take_over(struct act *act, const struct row_appeal *a, struct submission *s) {
    enum rc rc = unseal(act->keys, PLACE_APPEAL_NAME, a->id, a->reporter_name, act->arena, &s->name);
    if (rc == RC_OK) rc = unseal(act->keys, PLACE_APPEAL_PHONE, a->id, a->reporter_phone, act->arena, &s->phone);
    s->of = a;
    s->channel = (enum channel)a->channel;
    s->kind = (enum kind)a->kind;
    s->withheld = a->withheld;
    s->about = unit_by_id(act->district, a->about_unit_id);
    if (!s->place) s->place = place_by_id(act->district, a->place_id);
    return rc;
}

enum rc split_off(struct act *act, struct row_appeal *a, const struct change *c) {
    struct submission s = *c->part;
    struct act other = *act; /* what a submission leaves in it is the other appeal's */
    struct row_appeal *part;
    enum rc rc = take_over(act, a, &s);
    if (rc == RC_OK) rc = appeal_submit(&other, &s, &part);
    if (rc != RC_OK) return act_fail(act, rc, other.zh, other.en);
    memcpy(act->event->target_id, part->id, 16);
    return RC_OK;
}
