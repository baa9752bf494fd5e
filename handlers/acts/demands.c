/* Numbers and answers demands. */
#include "acts/demands.h"

#include "base/buf.h"
#include "base/utf8.h"

/* The demands that event n tells of; none when it has gone or tells of none. */
static enum rc read_event(const struct act *act, const struct row_appeal *a, int64_t n, struct demands *d) {
    struct row_event *e;
    enum rc rc = db_row(act->db, ST_event_of, DB_VALUES(v_id(a->id), v_int(n)), act->arena, &e);
    if (rc == RC_OK && !(e && demands_read(e->text, d))) d->n = 0;
    return rc;
}

enum rc demands_of(const struct act *act, const struct row_appeal *a, const struct row_event *event,
                   struct demands *d) {
    d->n = 0;
    if (!a->demands_n) {
        demands_find(a->title, a->text, d);
        return RC_OK;
    }
    if (!event) return read_event(act, a, a->demands_n, d);
    if (!demands_read(event->text, d)) d->n = 0;
    return RC_OK;
}

enum rc demands_may_number(const struct act *act, const struct row_appeal *a) {
    (void)act;
    return a->demands_set >= DEMANDS_SET_MAX ? RC_LIMIT_REACHED : RC_OK;
}

static bool same_texts(const struct demands *x, const struct demands *y) {
    if (x->n != y->n) return false;
    for (size_t i = 0; i < x->n; i++)
        if (!str_eq(x->list[i].text, y->list[i].text)) return false;
    return true;
}

enum rc demands_number(struct act *act, struct row_appeal *a, const struct change *c) {
    struct demands before, now;
    enum rc rc = demands_of(act, a, NULL, &before);
    if (rc == RC_OK && demands_read(c->text, &now) && same_texts(&before, &now))
        return act_fail(act, RC_CONFLICT, "诉求点没有变化。", "The demands are these already.");
    a->demands_n = a->events + 1;
    a->demands_set++;
    return rc;
}

/* ---- answering ---- */

/* The lead who gives none means the proposal's; unless the demands have changed since. */
static enum rc take_proposed(const struct act *act, const struct row_appeal *a, const struct demands *d,
                             struct demands *answers) {
    struct demands proposed;
    answers->n = 0;
    if (!a->proposal_n) return RC_OK;
    enum rc rc = read_event(act, a, a->proposal_n, &proposed);
    if (rc == RC_OK && same_texts(d, &proposed)) *answers = proposed;
    return rc;
}

/* Which are left out, for people: 2、3 */
static enum rc left_out(struct act *act, const struct demands *d) {
    struct buf b;
    buf_init(&b, act->arena, 64);
    for (size_t i = 0; i < d->n; i++)
        if (d->list[i].outcome == DEMAND_OPEN) buf_printf(&b, "%s%zu", b.n ? "、" : "", i + 1);
    const struct str which = buf_str(&b);
    const char *zh = arena_printf(act->arena, "第 %.*s 项诉求点还没有答复；请逐项答复，或说明不予支持的理由。",
                                  (int)which.n, which.p),
               *en = arena_printf(act->arena, "Demands left out: %.*s; answer each, or refuse it with a reason.",
                                  (int)which.n, which.p);
    return zh && en && !b.failed ? act_fail(act, RC_INVALID, zh, en) : RC_INTERNAL;
}

static enum rc take_answers(struct act *act, struct demands *d, const struct demands *answers) {
    static const struct demand none = {.outcome = DEMAND_OPEN};
    bool all = true;
    if (answers->n > d->n)
        return act_fail(act, RC_INVALID, "答复的序号超出了诉求点的个数，请按最新的诉求点逐项答复。",
                        "There is no demand with that number; answer those that there are.");
    for (size_t i = 0; i < d->n; i++) {
        const struct demand *answer = i < answers->n ? &answers->list[i] : &none;
        d->list[i].outcome = answer->outcome;
        d->list[i].answer = answer->answer;
        d->list[i].reason = answer->reason;
        all = all && answer->outcome != DEMAND_OPEN;
    }
    return all ? RC_OK : left_out(act, d);
}

enum rc demands_answer(struct act *act, struct row_appeal *a, const struct change *c) {
    struct demands d, answers = {.n = 0};
    if (act->asker.kind != ACTOR_STAFF) return RC_OK;
    if (demands_result(c->text).n != c->text.n)
        return act_fail(act, RC_INVALID, "逐项答复请填写在 answers 中，不要写进结果说明。",
                        "Give the answers to each demand in answers, not within the text.");
    enum rc rc = demands_of(act, a, NULL, &d);
    if (c->demands) answers = *c->demands;
    else if (rc == RC_OK) rc = take_proposed(act, a, &d, &answers);
    if (rc != RC_OK || (d.n < 2 && !answers.n)) return rc; /* the result answers the one that there is */
    rc = take_answers(act, &d, &answers);
    if (rc != RC_OK) return rc;
    act->event->text = demands_write(act->arena, c->text, &d);
    if (!act->event->text.p) return RC_INTERNAL;
    if (utf8_count(act->event->text) > DEMANDS_ANSWERED_MAX)
        return act_fail(act, RC_INVALID, "结果说明和逐项答复合计过长，请精简。",
                        "The result and its answers together are too long; shorten them.");
    if (c->action != ACT_PROPOSE) a->demands_n = a->events + 1;
    return RC_OK;
}
