/* Of several heirs the one for a matter. */
#include "rules/succession.h"

/* The heir that is at or above a unit; NULL: none. */
static const struct unit *heir_over(const struct unit *ended, const struct unit *unit) {
    for (; unit; unit = unit->parent)
        for (size_t i = 0; i < ended->heir_count; i++)
            if (unit_is(ended->heirs[i], unit)) return unit;
    return NULL;
}

const struct unit *succession_heir(const struct district *d, const struct unit *unit, const struct matter *m) {
    const struct routed routed = route(d, m);
    while (unit && unit->heir_count) {
        const struct unit *heir = heir_over(unit, routed.named);
        if (!heir && m->place) heir = heir_over(unit, m->place->unit);
        unit = heir ? heir : unit->heirs[0];
    }
    unit = route_fit(unit, m->about);
    return unit ? unit : d->top;
}
