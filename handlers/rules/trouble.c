/* Where a trouble is, what it is about, whether it is now. */
#include "rules/trouble.h"

#include "base/num.h"

bool trouble_areas_write(struct buf *b, const struct trouble_area *areas, size_t n) {
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%c%lld", i ? "," : "", areas[i].unit ? 'u' : 'p',
                   (long long)(areas[i].unit ? areas[i].unit->id : areas[i].place->id));
    return !b->failed;
}

/* Takes what stands before the first comma off; the last has none behind it. */
static struct str take_word(struct str *rest) {
    const char *comma = memchr(rest->p, ',', rest->n);
    struct str word = {rest->p, comma ? (size_t)(comma - rest->p) : rest->n};
    size_t skip = comma ? word.n + 1 : word.n;
    *rest = (struct str){rest->p + skip, rest->n - skip};
    return word;
}

static bool has_area(const struct trouble_area *areas, size_t n, const struct trouble_area *area) {
    for (size_t i = 0; i < n; i++)
        if (areas[i].unit == area->unit && areas[i].place == area->place) return true;
    return false;
}

/* Of a unit that has ended, all that stand for it: each may have a part of the area. */
static void add_area(const struct trouble_area *area, struct trouble_area *out, size_t *n) {
    for (size_t i = 0; area->unit && i < area->unit->heir_count; i++)
        add_area(&(struct trouble_area){.unit = area->unit->heirs[i]}, out, n);
    bool ended = area->unit && area->unit->heir_count, known = area->unit || area->place;
    if (known && !ended && *n < TROUBLE_AREAS_NOW_MAX && !has_area(out, *n, area)) out[(*n)++] = *area;
}

size_t trouble_areas_read(const struct district *d, struct str kept, struct trouble_area out[TROUBLE_AREAS_NOW_MAX]) {
    size_t n = 0;
    while (kept.n) {
        struct str word = take_word(&kept);
        int64_t id;
        if (!word.n || !num_i64((struct str){word.p + 1, word.n - 1}, 1, INT64_MAX, &id)) continue;
        const struct trouble_area area = {.unit = *word.p == 'u' ? unit_by_id(d, id) : NULL,
                                          .place = *word.p == 'p' ? place_by_id(d, id) : NULL};
        add_area(&area, out, &n);
    }
    return n;
}

bool trouble_may_cover(const struct unit *unit, const struct trouble_area *area) {
    return unit->tier == TIER_DISTRICT || unit_is_below(area->unit ? area->unit : area->place->unit, unit);
}

bool trouble_covers(const struct district *d, struct str areas, const struct place *place) {
    struct trouble_area list[TROUBLE_AREAS_NOW_MAX];
    size_t n = place ? trouble_areas_read(d, areas, list) : 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].unit ? unit_is_below(place->unit, list[i].unit) : list[i].place->id == place->id) return true;
    return false;
}

static bool is_below(const struct category *category, int64_t above_id) {
    while (category && category->id != above_id) category = category->parent;
    return category != NULL;
}

bool trouble_is_about(const struct district *d, int64_t category_id, const struct category *category) {
    return !category || is_below(category, category_id) || is_below(category_by_id(d, category_id), category->id);
}

enum trouble_state trouble_state_at(int64_t kept, int64_t from, int64_t until, int64_t now) {
    if (kept != TROUBLE_CURRENT) return (enum trouble_state)kept;
    if (until <= now) return TROUBLE_OVER;
    return from > now ? TROUBLE_SCHEDULED : TROUBLE_CURRENT;
}

size_t disaster_categories(const struct district *d, struct str kept,
                           const struct category *out[DISASTER_CATEGORIES_MAX]) {
    size_t n = 0;
    while (kept.n && n < DISASTER_CATEGORIES_MAX) {
        int64_t id;
        out[n] = num_i64(take_word(&kept), 1, INT64_MAX, &id) ? category_by_id(d, id) : NULL;
        n += out[n] != NULL;
    }
    return n;
}

bool disaster_takes(const struct district *d, struct str kept, const struct category *category) {
    const struct category *list[DISASTER_CATEGORIES_MAX];
    size_t n = disaster_categories(d, kept, list);
    for (size_t i = 0; i < n; i++)
        if (is_below(category, list[i]->id)) return true;
    return false;
}

bool disaster_leads_to(const struct district *d, struct str kept, const struct category *category) {
    const struct category *list[DISASTER_CATEGORIES_MAX];
    size_t n = disaster_categories(d, kept, list);
    for (size_t i = 0; i < n; i++)
        if (is_below(list[i], category->id)) return true;
    return false;
}
