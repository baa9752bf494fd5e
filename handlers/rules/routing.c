/* Routing and clock rules: the most special row of a table wins. */
#include "rules/routing.h"

/* How many steps up from category to the rule's; -1: not covered. Any category is farther than every named one. */
static int category_distance(const struct category *category, const struct category *rule) {
    enum { ANY = 100 };
    if (!rule) return ANY;
    int steps = 0;
    for (; category; category = category->parent, steps++)
        if (category->id == rule->id) return steps; /* as unit_is */
    return -1;
}

static int area_distance(const struct unit *unit, const struct unit *rule) {
    enum { ANY = 100 };
    if (!rule) return ANY;
    int steps = 0;
    for (; unit; unit = unit->parent, steps++)
        if (unit_is(unit, rule)) return steps;
    return -1;
}

/* A unit that can't be the one to act: closed, or the one complained of, or below it. */
static bool passed_over(const struct unit *unit, const struct unit *about) {
    return !unit->active || (about && unit_is_below(unit, about));
}

static const struct unit *first_fit(const struct unit *unit, const struct unit *about) {
    while (unit && passed_over(unit, about)) unit = unit->parent;
    return unit;
}

static const struct unit *rule_target(const struct route_rule *r, const struct place *place) {
    if (r->unit) return r->unit;
    return place ? unit_at_tier(place->unit, r->tier) : NULL;
}

static const struct unit *by_table(const struct district *d, const struct category *category,
                                   const struct place *place) {
    const struct unit *best = NULL;
    int best_distance = 1 << 30;
    for (size_t i = 0; i < d->route_count; i++) {
        const struct route_rule *r = &d->routes[i];
        int c = category_distance(category, r->category), a = area_distance(place ? place->unit : NULL, r->area);
        if (c < 0 || a < 0) continue;
        const struct unit *target = rule_target(r, place);
        if (target && c * 1000 + a < best_distance) {
            best = target;
            best_distance = c * 1000 + a;
        }
    }
    return best;
}

const struct unit *route(const struct district *d, const struct category *category, const struct place *place,
                         const struct unit *about) {
    const struct unit *unit = by_table(d, category, place);
    if (!unit && place) unit = place->unit;
    unit = first_fit(unit, about);
    return unit ? unit : d->top;
}

const struct unit *route_up(const struct unit *holder, const struct unit *about) {
    if (holder->tier == TIER_DISTRICT) return NULL;
    return first_fit(holder->parent, about);
}

/* Does a clock of it stand still at night? */
static bool works(const struct clock_rule *r) {
    const enum duration_unit units[] = {r->respond.unit, r->resolve.unit, r->step.unit};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i] == DURATION_WORK_MINUTES || units[i] == DURATION_WORKDAYS) return true;
    return false;
}

const struct clock_rule *clock_rule_for(const struct district *d, enum tier tier, const struct category *category,
                                        enum urgency urgency) {
    static const struct clock_rule builtin[URGENCY__MAX] = {
        [URGENCY_NORMAL] = {0, NULL, -1, {120, DURATION_WORK_MINUTES}, {5, DURATION_WORKDAYS}, {1, DURATION_WORKDAYS}},
        [URGENCY_URGENT] = {0, NULL, -1, {30, DURATION_MINUTES}, {1440, DURATION_MINUTES}, {240, DURATION_MINUTES}},
        [URGENCY_EMERGENCY] = {0, NULL, -1, {15, DURATION_MINUTES}, {240, DURATION_MINUTES}, {30, DURATION_MINUTES}},
    };
    const struct clock_rule *best = &builtin[urgency];
    int best_distance = 1 << 30;
    for (size_t i = 0; i < d->clock_count; i++) {
        const struct clock_rule *r = &d->clocks[i];
        int c = category_distance(category, r->category);
        if (c < 0 || (r->tier && r->tier != tier) || (r->urgency >= 0 && r->urgency != (int)urgency)) continue;
        if (r->urgency < 0 && urgency != URGENCY_NORMAL && works(r)) continue;
        int distance = c * 4 + (r->tier ? 0 : 2) + (r->urgency >= 0 ? 0 : 1);
        if (distance < best_distance) {
            best = r;
            best_distance = distance;
        }
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
