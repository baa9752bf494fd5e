/* change_clean: every text that a change can bring along, in one place, whoever writes it and by whatever way. */
#include "acts/clean.h"

#include "acts/meetings.h"
#include "acts/parts.h"
#include "base/buf.h"
#include "rules/demands.h"
#include "rules/scrub.h"

enum { LIST_MAX = 64 << 10 }; /* far more than an event takes, which tells who wrote it */

struct cleaning {
    struct arena *arena;
    struct buf list;
    bool failed;
};

/* A text that stands in another one, too: its numbers are in the list already. */
static void clean_again(struct cleaning *k, struct str *text) {
    struct scrubbed s;
    if (!text->p) return;
    if (scrub_text(k->arena, *text, &s)) *text = s.text;
    else k->failed = true;
}

static void clean(struct cleaning *k, struct str *text) {
    struct scrubbed s;
    if (!text->p) return;
    if (!scrub_text(k->arena, *text, &s)) {
        k->failed = true;
        return;
    }
    if (s.removed.n && k->list.n) buf_add_char(&k->list, '\n');
    buf_add_str(&k->list, s.removed);
    *text = s.text;
}

static void clean_demands(struct cleaning *k, struct change *c) {
    struct demands *d = ARENA_NEW(k->arena, struct demands);
    if (!d) k->failed = true;
    if (!d) return;
    *d = *c->demands;
    for (size_t i = 0; i < d->n; i++) clean(k, &d->list[i].answer);
    c->demands = d;
}

static void clean_call(struct cleaning *k, struct change *c) {
    struct part_call *call = ARENA_NEW(k->arena, struct part_call);
    if (!call) k->failed = true;
    if (!call) return;
    *call = *c->call;
    clean(k, &call->organisation);
    c->call = call;
}

/* Not of people, who are sealed as they are. The agenda is the change's text, too. */
static void clean_meeting(struct cleaning *k, struct change *c) {
    struct meeting *m = ARENA_NEW(k->arena, struct meeting);
    struct decision *d = arena_array(k->arena, c->meeting->decision_count + 1, sizeof *d);
    if (!m || !d) k->failed = true;
    if (!m || !d) return;
    *m = *c->meeting;
    clean(k, &m->place);
    clean_again(k, &m->agenda);
    clean(k, &m->minutes);
    clean(k, &m->public_text);
    for (size_t i = 0; i < m->decision_count; i++) {
        d[i] = m->decisions[i];
        clean(k, &d[i].text);
        clean(k, &d[i].organisation);
    }
    m->decisions = d;
    c->meeting = m;
}

enum rc change_clean(struct act *act, const struct change *c, struct change *out, struct str *numbers) {
    struct cleaning k = {.arena = act->arena};
    buf_init(&k.list, act->arena, LIST_MAX);
    *out = *c;
    clean(&k, &out->text);
    clean_again(&k, &out->duty);
    clean(&k, &out->place_address);
    if (out->demands) clean_demands(&k, out);
    if (out->call) clean_call(&k, out);
    if (out->meeting) clean_meeting(&k, out);
    *numbers = buf_str(&k.list);
    return k.failed || k.list.failed ? RC_INTERNAL : RC_OK;
}
