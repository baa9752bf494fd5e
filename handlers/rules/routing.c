/* Routing and clock rules: the most special row of a table wins. */
#include "rules/routing.h"

#include "base/arena.h"

#include <limits.h>
#include <stdlib.h>

/* How many steps up from category to the rule's; -1: not covered. Any category is farther than every named one. */
static int category_distance(const struct category *category, const struct category *rule) {
    enum { ANY = 100 };
    if (!rule) return ANY;
    int steps = 0;
    for (; category; category = category->parent, steps++)
        if (category->id == rule->id) return steps; /* as unit_is */
    return -1;
}

/* ---- the table ---- */

/* Rules for the same category and place stand together, found by these two; within them the more special one first. */
struct rule_key {
    int64_t category, where; /* ids, 0: any; places are odd, units even */
};

static int64_t at_unit(const struct unit *unit) { return unit ? unit->id * 2 : 0; }
static int64_t at_place(const struct place *place) { return place->id * 2 + 1; }

static struct rule_key key_of(const struct route_rule *r) {
    return (struct rule_key){r->category ? r->category->id : 0, r->place ? at_place(r->place) : at_unit(r->area)};
}

static bool same_key(struct rule_key a, struct rule_key b) { return a.category == b.category && a.where == b.where; }

static uint64_t hash_key(struct rule_key k) {
    uint64_t h = (uint64_t)k.category * UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)k.where * UINT64_C(0xC2B2AE3D27D4EB4F);
    return h ^ h >> 29;
}

static int compare_numbers(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int compare_rules(const void *x, const void *y) {
    const struct route_rule *a = x, *b = y;
    struct rule_key k = key_of(a), l = key_of(b);
    int c = compare_numbers(k.category, l.category);
    if (!c) c = compare_numbers(k.where, l.where);
    if (!c) c = compare_numbers(!a->kind, !b->kind);
    if (!c) c = compare_numbers(!a->channel, !b->channel);
    return c ? c : compare_numbers(a->id, b->id);
}

bool routing_index(struct district *d, struct route_rule *rules, size_t n, struct arena *a) {
    size_t slots = 16;
    if (n) qsort(rules, n, sizeof *rules, compare_rules);
    while (slots < n * 2) slots *= 2;
    struct code_index x = {arena_array(a, slots, sizeof *x.slots), slots - 1};
    if (!x.slots) return false;
    for (size_t i = 0; i < n; i++) {
        if (i && same_key(key_of(&rules[i]), key_of(&rules[i - 1]))) continue;
        uint64_t h = hash_key(key_of(&rules[i]));
        size_t at = h & x.mask;
        while (x.slots[at].at) at = (at + 1) & x.mask;
        x.slots[at] = (struct index_slot){h, (uint32_t)i + 1};
    }
    d->routes = rules;
    d->route_count = n;
    d->route_index = x;
    return true;
}

const struct unit *route_rule_target(const struct route_rule *r, const struct place *place) {
    if (r->unit) return r->unit;
    return place ? unit_at_tier(place->unit, r->tier) : NULL;
}

enum rule_fit rule_fit(const struct route_rule *r, const struct matter *m) {
    if (r->kind && r->kind != m->kind) return RULE_OTHER_KIND;
    if (r->channel && r->channel != m->channel) return RULE_OTHER_CHANNEL;
    if (m->day < r->valid_from) return RULE_NOT_YET;
    if (r->valid_until && m->day > r->valid_until) return RULE_OVER;
    return route_rule_target(r, m->place) ? RULE_HOLDS : RULE_NO_TARGET;
}

/* A walk over the rules for the matter's category and place, from the most special to the least. */
struct walk {
    const struct district *district;
    const struct matter *matter;
    bool (*take)(const struct route_rule *r, const struct matter *m, void *arg);
    void *arg;
};

/* Those of one key; the one that was taken. */
static const struct route_rule *walk_key(const struct walk *w, int64_t category, int64_t where) {
    const struct district *d = w->district;
    const struct code_index *x = &d->route_index;
    struct rule_key k = {category, where};
    uint64_t h = hash_key(k);
    for (size_t at = h & x->mask; x->slots && x->slots[at].at; at = (at + 1) & x->mask) {
        size_t i = x->slots[at].at - 1;
        if (x->slots[at].hash != h || !same_key(key_of(&d->routes[i]), k)) continue;
        for (; i < d->route_count && same_key(key_of(&d->routes[i]), k); i++)
            if (w->take(&d->routes[i], w->matter, w->arg)) return &d->routes[i];
        return NULL;
    }
    return NULL;
}

static const struct route_rule *walk_places(const struct walk *w, int64_t category) {
    const struct place *place = w->matter->place;
    const struct route_rule *r = place ? walk_key(w, category, at_place(place)) : NULL;
    for (const struct unit *u = place ? place->unit : NULL; !r && u; u = u->parent)
        r = walk_key(w, category, at_unit(u));
    return r ? r : walk_key(w, category, 0);
}

const struct route_rule *route_walk(const struct district *d, const struct matter *m,
                                    bool (*take)(const struct route_rule *r, const struct matter *m, void *arg),
                                    void *arg) {
    const struct walk w = {d, m, take, arg};
    const struct route_rule *r = NULL;
    for (const struct category *c = m->category; !r && c; c = c->parent) r = walk_places(&w, c->id);
    return r ? r : walk_places(&w, 0);
}

static bool take_first(const struct route_rule *r, const struct matter *m, void *arg) {
    (void)arg;
    return rule_fit(r, m) == RULE_HOLDS;
}

/* ---- to whom ---- */

enum passing passing_of(const struct unit *unit, const struct unit *about) {
    if (!unit->active) return PASSED_CLOSED;
    if (about && unit_complained_of(unit, about)) return PASSED_COMPLAINED_OF;
    return unit_conflicted(unit, about) ? PASSED_INTEREST : PASSED_NOT;
}

enum decider routed_by(const struct routed *r) { return r->rule ? BY_RULE : r->named ? BY_PLACE : BY_DISTRICT; }

const struct unit *route_fit(const struct unit *unit, const struct unit *about) {
    while (unit && passed_over(unit, about)) unit = unit->parent;
    return unit;
}

struct routed route(const struct district *d, const struct matter *m) {
    struct routed r = {.rule = route_walk(d, m, take_first, NULL)}; /* a few look-ups, however many rules there are */
    if (r.rule) r.named = route_rule_target(r.rule, m->place);
    else if (m->place) r.named = m->place->unit;
    r.unit = route_fit(r.named, m->about);
    if (!r.unit) r.unit = d->top;
    return r;
}

const struct unit *route_up(const struct unit *holder, const struct unit *about) {
    if (holder->tier == TIER_DISTRICT) return NULL;
    return route_fit(holder->parent, about);
}

/* Does a clock of it stand still at night? */
static bool works(const struct clock_rule *r) {
    const enum duration_unit units[] = {r->respond.unit, r->resolve.unit, r->step.unit};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i] == DURATION_WORK_MINUTES || units[i] == DURATION_WORKDAYS) return true;
    return false;
}

/* The nearer the more special; INT_MAX: the rule is about others. */
static int rule_distance(const struct clock_rule *r, enum tier tier, const struct category *category,
                         enum urgency urgency) {
    int c = category_distance(category, r->category);
    if (c < 0 || (r->tier && r->tier != tier) || (r->urgency >= 0 && r->urgency != (int)urgency)) return INT_MAX;
    return c * 4 + (r->tier ? 0 : 2) + (r->urgency >= 0 ? 0 : 1);
}

const struct clock_rule *clock_rule_for(const struct district *d, enum tier tier, const struct category *category,
                                        enum urgency urgency) {
    static const struct clock_rule builtin[URGENCY__MAX] = {
        [URGENCY_NORMAL] =
            {0, NULL, -1, {120, DURATION_WORK_MINUTES}, {5, DURATION_WORKDAYS}, {1, DURATION_WORKDAYS}, {0}},
        [URGENCY_URGENT] =
            {0, NULL, -1, {30, DURATION_MINUTES}, {1440, DURATION_MINUTES}, {240, DURATION_MINUTES}, {0}},
        [URGENCY_EMERGENCY] =
            {0, NULL, -1, {15, DURATION_MINUTES}, {240, DURATION_MINUTES}, {30, DURATION_MINUTES}, {0}},
    };
    const struct clock_rule *best = &builtin[urgency];
    int best_distance = INT_MAX;
    for (size_t i = 0; i < d->clock_count; i++) {
        const struct clock_rule *r = &d->clocks[i];
        int distance = rule_distance(r, tier, category, urgency);
        if (r->urgency < 0 && urgency != URGENCY_NORMAL && works(r)) continue;
        if (distance < best_distance) {
            best = r;
            best_distance = distance;
        }
    }
    return best;
}

const struct duration *contact_within_for(const struct district *d, enum tier tier, const struct category *category,
                                          enum urgency urgency) {
    const struct duration *best = NULL;
    int best_distance = INT_MAX;
    for (size_t i = 0; i < d->clock_count; i++) {
        const struct clock_rule *r = &d->clocks[i];
        int distance = rule_distance(r, tier, category, urgency);
        if (!r->contact.n || distance >= best_distance) continue;
        best = &r->contact;
        best_distance = distance;
    }
    return best;
}

/* Counts the comma-separated words that occur in the text; a longer word weighs more. */
static size_t words_found(struct str words, struct str text) {
    size_t weight = 0;
    while (words.n) {
        const char *comma = memchr(words.p, ',', words.n);
        size_t n = comma ? (size_t)(comma - words.p) : words.n;
        if (n && memmem(text.p, text.n, words.p, n)) weight += n;
        size_t skip = comma ? n + 1 : n;
        words = (struct str){words.p + skip, words.n - skip};
    }
    return weight;
}

const struct category *suggest_category(const struct district *d, struct str text) {
    const struct category *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < d->category_count; i++) {
        size_t weight = d->categories[i].active ? words_found(d->categories[i].words, text) : 0;
        if (weight > most) {
            most = weight;
            best = &d->categories[i];
        }
    }
    return best;
}
