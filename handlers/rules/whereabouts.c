/* The order in which what is known of a matter tells its place. */
#include "rules/whereabouts.h"

#include "rules/address.h"
#include "rules/area.h"

const struct place *place_at(const struct district *d, int64_t lng, int64_t lat) {
    const struct place *p = d->areas ? area_find(d->areas, lng, lat) : NULL;
    return p ? p : place_near(d, lng, lat);
}

static const struct place *in_text(const struct district *d, struct str text, struct arena *a) {
    return d->addresses && text.p ? address_find(d->addresses, text, a) : NULL;
}

const struct place *place_of(const struct district *d, const struct whereabouts *w, struct arena *a) {
    const struct place *p = w->named;
    if (!p) p = in_text(d, w->address, a);
    if (!p && w->has_point) p = place_at(d, w->lng, w->lat);
    if (!p) p = in_text(d, w->title, a);
    if (!p) p = in_text(d, w->text, a);
    return p ? p : w->usual;
}
