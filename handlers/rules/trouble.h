/* Known trouble: where it is, what it is about, whether it is now. */
#ifndef MINHU_RULES_TROUBLE_H
#define MINHU_RULES_TROUBLE_H

#include "base/buf.h"
#include "rules/district.h"

/* Said of a trouble; and what these may have become by reorganisations. */
enum { TROUBLE_AREAS_MAX = 20, TROUBLE_AREAS_NOW_MAX = 400 };

/* One of the two: a unit with all below it, or a place. */
struct trouble_area {
    const struct unit *unit;
    const struct place *place;
};

/* Areas as a trouble keeps them ("u12,p7"), and back, each once: a unit that has ended is what stands for it now, and what this
 * district no longer has is left out. */
bool trouble_areas_write(struct buf *b, const struct trouble_area *areas, size_t n);
size_t trouble_areas_read(const struct district *d, struct str kept, struct trouble_area out[TROUBLE_AREAS_NOW_MAX]);

/* May a unit speak for an area? For itself and those below it; one of district tier, which as a department has none below it, for the
 * whole district. */
bool trouble_may_cover(const struct unit *unit, const struct trouble_area *area);
/* Is the place in one of the areas kept? Never for NULL. */
bool trouble_covers(const struct district *d, struct str areas, const struct place *place);
/* Is somebody's matter of this category what the trouble is about? That category, one below it or one above it; also who has not chosen
 * any (NULL). */
bool trouble_is_about(const struct district *d, int64_t category_id, const struct category *category);
/* What it is at an instant, by what is kept of it: over at until, whoever has noticed. */
enum trouble_state trouble_state_at(int64_t kept, int64_t from, int64_t until, int64_t now);

/* The categories that the form is cut to in a disaster, from their ids by commas. */
enum { DISASTER_CATEGORIES_MAX = 20 };
size_t disaster_categories(const struct district *d, struct str kept,
                           const struct category *out[DISASTER_CATEGORIES_MAX]);
/* Is a category, or one above it, among them? Not for NULL. */
bool disaster_takes(const struct district *d, struct str kept, const struct category *category);
/* Is one of them below it? Who looks for it in the form has to come past. */
bool disaster_leads_to(const struct district *d, struct str kept, const struct category *category);

#endif
