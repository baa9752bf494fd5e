/* Each fact asks for a least weight; the heaviest counts. */
#include "rules/weight.h"

static enum weight of_category(const struct category *c) {
    while (c && !c->weight) c = c->parent;
    return c ? c->weight : WEIGHT_MICRO;
}

enum weight weigh(const struct weighing *w) {
    const struct {
        bool holds;
        enum weight least;
    } facts[] = {
        {w->people >= PEOPLE_SMALL || w->departments > 0, WEIGHT_SMALL},
        {w->people >= PEOPLE_HARD, WEIGHT_HARD},
        {w->departments >= DEPARTMENTS_HARD, WEIGHT_HARD},
        {w->returns >= 2, WEIGHT_HARD},
    };
    enum weight weight = of_category(w->category);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].holds && facts[i].least > weight) weight = facts[i].least;
    if (w->repeated && weight < WEIGHT_HARD) weight = (enum weight)(weight + 1);
    return weight;
}

size_t departments_named(const struct district *d, struct str text, size_t max) {
    static const struct str prefix = {"区", sizeof("区") - 1};
    size_t n = 0;
    for (size_t i = 0; i < d->unit_count && n < max; i++) {
        const struct unit *u = &d->units[i];
        struct str name = u->name;
        if (u->kind != UNIT_DEPARTMENT || !u->active) continue;
        if (name.n > prefix.n && memcmp(name.p, prefix.p, prefix.n) == 0)
            name = (struct str){name.p + prefix.n, name.n - prefix.n};
        if (name.n && memmem(text.p, text.n, name.p, name.n)) n++;
    }
    return n;
}
