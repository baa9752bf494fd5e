/* Loads units, places, categories, rules, reasons and calendar into one struct district. */
#include "acts/reference.h"

#include "acts/reference_forms.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "rules/address.h"
#include "rules/area.h"
#include "rules/routing.h"
#include "rules/urgency.h"

#include <stdatomic.h>
#include <stdio.h>

enum { DISTRICT_MEMORY = 64 * 1024 * 1024 };

struct generation {
    struct arena arena;
    struct district district;
};

struct reference {
    struct generation slots[2];
    _Atomic(const struct district *) current;
    int in_use;
    int64_t swapped_at_us;
    char work_hours[128];
};

/* One of the arrays: rows from the database, then elements. */
#define LOAD(statement, type) \
    struct row_##type *rows; \
    size_t n; \
    enum rc rc = db_rows(db, statement, NULL, 0, a, &rows, &n); \
    if (rc != RC_OK) return rc; \
    struct type *out = arena_array(a, n ? n : 1, sizeof *out); \
    if (!out) return RC_INTERNAL;

/* Of another release, or changed by hand: the numbers index tables. */
static enum rc bad_row(const char *what, int64_t id) {
    log_event(LOG_ERROR, "reference", "%s %lld has a tier, kind, urgency or danger that this release does not know",
              what, (long long)id);
    return RC_INVALID;
}

/* The rows come by unit, so that each unit's list is a piece of one array. The pairs stand both ways. */
static enum rc load_interests(struct db *db, struct arena *a, const struct district *d, struct unit *units) {
    struct row_unit_interest *rows;
    size_t n;
    enum rc rc = db_rows(db, ST_unit_interests, NULL, 0, a, &rows, &n);
    if (rc != RC_OK) return rc;
    const struct unit **with = arena_array(a, n ? n : 1, sizeof *with);
    if (!with) return RC_INTERNAL;
    for (size_t i = 0, kept = 0; i < n; i++) {
        const struct unit *unit = unit_by_id(d, rows[i].unit_id), *other = unit_by_id(d, rows[i].with_id);
        if (!unit || !other) continue;
        struct unit *own = &units[unit - d->units];
        if (!own->interest_count) own->interests = &with[kept];
        with[kept++] = other;
        own->interest_count++;
    }
    return RC_OK;
}

/* The direct ones of each unit stand together, in their order; of the others only what they came from matters. */
static enum rc load_successions(struct db *db, struct arena *a, const struct district *d, struct unit *units) {
    struct row_unit_succession *rows;
    size_t n, kept = 0;
    enum rc rc = db_rows(db, ST_unit_successions, NULL, 0, a, &rows, &n);
    if (rc != RC_OK || !n) return rc;
    const struct unit **all = arena_array(a, 2 * n, sizeof *all);
    if (!all) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        const struct unit *old = unit_by_id(d, rows[i].old_id), *heir = unit_by_id(d, rows[i].new_id);
        if (!old || !heir || old->active || !rows[i].direct) continue;
        struct unit *ended = &units[old - d->units];
        if (!ended->heir_count) ended->heirs = &all[kept];
        all[kept++] = heir;
        ended->heir_count++;
    }
    for (size_t u = 0; u < d->unit_count; u++) {
        units[u].predecessors = &all[kept];
        for (size_t i = 0; i < n; i++) {
            const struct unit *old = unit_by_id(d, rows[i].old_id);
            if (rows[i].new_id != units[u].id || !old) continue;
            all[kept++] = old;
            units[u].predecessor_count++;
        }
    }
    return RC_OK;
}

static enum rc load_units(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_units, unit)
    for (size_t i = 0; i < n; i++)
        out[i] = (struct unit){.id = rows[i].id,
                               .code = rows[i].code,
                               .name = rows[i].name,
                               .name_en = rows[i].name_en,
                               .tier = (enum tier)rows[i].tier,
                               .kind = (enum unit_kind)rows[i].kind,
                               .active = rows[i].active,
                               .review = rows[i].review};
    for (size_t i = 0; i < n; i++)
        if (rows[i].tier < 1 || rows[i].tier >= TIER__MAX || rows[i].kind < 1 || rows[i].kind >= UNIT__MAX)
            return bad_row("unit", rows[i].id);
    d->units = out;
    d->unit_count = n;
    if (!district_index(d, a)) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        out[i].parent = unit_by_id(d, rows[i].parent_id);
        if (!out[i].parent && out[i].tier == TIER_DISTRICT && !d->top) d->top = &out[i];
    }
    rc = load_successions(db, a, d, out);
    return rc == RC_OK ? load_interests(db, a, d, out) : rc;
}

static enum rc load_places(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_places, place)
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const struct unit *unit = unit_by_id(d, rows[i].unit_id);
        if (unit)
            out[kept++] = (struct place){.id = rows[i].id,
                                         .code = rows[i].code,
                                         .name = rows[i].name,
                                         .unit = unit,
                                         .lng = rows[i].lng,
                                         .lat = rows[i].lat,
                                         .active = rows[i].active};
    }
    d->places = out;
    d->place_count = kept;
    return RC_OK;
}

static enum rc load_stoppers(struct db *db, struct arena *a, const struct district *d, struct category *categories) {
    LOAD(ST_stoppers, stopper)
    for (size_t i = 0; i < n; i++) {
        const struct category *of = category_by_id(d, rows[i].category_id);
        out[i] = (struct stopper){rows[i].text, rows[i].text_en, rows[i].phone, rows[i].link};
        if (of) categories[of - categories].stop = &out[i];
    }
    return RC_OK;
}

static enum rc load_categories(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_categories, category)
    for (size_t i = 0; i < n; i++)
        out[i] = (struct category){.id = rows[i].id,
                                   .code = rows[i].code,
                                   .name = rows[i].name,
                                   .name_en = rows[i].name_en,
                                   .words = rows[i].words,
                                   .urgency = (enum urgency)rows[i].urgency,
                                   .active = rows[i].active,
                                   .weight = (enum weight)rows[i].weight,
                                   .review = rows[i].review};
    for (size_t i = 0; i < n; i++)
        if (rows[i].weight < 0 || rows[i].weight >= WEIGHT__MAX || rows[i].urgency < 0 ||
            rows[i].urgency >= URGENCY__MAX)
            return bad_row("category", rows[i].id);
    d->categories = out;
    d->category_count = n;
    if (!district_index(d, a)) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) out[i].parent = category_by_id(d, rows[i].parent_id);
    rc = load_stoppers(db, a, d, out);
    return rc == RC_OK ? reference_load_forms(db, a, d, out) : rc;
}

static enum rc load_templates(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_templates, template)
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct template t = {.kind = (enum template_kind)rows[i].kind,
                             .category = category_by_id(d, rows[i].category_id),
                             .unit = unit_by_id(d, rows[i].unit_id),
                             .name = rows[i].name,
                             .text = rows[i].text};
        bool known = rows[i].kind > 0 && rows[i].kind < TEMPLATE__MAX;
        if (known && !t.category == !rows[i].category_id && !t.unit == !rows[i].unit_id) out[kept++] = t;
    }
    d->templates = out;
    d->template_count = kept;
    return RC_OK;
}

static int32_t day_of(int64_t us) { return (int32_t)(us / (DAY_S * SECOND_US)); }

struct route_rule reference_rule(const struct district *d, const struct row_route_rule *row) {
    return (struct route_rule){.id = row->id,
                               .category = category_by_id(d, row->category_id),
                               .area = unit_by_id(d, row->area_id),
                               .place = place_by_id(d, row->place_id),
                               .channel = (enum channel)row->channel,
                               .kind = (enum kind)row->kind,
                               .tier = (enum tier)row->tier,
                               .unit = unit_by_id(d, row->unit_id),
                               .valid_from = day_of(row->valid_from),
                               .valid_until = day_of(row->valid_until),
                               .basis = row->basis,
                               .imported_at = row->imported_at};
}

static enum rc load_routes(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_route_rules, route_rule)
    for (size_t i = 0; i < n; i++) out[i] = reference_rule(d, &rows[i]);
    return routing_index(d, out, n, a) ? RC_OK : RC_INTERNAL;
}

static enum rc load_tags(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_tags, tag)
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].kind < 1 || rows[i].kind >= TAG__MAX) return bad_row("tag", rows[i].id);
        out[kept] = (struct tag){.id = rows[i].id,
                                 .code = rows[i].code,
                                 .kind = (enum tag_kind)rows[i].kind,
                                 .name = rows[i].name,
                                 .address = rows[i].address,
                                 .place = place_by_id(d, rows[i].place_id),
                                 .category = category_by_id(d, rows[i].category_id)};
        kept += out[kept].place != NULL;
    }
    d->tags = out;
    d->tag_count = kept;
    return tags_index(d, a) ? RC_OK : RC_INTERNAL;
}

static enum rc load_addresses(struct db *db, struct arena *a, struct district *d) {
    struct row_address *rows;
    struct address_index *index = ARENA_NEW(a, struct address_index);
    size_t n, kept = 0;
    enum rc rc = db_rows(db, ST_addresses, NULL, 0, a, &rows, &n);
    if (rc != RC_OK) return rc;
    struct address *out = arena_array(a, n ? n : 1, sizeof *out);
    if (!out || !index) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        out[kept] = (struct address){address_spelling(a, rows[i].text), place_by_id(d, rows[i].place_id), 0};
        if (!out[kept].text.p) return RC_INTERNAL;
        kept += out[kept].place != NULL && out[kept].text.n > 0;
    }
    if (!address_index(index, out, kept, a)) return RC_INTERNAL;
    if (kept) d->addresses = index;
    return RC_OK;
}

static enum rc load_areas(struct db *db, struct arena *a, struct district *d) {
    struct row_area *rows;
    struct area_index *index = ARENA_NEW(a, struct area_index);
    size_t n, kept = 0;
    enum rc rc = db_rows(db, ST_areas, NULL, 0, a, &rows, &n);
    if (rc != RC_OK) return rc;
    struct area *out = arena_array(a, n ? n : 1, sizeof *out);
    if (!out || !index) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        out[kept].place = place_by_id(d, rows[i].place_id);
        const char *why = outline_parse(rows[i].outline, a, &out[kept].outline);
        if (why) log_event(LOG_ERROR, "reference", "an area of place %lld: %s", (long long)rows[i].place_id, why);
        else kept += out[kept].place != NULL;
    }
    if (!area_index(index, out, kept, a)) return RC_INTERNAL;
    if (kept) d->areas = index;
    return RC_OK;
}

static enum rc load_clocks(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_clock_rules, clock_rule)
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct clock_rule r = {.tier = (enum tier)rows[i].tier,
                               .category = category_by_id(d, rows[i].category_id),
                               .urgency = (int)rows[i].urgency - 1};
        if (duration_parse(rows[i].respond, &r.respond) && duration_parse(rows[i].resolve, &r.resolve) &&
            duration_parse(rows[i].step, &r.step) &&
            (!rows[i].contact.n || duration_parse(rows[i].contact, &r.contact)))
            out[kept++] = r;
        else log_event(LOG_ERROR, "reference", "clock rule %lld has a bad duration", (long long)rows[i].id);
    }
    d->clocks = out;
    d->clock_count = kept;
    return RC_OK;
}

static enum rc load_reasons(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_reasons, reason)
    for (size_t i = 0; i < n; i++)
        out[i] = (struct reason){rows[i].id,      (enum reason_purpose)rows[i].purpose,
                                 rows[i].code,    rows[i].name,
                                 rows[i].name_en, rows[i].basis,
                                 rows[i].active};
    d->reasons = out;
    d->reason_count = n;
    return RC_OK;
}

static enum rc load_urgent_words(struct db *db, struct arena *a, struct district *d) {
    LOAD(ST_urgent_words, urgent_word)
    for (size_t i = 0; i < n; i++) {
        if (!rows[i].word.n || rows[i].urgency < 1 || rows[i].urgency >= URGENCY__MAX || rows[i].danger < 1 ||
            rows[i].danger >= DANGER__MAX)
            return bad_row("urgent word", rows[i].id);
        out[i] = (struct urgent_word){rows[i].word, rows[i].unless, (enum urgency)rows[i].urgency,
                                      (enum danger)rows[i].danger};
    }
    d->urgent.words = out;
    d->urgent.count = n;
    return urgency_index(d, a) ? RC_OK : RC_INTERNAL;
}

/* The texts between commas; *n of them. */
static struct str *list_of(struct arena *a, struct str text, size_t *n) {
    size_t room = 1;
    for (size_t i = 0; i < text.n; i++) room += text.p[i] == ',';
    struct str *out = arena_array(a, room, sizeof *out);
    *n = 0;
    while (out && text.n) {
        const char *comma = memchr(text.p, ',', text.n);
        size_t length = comma ? (size_t)(comma - text.p) : text.n, skip = comma ? length + 1 : length;
        if (length) out[(*n)++] = (struct str){text.p, length};
        text = (struct str){text.p + skip, text.n - skip};
    }
    return out;
}

static bool load_members(struct arena *a, const struct district *d, struct str codes, struct unit_group *g) {
    size_t n;
    struct str *list = list_of(a, codes, &n);
    const struct unit **members = arena_array(a, n + 1, sizeof *members);
    if (!list || !members) return false;
    for (size_t i = 0; i < n; i++) {
        const struct unit *unit = unit_by_code(d, list[i]);
        if (unit) members[g->member_count++] = unit;
    }
    g->members = members;
    return true;
}

static enum rc load_groups(struct db *db, struct arena *a, struct district *d) {
    struct row_unit_group *rows;
    size_t n, kept = 0;
    enum rc rc = db_rows(db, ST_unit_groups, NULL, 0, a, &rows, &n);
    if (rc != RC_OK) return rc;
    struct unit_group *out = arena_array(a, n + 1, sizeof *out);
    if (!out) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        struct unit_group g = {.code = rows[i].code,
                               .name = rows[i].name,
                               .name_en = rows[i].name_en,
                               .kind = (enum group_kind)rows[i].kind,
                               .lead = unit_by_id(d, rows[i].lead_id),
                               .area = unit_by_id(d, rows[i].area_id)};
        g.organisations = list_of(a, rows[i].organisations, &g.organisation_count);
        if (!g.organisations || !load_members(a, d, rows[i].members, &g)) return RC_INTERNAL;
        if (rows[i].kind < 1 || rows[i].kind >= GROUP__MAX) return bad_row("group", rows[i].id);
        if (g.lead && g.area) out[kept++] = g;
    }
    d->groups = out;
    d->group_count = kept;
    return RC_OK;
}

static enum rc load_calendar(struct db *db, struct arena *a, struct district *d, const char *work_hours) {
    if (!calendar_init(&d->calendar, str_of(work_hours))) return RC_INVALID;
    struct row_calendar_day *days;
    struct row_number *years;
    size_t n, m;
    enum rc rc = db_rows(db, ST_calendar_days, NULL, 0, a, &days, &n);
    if (rc == RC_OK) rc = db_rows(db, ST_calendar_years, NULL, 0, a, &years, &m);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < n; i++) calendar_set_day(&d->calendar, day_of(days[i].day), days[i].works);
    for (size_t i = 0; i < m; i++) calendar_set_year_known(&d->calendar, (int)years[i].n);
    return RC_OK;
}

/* The rows of one unit, put over cal. What this release doesn't understand, or what leaves no working day, is left out as a whole. */
static enum rc apply_own(struct arena *a, struct calendar *cal, const struct row_unit_calendar *rows, size_t n) {
    struct calendar_own *own = arena_array(a, n, sizeof *own);
    struct calendar *before = ARENA_NEW(a, struct calendar);
    if (!own || !before) return RC_INTERNAL;
    *before = *cal;
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = rows[i].way >= WAY_HOLIDAY && rows[i].way < WAY__MAX &&
               !calendar_own_parse(rows[i].day, calendar_way_name((enum calendar_way)rows[i].way), rows[i].hours,
                                   &own[i]);
    if (good && calendar_apply(cal, own, n)) return RC_OK;
    *cal = *before;
    log_event(LOG_ERROR, "reference", "the calendar of unit %lld can't be used", (long long)rows->unit_id);
    return RC_OK;
}

/* The district's own first, as the others are put over it. */
static enum rc load_own_calendars(struct db *db, struct arena *a, struct district *d) {
    struct row_unit_calendar *rows;
    size_t n, next;
    enum rc rc = db_rows(db, ST_unit_calendars, NULL, 0, a, &rows, &n);
    struct own_calendar *out = rc == RC_OK ? arena_array(a, n + 1, sizeof *out) : NULL;
    if (!out) return rc == RC_OK ? RC_INTERNAL : rc;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; rc == RC_OK && i < n; i = next) {
            for (next = i + 1; next < n && rows[next].unit_id == rows[i].unit_id;) next++;
            bool top = d->top && rows[i].unit_id == d->top->id;
            if (top && pass == 0) rc = apply_own(a, &d->calendar, &rows[i], next - i);
            if (top || pass == 0) continue;
            struct calendar *cal = ARENA_NEW(a, struct calendar);
            if (!cal) return RC_INTERNAL;
            *cal = d->calendar;
            rc = apply_own(a, cal, &rows[i], next - i);
            out[d->own_calendar_count++] = (struct own_calendar){rows[i].unit_id, cal};
        }
    d->own_calendars = out;
    return rc;
}

static enum rc read_version(struct db *db, struct arena *a, int64_t *version) {
    struct row_setting *s;
    enum rc rc = db_row(db, ST_setting_get, DB_VALUES(v_z("reference_version")), a, &s);
    if (rc == RC_OK && !(s && num_i64(s->value, 0, INT64_MAX, version))) *version = 0;
    return rc;
}

/* The tables were read one after the other: only when no import came between do they belong together. */
static enum rc unchanged(struct db *db, struct arena *a, int64_t version) {
    int64_t now;
    enum rc rc = read_version(db, a, &now);
    return rc == RC_OK && now != version ? RC_STALE : rc;
}

static enum rc load(struct generation *g, struct db *db, const char *work_hours) {
    arena_free(&g->arena);
    arena_init(&g->arena, DISTRICT_MEMORY);
    g->district = (struct district){0};
    struct arena *a = &g->arena;
    struct district *d = &g->district;
    enum rc rc = read_version(db, a, &d->version);
    if (rc == RC_OK) rc = load_units(db, a, d);
    if (rc == RC_OK) rc = load_places(db, a, d);
    if (rc == RC_OK) rc = load_categories(db, a, d);
    if (rc == RC_OK) rc = load_templates(db, a, d);
    if (rc == RC_OK) rc = load_routes(db, a, d);
    if (rc == RC_OK) rc = load_tags(db, a, d);
    if (rc == RC_OK) rc = load_addresses(db, a, d);
    if (rc == RC_OK) rc = load_areas(db, a, d);
    if (rc == RC_OK) rc = load_clocks(db, a, d);
    if (rc == RC_OK) rc = load_reasons(db, a, d);
    if (rc == RC_OK) rc = load_groups(db, a, d);
    if (rc == RC_OK) rc = load_urgent_words(db, a, d);
    if (rc == RC_OK) rc = load_calendar(db, a, d, work_hours);
    if (rc == RC_OK) rc = load_own_calendars(db, a, d);
    if (rc == RC_OK) rc = unchanged(db, a, d->version);
    if (rc == RC_OK && !d->top) {
        log_event(LOG_ERROR, "reference", "no unit of district tier without a parent: import units first");
        rc = RC_INVALID;
    }
    return rc;
}

struct reference *reference_open(struct db *db, const char *work_hours) {
    static struct reference one; /* one a process: two districts of memory are enough */
    struct reference *r = &one;
    snprintf(r->work_hours, sizeof r->work_hours, "%s", work_hours);
    arena_init(&r->slots[0].arena, DISTRICT_MEMORY);
    arena_init(&r->slots[1].arena, DISTRICT_MEMORY);
    if (load(&r->slots[0], db, r->work_hours) != RC_OK) {
        arena_free(&r->slots[0].arena); /* it is tried again and again until there is a district */
        return NULL;
    }
    atomic_store(&r->current, &r->slots[0].district);
    return r;
}

void reference_close(struct reference *r) {
    atomic_store(&r->current, NULL);
    arena_free(&r->slots[0].arena);
    arena_free(&r->slots[1].arena);
}

const struct district *reference_district(const struct reference *r) {
    return atomic_load_explicit(&r->current, memory_order_acquire);
}

void reference_refresh(struct reference *r, struct db *db, int64_t now_us) {
    if (now_us - r->swapped_at_us < REFERENCE_GRACE_SECONDS * SECOND_US && r->swapped_at_us) return;
    struct arena a;
    int64_t version = 0;
    arena_init(&a, 1 << 20);
    enum rc rc = read_version(db, &a, &version);
    arena_free(&a);
    if (rc != RC_OK || version == reference_district(r)->version) return;
    int next = 1 - r->in_use;
    rc = load(&r->slots[next], db, r->work_hours);
    if (rc == RC_STALE) return; /* next time */
    if (rc != RC_OK) {
        log_event(LOG_ERROR, "reference", "version %lld can't be loaded; the old data stay in use", (long long)version);
        return;
    }
    atomic_store_explicit(&r->current, &r->slots[next].district, memory_order_release);
    r->in_use = next;
    r->swapped_at_us = now_us;
    log_event(LOG_INFO, "reference", "version %lld in use", (long long)version);
}
