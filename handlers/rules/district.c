/* Look-ups in the district's reference data. */
#include "rules/district.h"

#include "base/arena.h"

static uint64_t hash_bytes(const void *p, size_t n) {
    const unsigned char *b = p;
    uint64_t h = UINT64_C(1469598103934665603);
    for (size_t i = 0; i < n; i++) h = (h ^ b[i]) * UINT64_C(1099511628211);
    return h ^ h >> 29;
}

static uint64_t hash_id(int64_t id) { return hash_bytes(&id, sizeof id); }
static uint64_t hash_code(struct str code) { return hash_bytes(code.p, code.n); }

/* One array as the index sees it: where the code and the id of an element stand. */
struct indexed {
    const void *items;
    size_t n, size, code_at, id_at;
};

static struct str code_of(const struct indexed *x, size_t i) {
    struct str code;
    memcpy(&code, (const char *)x->items + i * x->size + x->code_at, sizeof code);
    return code;
}

static int64_t id_of(const struct indexed *x, size_t i) {
    int64_t id;
    memcpy(&id, (const char *)x->items + i * x->size + x->id_at, sizeof id);
    return id;
}

static bool same(const struct indexed *x, size_t i, bool by_code, struct str code, int64_t id) {
    return by_code ? str_eq(code_of(x, i), code) : id_of(x, i) == id;
}

/* The element's index + 1, or 0. */
static size_t find(const struct code_index *index, const struct indexed *x, bool by_code, struct str code, int64_t id) {
    if (!index->slots) return 0;
    uint64_t h = by_code ? hash_code(code) : hash_id(id);
    for (size_t at = h & index->mask;; at = (at + 1) & index->mask) {
        const struct index_slot *s = &index->slots[at];
        if (!s->at) return 0;
        if (s->hash == h && same(x, s->at - 1, by_code, code, id)) return s->at;
    }
}

static bool fill(struct code_index *index, const struct indexed *x, bool by_code, struct arena *a) {
    size_t slots = 16;
    while (slots < x->n * 2) slots *= 2;
    index->slots = arena_array(a, slots, sizeof *index->slots);
    index->mask = slots - 1;
    if (!index->slots) return false;
    for (size_t i = 0; i < x->n; i++) {
        struct str code = code_of(x, i);
        int64_t id = id_of(x, i);
        if (find(index, x, by_code, code, id)) return false;
        uint64_t h = by_code ? hash_code(code) : hash_id(id);
        size_t at = h & index->mask;
        while (index->slots[at].at) at = (at + 1) & index->mask;
        index->slots[at] = (struct index_slot){h, (uint32_t)i + 1};
    }
    return true;
}

#define INDEXED(d, member, type) \
    (&(struct indexed){(d)->member, (d)->type##_count, sizeof(struct type), offsetof(struct type, code), \
                       offsetof(struct type, id)})
#define UNITS(d) INDEXED(d, units, unit)
#define PLACES(d) INDEXED(d, places, place)
#define CATEGORIES(d) INDEXED(d, categories, category)

#define TAGS(d) INDEXED(d, tags, tag)

/* Ids are given from 1 on, and the arrays are in their order: the first look is nearly always right. */
static size_t find_id(const struct code_index *index, const struct indexed *x, int64_t id) {
    if (id > 0 && (uint64_t)id <= x->n && id_of(x, (size_t)id - 1) == id) return (size_t)id;
    return find(index, x, false, (struct str){0}, id);
}

bool district_index(struct district *d, struct arena *a) {
    return fill(&d->unit_codes, UNITS(d), true, a) && fill(&d->unit_ids, UNITS(d), false, a) &&
           fill(&d->place_codes, PLACES(d), true, a) && fill(&d->place_ids, PLACES(d), false, a) &&
           fill(&d->category_codes, CATEGORIES(d), true, a) && fill(&d->category_ids, CATEGORIES(d), false, a);
}

bool tags_index(struct district *d, struct arena *a) { return fill(&d->tag_codes, TAGS(d), true, a); }
const struct tag *tag_by_code(const struct district *d, struct str code) {
    size_t at = find(&d->tag_codes, TAGS(d), true, code, 0);
    return at ? &d->tags[at - 1] : NULL;
}

const struct unit *unit_by_id(const struct district *d, int64_t id) {
    size_t at = find_id(&d->unit_ids, UNITS(d), id);
    return at ? &d->units[at - 1] : NULL;
}
const struct unit *unit_by_code_ever(const struct district *d, struct str code) {
    size_t at = find(&d->unit_codes, UNITS(d), true, code, 0);
    return at ? &d->units[at - 1] : NULL;
}
const struct unit *unit_by_code(const struct district *d, struct str code) {
    const struct unit *unit = unit_by_code_ever(d, code);
    return unit && unit->active ? unit : NULL;
}
const struct place *place_by_id(const struct district *d, int64_t id) {
    size_t at = find_id(&d->place_ids, PLACES(d), id);
    return at ? &d->places[at - 1] : NULL;
}
const struct place *place_by_code(const struct district *d, struct str code) {
    size_t at = find(&d->place_codes, PLACES(d), true, code, 0);
    return at && d->places[at - 1].active ? &d->places[at - 1] : NULL;
}
const struct category *category_by_id(const struct district *d, int64_t id) {
    size_t at = find_id(&d->category_ids, CATEGORIES(d), id);
    return at ? &d->categories[at - 1] : NULL;
}
const struct category *category_by_code(const struct district *d, struct str code) {
    size_t at = find(&d->category_codes, CATEGORIES(d), true, code, 0);
    return at && d->categories[at - 1].active ? &d->categories[at - 1] : NULL;
}

const struct unit_group *group_by_code(const struct district *d, struct str code, const struct unit *unit) {
    for (size_t i = 0; i < d->group_count; i++)
        if (str_eq(d->groups[i].code, code)) return unit_is_below(unit, d->groups[i].area) ? &d->groups[i] : NULL;
    return NULL;
}

const struct stopper *category_stop(const struct category *category) {
    while (category && !category->stop) category = category->parent;
    return category ? category->stop : NULL;
}

const struct form *category_form(const struct category *category) {
    while (category && !category->form) category = category->parent;
    return category ? category->form : NULL;
}

const struct reason *reason_by_id(const struct district *d, int64_t id) {
    for (size_t i = 0; i < d->reason_count; i++)
        if (d->reasons[i].id == id) return &d->reasons[i];
    return NULL;
}

const struct reason *reason_by_code(const struct district *d, enum reason_purpose purpose, struct str code) {
    for (size_t i = 0; i < d->reason_count; i++)
        if (d->reasons[i].active && d->reasons[i].purpose == purpose && str_eq(d->reasons[i].code, code))
            return &d->reasons[i];
    return NULL;
}

bool unit_stands_for(const struct unit *unit, const struct unit *other) {
    if (unit_is(unit, other)) return true;
    for (size_t i = 0; other && i < other->heir_count; i++)
        if (unit_stands_for(unit, other->heirs[i])) return true;
    return false;
}

bool unit_is_below(const struct unit *unit, const struct unit *above) {
    for (; unit; unit = unit->parent)
        if (unit_is(unit, above)) return true;
    return false;
}

/* Whoever is above the unit complained of has no interest by that alone: he is the one to rule. */
static bool has_interest(const struct unit *unit, const struct unit *about) {
    for (; unit; unit = unit->parent)
        for (size_t i = 0; i < unit->interest_count; i++)
            if (unit_is_below(about, unit->interests[i])) return true;
    return false;
}

bool unit_complained_of(const struct unit *unit, const struct unit *about) {
    for (; unit; unit = unit->parent)
        if (unit_stands_for(unit, about)) return true;
    return false;
}

bool unit_conflicted(const struct unit *unit, const struct unit *about) {
    if (!about) return false;
    if (unit_is_below(unit, about) || has_interest(unit, about)) return true;
    for (size_t i = 0; i < about->heir_count; i++)
        if (unit_conflicted(unit, about->heirs[i])) return true;
    return false;
}

const struct unit *unit_at_tier(const struct unit *unit, enum tier tier) {
    while (unit && unit->tier != tier) unit = unit->parent;
    return unit;
}

/* A degree of latitude is about 111 km; at 30° north a degree of longitude is about 96 km. */
const struct calendar *unit_calendar(const struct district *d, int64_t unit_id) {
    if (d->own_calendar_count)
        for (const struct unit *u = unit_by_id(d, unit_id); u; u = u->parent)
            for (size_t i = 0; i < d->own_calendar_count; i++)
                if (d->own_calendars[i].unit_id == u->id) return d->own_calendars[i].calendar;
    return &d->calendar;
}

const struct place *place_near(const struct district *d, int64_t lng, int64_t lat) {
    const struct place *best = NULL;
    double nearest = 5.0 * 5.0;
    for (size_t i = 0; i < d->place_count; i++) {
        const struct place *p = &d->places[i];
        if (!p->active) continue;
        double x = (double)(p->lng - lng) * 96e-6, y = (double)(p->lat - lat) * 111e-6, far = x * x + y * y;
        if (far <= nearest) {
            nearest = far;
            best = p;
        }
    }
    return best;
}
