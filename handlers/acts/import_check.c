/* Whether the import's tables fit together and to what the database has. Pure. */
#include "acts/import_checking.h"

#include "base/utf8.h"
#include "rules/permissions.h"
#include "rules/template.h"

enum { DEPTH_MAX = 64, URGENT_WORDS_MAX = 5000, TEMPLATES_MAX = 2000 };

static const struct import_entry *unit_of(struct checking *c, enum import_file file, int64_t line, const char *column,
                                          struct str code) {
    const struct import_entry *e = code.n ? import_index_get(&c->units, code) : NULL;
    if (code.n && !e && !c->data->tables[IMPORT_UNITS].broken)
        COMPLAIN(c, file, line, column, "no unit has the code \"%.*s\"", SHOWN(code));
    if (e && e->ended) COMPLAIN(c, file, line, column, "the unit \"%.*s\" has ended", SHOWN(code));
    return e;
}

static const struct import_entry *category_of(struct checking *c, enum import_file file, int64_t line,
                                              struct str code) {
    const struct import_entry *e = code.n ? import_index_get(&c->categories, code) : NULL;
    if (code.n && !e && !c->data->tables[IMPORT_CATEGORIES].broken)
        COMPLAIN(c, file, line, "category_code", "no category has the code \"%.*s\"", SHOWN(code));
    return e;
}

/* ---- trees ---- */

/* The entry of a file's row: the database's, or a new one at *n. NULL, and told, when the file names it twice. */
static struct import_entry *enter(struct checking *c, struct import_index *x, struct import_entry *entries, size_t *n,
                                  enum import_file file, struct str code, int64_t line) {
    struct import_entry *e = import_index_get(x, code);
    if (e && e->line) {
        complain_twice(c, file, line, "code", e->line);
        return NULL;
    }
    if (!e) {
        e = &entries[(*n)++];
        e->code = code;
        import_index_put(x, code, e);
    }
    e->line = line;
    return e;
}

static void find_parent(struct checking *c, struct import_index *x, enum import_file file, struct import_entry *e,
                        struct str code, int64_t faults) {
    e->parent = code.n ? import_index_get(x, code) : NULL;
    e->lost = !e->parent && (code.n || faults);
    if (code.n && !e->parent)
        COMPLAIN(c, file, e->line, "parent_code", "no %s has the code \"%.*s\"",
                 file == IMPORT_UNITS ? "unit" : "category", SHOWN(code));
}

/* Told at each row of the circle, once. */
static void check_circles(struct checking *c, enum import_file file, const struct import_entry *entries, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct import_entry *up = entries[i].parent;
        int depth = 1;
        for (; up && up != &entries[i] && depth <= DEPTH_MAX; depth++) up = up->parent;
        if (up == &entries[i] && entries[i].line)
            COMPLAIN(c, file, entries[i].line, "parent_code", "\"%.*s\" is above itself", SHOWN(entries[i].code));
    }
}

static struct str id_key(const int64_t *id) { return (struct str){(const char *)id, sizeof *id}; }

static bool build_units(struct checking *c) {
    const struct import_known *k = c->known;
    struct import_unit *rows = ROWS(c, unit, IMPORT_UNITS);
    struct import_index ids;
    size_t room = k->unit_count + COUNT(c, IMPORT_UNITS);
    c->unit_entries = arena_array(c->arena, room + 1, sizeof *c->unit_entries);
    if (!c->unit_entries || !import_index_init(&c->units, c->arena, room) ||
        !import_index_init(&ids, c->arena, k->unit_count))
        return false;
    for (size_t i = 0; i < k->unit_count; i++) {
        struct import_entry *e = &c->unit_entries[c->unit_count++];
        *e = (struct import_entry){.code = k->units[i].code, .id = k->units[i].id, .tier = k->units[i].tier};
        import_index_put(&c->units, e->code, e);
        import_index_put(&ids, id_key(&k->units[i].id), e);
    }
    for (size_t i = 0; i < k->unit_count; i++)
        c->unit_entries[i].parent = import_index_get(&ids, id_key(&k->units[i].parent_id));
    for (size_t i = 0; i < k->succession_count; i++) {
        struct import_entry *e = import_index_get(&ids, id_key(&k->successions[i].old_id));
        if (e) e->ended = true;
    }
    for (size_t i = 0; i < COUNT(c, IMPORT_UNITS); i++) {
        if (!rows[i].code.n) continue;
        rows[i].entry = enter(c, &c->units, c->unit_entries, &c->unit_count, IMPORT_UNITS, rows[i].code, rows[i].line);
        if (rows[i].entry) rows[i].entry->tier = rows[i].tier;
    }
    for (size_t i = 0; i < COUNT(c, IMPORT_UNITS); i++)
        if (rows[i].entry) find_parent(c, &c->units, IMPORT_UNITS, rows[i].entry, rows[i].parent_code, rows[i].faults);
    return true;
}

static bool build_categories(struct checking *c) {
    const struct import_known *k = c->known;
    struct import_category *rows = ROWS(c, category, IMPORT_CATEGORIES);
    struct import_index ids;
    size_t room = k->category_count + COUNT(c, IMPORT_CATEGORIES);
    c->category_entries = arena_array(c->arena, room + 1, sizeof *c->category_entries);
    if (!c->category_entries || !import_index_init(&c->categories, c->arena, room) ||
        !import_index_init(&ids, c->arena, k->category_count))
        return false;
    for (size_t i = 0; i < k->category_count; i++) {
        struct import_entry *e = &c->category_entries[c->category_count++];
        *e = (struct import_entry){.code = k->categories[i].code, .id = k->categories[i].id};
        import_index_put(&c->categories, e->code, e);
        import_index_put(&ids, id_key(&k->categories[i].id), e);
    }
    for (size_t i = 0; i < k->category_count; i++)
        c->category_entries[i].parent = import_index_get(&ids, id_key(&k->categories[i].parent_id));
    for (size_t i = 0; i < COUNT(c, IMPORT_CATEGORIES); i++)
        if (rows[i].code.n)
            rows[i].entry = enter(c, &c->categories, c->category_entries, &c->category_count, IMPORT_CATEGORIES,
                                  rows[i].code, rows[i].line);
    for (size_t i = 0; i < COUNT(c, IMPORT_CATEGORIES); i++)
        if (rows[i].entry)
            find_parent(c, &c->categories, IMPORT_CATEGORIES, rows[i].entry, rows[i].parent_code, rows[i].faults);
    check_circles(c, IMPORT_CATEGORIES, c->category_entries, c->category_count);
    return true;
}

/* ---- units ---- */

static bool tier_fits(const struct import_entry *e) {
    const struct import_entry *up = e->parent;
    if (!up || !e->tier || !up->tier) return true;
    return up->tier > e->tier || (up->tier == TIER_DISTRICT && e->tier == TIER_DISTRICT);
}

/* A unit that only the database has is told at its parent's line, which must be what changed. */
static void check_tier(struct checking *c, const struct import_entry *e) {
    if (tier_fits(e)) return;
    const char *tier = tier_words[e->tier].code, *above = tier_words[e->parent->tier].code;
    if (e->line)
        COMPLAIN(c, IMPORT_UNITS, e->line, "parent_code", "\"%.*s\" is of tier %s, which is not above %s",
                 SHOWN(e->parent->code), above, tier);
    else if (e->parent->line)
        COMPLAIN(c, IMPORT_UNITS, e->parent->line, "tier",
                 "tier %s is not above %s, the tier of the unit \"%.*s\" in the database", above, tier, SHOWN(e->code));
}

/* Exactly one unit has no parent, and it is the district itself. */
static void check_top(struct checking *c) {
    const struct import_entry *top = NULL;
    for (size_t i = 0; i < c->unit_count; i++) {
        const struct import_entry *e = &c->unit_entries[i];
        if (e->parent || e->lost) continue;
        if (e->tier && e->tier != TIER_DISTRICT && e->line)
            COMPLAIN(c, IMPORT_UNITS, e->line, "parent_code", "is empty, which only the district itself may have");
        else if (top && (e->line || top->line))
            COMPLAIN(c, IMPORT_UNITS, e->line ? e->line : top->line, "parent_code",
                     "is empty, but \"%.*s\" is the district's top already", SHOWN((e->line ? top : e)->code));
        else if (!top) top = e;
    }
    if (!top && c->data->tables[IMPORT_UNITS].present && !c->data->tables[IMPORT_UNITS].broken)
        COMPLAIN(c, IMPORT_UNITS, 1, NULL,
                 "no unit is the district itself: of tier district and without a parent_code");
}

/* A reorganisation is not taken back by importing an old file again. */
static void check_ended(struct checking *c) {
    for (size_t i = 0; i < c->unit_count; i++) {
        const struct import_entry *e = &c->unit_entries[i];
        if (e->line && e->ended) COMPLAIN(c, IMPORT_UNITS, e->line, "code", "this unit was ended by a reorganisation");
        else if (e->line && e->parent && e->parent->ended)
            COMPLAIN(c, IMPORT_UNITS, e->line, "parent_code", "the unit \"%.*s\" has ended", SHOWN(e->parent->code));
    }
}

static void check_units(struct checking *c) {
    for (size_t i = 0; i < c->unit_count; i++) check_tier(c, &c->unit_entries[i]);
    check_ended(c);
    check_circles(c, IMPORT_UNITS, c->unit_entries, c->unit_count);
    check_top(c);
}

/* ---- places, rules, reasons ---- */

/* Puts a key (NULL: memory was used up); the line it was seen in before, or 0. */
static int64_t seen_before(struct checking *c, struct import_index *x, char *key, int64_t *line) {
    if (!key) {
        c->problems->failed = true;
        return 0;
    }
    const int64_t *first = import_index_put(x, str_of(key), line);
    return first ? *first : 0;
}

static bool check_places(struct checking *c) {
    const struct import_known *k = c->known;
    struct import_place *rows = ROWS(c, place, IMPORT_PLACES);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_PLACES)) ||
        !import_index_init(&c->places, c->arena, k->place_count + COUNT(c, IMPORT_PLACES)))
        return false;
    for (size_t i = 0; i < k->place_count; i++)
        import_index_put(&c->places, k->places[i].code, (void *)(uintptr_t)&k->places[i].id);
    for (size_t i = 0; i < COUNT(c, IMPORT_PLACES); i++) {
        struct import_place *p = &rows[i];
        p->unit = unit_of(c, IMPORT_PLACES, p->line, "unit_code", p->unit_code);
        if (!p->code.n) continue;
        const int64_t *first = import_index_put(&seen, p->code, &p->line);
        if (first) complain_twice(c, IMPORT_PLACES, p->line, "code", *first);
        const int64_t *id = import_index_put(&c->places, p->code, &p->id);
        p->id = id ? *id : 0;
    }
    return true;
}

static const int64_t *place_of(struct checking *c, enum import_file file, int64_t line, struct str code) {
    const int64_t *id = code.n ? import_index_get(&c->places, code) : NULL;
    if (code.n && !id && !c->data->tables[IMPORT_PLACES].broken)
        COMPLAIN(c, file, line, "place_code", "no place has the code \"%.*s\"", SHOWN(code));
    return id;
}

static bool overlap(const struct import_route *a, const struct import_route *b) {
    return (!a->valid_until || b->valid_from <= a->valid_until) && (!b->valid_until || a->valid_from <= b->valid_until);
}

/* Two equally special rules never hold on one day (rules/routing.h), so that it is always clear which decides. */
static void check_rivals(struct checking *c, struct import_index *seen, struct import_route *r) {
    char *key = arena_printf(c->arena, "%.*s\t%.*s\t%.*s\t%lld\t%lld", SHOWN(r->category_code), SHOWN(r->area_code),
                             SHOWN(r->place_code), (long long)r->channel, (long long)r->kind);
    if (!key) {
        c->problems->failed = true;
        return;
    }
    struct import_route *first = import_index_put(seen, str_of(key), r);
    if (!first) return;
    const struct import_route *rival = first;
    while (rival && !overlap(rival, r)) rival = rival->same;
    if (rival)
        COMPLAIN(c, IMPORT_ROUTES, r->line, NULL,
                 "is for the same category, place, channel and kind as line %lld, on the same days",
                 (long long)rival->line);
    r->same = first->same;
    first->same = r;
}

static void check_route(struct checking *c, struct import_route *r) {
    r->category = category_of(c, IMPORT_ROUTES, r->line, r->category_code);
    r->area = unit_of(c, IMPORT_ROUTES, r->line, "area_code", r->area_code);
    r->unit = unit_of(c, IMPORT_ROUTES, r->line, "unit_code", r->unit_code);
    r->place_id = place_of(c, IMPORT_ROUTES, r->line, r->place_code);
    if (r->faults) return;
    if ((r->tier != 0) == (r->unit_code.n > 0))
        COMPLAIN(c, IMPORT_ROUTES, r->line, "tier", "give either tier or unit_code");
    if (r->area_code.n && r->place_code.n)
        COMPLAIN(c, IMPORT_ROUTES, r->line, "place_code", "give either area_code or place_code");
    if (r->valid_until && r->valid_until < r->valid_from)
        COMPLAIN(c, IMPORT_ROUTES, r->line, "valid_until", "is before valid_from");
}

static bool check_routes(struct checking *c) {
    struct import_route *rows = ROWS(c, route, IMPORT_ROUTES);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_ROUTES))) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_ROUTES); i++) {
        check_route(c, &rows[i]);
        if (!rows[i].faults) check_rivals(c, &seen, &rows[i]);
    }
    return true;
}

static bool check_tags(struct checking *c) {
    struct import_tag *rows = ROWS(c, tag, IMPORT_TAGS);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_TAGS))) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_TAGS); i++) {
        rows[i].place_id = place_of(c, IMPORT_TAGS, rows[i].line, rows[i].place_code);
        rows[i].category = category_of(c, IMPORT_TAGS, rows[i].line, rows[i].category_code);
        const int64_t *first = rows[i].code.n ? import_index_put(&seen, rows[i].code, &rows[i].line) : NULL;
        if (first) complain_twice(c, IMPORT_TAGS, rows[i].line, "code", *first);
    }
    return true;
}

static bool check_addresses(struct checking *c) {
    struct import_address *rows = ROWS(c, address, IMPORT_ADDRESSES);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_ADDRESSES))) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_ADDRESSES); i++) {
        rows[i].place_id = place_of(c, IMPORT_ADDRESSES, rows[i].line, rows[i].place_code);
        const int64_t *first = rows[i].text.n ? import_index_put(&seen, rows[i].text, &rows[i].line) : NULL;
        if (first) complain_twice(c, IMPORT_ADDRESSES, rows[i].line, "text", *first);
    }
    return true;
}

static void check_areas(struct checking *c) {
    struct import_area *rows = ROWS(c, area, IMPORT_AREAS);
    for (size_t i = 0; i < COUNT(c, IMPORT_AREAS); i++)
        rows[i].place_id = place_of(c, IMPORT_AREAS, rows[i].line, rows[i].place_code);
}

static bool check_interests(struct checking *c) {
    struct import_interest *rows = ROWS(c, interest, IMPORT_INTERESTS);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_INTERESTS) * 2)) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_INTERESTS); i++) {
        struct import_interest *r = &rows[i];
        r->unit = unit_of(c, IMPORT_INTERESTS, r->line, "unit_code", r->unit_code);
        r->with = unit_of(c, IMPORT_INTERESTS, r->line, "with_code", r->with_code);
        if (!r->unit || !r->with) continue;
        if (r->unit == r->with) COMPLAIN(c, IMPORT_INTERESTS, r->line, "with_code", "is the unit itself");
        /* A pair stands both ways, whichever way it was written. */
        bool turned = (uintptr_t)r->unit > (uintptr_t)r->with;
        char *key = arena_printf(c->arena, "%p\t%p", (const void *)(turned ? r->with : r->unit),
                                 (const void *)(turned ? r->unit : r->with));
        int64_t first = seen_before(c, &seen, key, &r->line);
        if (first) COMPLAIN(c, IMPORT_INTERESTS, r->line, NULL, "is the same pair as line %lld", (long long)first);
    }
    return true;
}

static bool check_clocks(struct checking *c) {
    struct import_clock *rows = ROWS(c, clock, IMPORT_CLOCKS);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_CLOCKS))) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_CLOCKS); i++) {
        struct import_clock *r = &rows[i];
        r->category = category_of(c, IMPORT_CLOCKS, r->line, r->category_code);
        if (r->faults) continue;
        char *key = arena_printf(c->arena, "%lld\t%.*s\t%lld", (long long)r->tier, SHOWN(r->category_code),
                                 (long long)r->urgency);
        int64_t first = seen_before(c, &seen, key, &r->line);
        if (first)
            COMPLAIN(c, IMPORT_CLOCKS, r->line, NULL, "has the same tier, category and urgency as line %lld",
                     (long long)first);
    }
    return true;
}

static bool check_reasons(struct checking *c) {
    const struct import_known *k = c->known;
    struct import_reason *rows = ROWS(c, reason, IMPORT_REASONS);
    struct import_index seen, known;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_REASONS)) ||
        !import_index_init(&known, c->arena, k->reason_count))
        return false;
    for (size_t i = 0; i < k->reason_count; i++) {
        char *key = arena_printf(c->arena, "%lld\t%.*s", (long long)k->reasons[i].purpose, SHOWN(k->reasons[i].code));
        if (!key) return false;
        import_index_put(&known, str_of(key), (void *)(uintptr_t)&k->reasons[i]);
    }
    for (size_t i = 0; i < COUNT(c, IMPORT_REASONS); i++) {
        struct import_reason *r = &rows[i];
        if (!r->code.n || !r->purpose) continue;
        char *key = arena_printf(c->arena, "%lld\t%.*s", (long long)r->purpose, SHOWN(r->code));
        int64_t first = seen_before(c, &seen, key, &r->line);
        if (first) complain_twice(c, IMPORT_REASONS, r->line, "code", first);
        const struct row_reason *old = key ? import_index_get(&known, str_of(key)) : NULL;
        r->id = old ? old->id : 0;
    }
    return true;
}

static bool check_stoppers(struct checking *c) {
    struct import_stopper *rows = ROWS(c, stopper, IMPORT_STOPPERS);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_STOPPERS))) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_STOPPERS); i++) {
        struct import_stopper *r = &rows[i];
        r->category = category_of(c, IMPORT_STOPPERS, r->line, r->category_code);
        import_check_where(c->problems, IMPORT_STOPPERS, r->line, r->phone, r->link);
        const int64_t *first = r->category_code.n ? import_index_put(&seen, r->category_code, &r->line) : NULL;
        if (first) complain_twice(c, IMPORT_STOPPERS, r->line, "category_code", *first);
    }
    return true;
}

static bool check_forms(struct checking *c) {
    struct import_form_question *questions = ROWS(c, form_question, IMPORT_FORMS);
    struct import_form_choice *choices = ROWS(c, form_choice, IMPORT_FORM_CHOICES);
    for (size_t i = 0; i < COUNT(c, IMPORT_FORMS); i++)
        questions[i].category = category_of(c, IMPORT_FORMS, questions[i].line, questions[i].category_code);
    for (size_t i = 0; i < COUNT(c, IMPORT_FORM_CHOICES); i++)
        choices[i].category = category_of(c, IMPORT_FORM_CHOICES, choices[i].line, choices[i].category_code);
    return import_check_forms(c->data, c->problems, c->arena);
}

static bool check_templates(struct checking *c) {
    struct import_template *rows = ROWS(c, template, IMPORT_TEMPLATES);
    if (COUNT(c, IMPORT_TEMPLATES) > TEMPLATES_MAX)
        COMPLAIN(c, IMPORT_TEMPLATES, rows[TEMPLATES_MAX].line, NULL, "at most %d templates are possible",
                 TEMPLATES_MAX);
    for (size_t i = 0; i < COUNT(c, IMPORT_TEMPLATES); i++) {
        struct import_template *r = &rows[i];
        r->category = category_of(c, IMPORT_TEMPLATES, r->line, r->category_code);
        r->unit = unit_of(c, IMPORT_TEMPLATES, r->line, "unit_code", r->unit_code);
        const char *fault = template_fault(r->text);
        if (fault) COMPLAIN(c, IMPORT_TEMPLATES, r->line, "text", "%s", fault);
        if (r->kind == TEMPLATE_PHRASE && utf8_count(r->text) > PHRASE_MAX)
            COMPLAIN(c, IMPORT_TEMPLATES, r->line, "text", "a phrase has at most %d characters", PHRASE_MAX);
    }
    return true;
}

/* A word of one character would find itself in half of all texts. */
static bool check_urgent_words(struct checking *c) {
    struct import_urgent_word *rows = ROWS(c, urgent_word, IMPORT_URGENT_WORDS);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_URGENT_WORDS))) return false;
    if (COUNT(c, IMPORT_URGENT_WORDS) > URGENT_WORDS_MAX)
        COMPLAIN(c, IMPORT_URGENT_WORDS, rows[URGENT_WORDS_MAX].line, NULL, "at most %d words are possible",
                 URGENT_WORDS_MAX);
    for (size_t i = 0; i < COUNT(c, IMPORT_URGENT_WORDS); i++) {
        struct import_urgent_word *w = &rows[i];
        if (w->word.n && utf8_count(w->word) < 2)
            COMPLAIN(c, IMPORT_URGENT_WORDS, w->line, "word", "has one character, at least two are needed");
        if (!w->faults && w->urgency == URGENCY_NORMAL)
            COMPLAIN(c, IMPORT_URGENT_WORDS, w->line, "urgency", "is normal, as is every text without such a word");
        const int64_t *first = w->word.n ? import_index_put(&seen, w->word, &w->line) : NULL;
        if (first) complain_twice(c, IMPORT_URGENT_WORDS, w->line, "word", *first);
    }
    return true;
}

/* ---- groups ---- */

enum { GROUP_MEMBERS_MAX = 30 }; /* with the leading unit fewer than an appeal may have parts */

static size_t list_length(struct str list) {
    size_t n = list.n > 0;
    for (size_t i = 0; i < list.n; i++) n += list.p[i] == ',';
    return n;
}

/* Every member is a unit, once. */
static bool check_members(struct checking *c, const struct import_group *g) {
    struct import_index seen;
    struct str rest = g->members;
    if (!import_index_init(&seen, c->arena, list_length(rest))) return false;
    while (rest.n) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n, skip = comma ? n + 1 : n;
        struct str code = {rest.p, n};
        rest = (struct str){rest.p + skip, rest.n - skip};
        if (!n) COMPLAIN(c, IMPORT_GROUPS, g->line, "members", "has nothing between two commas");
        else if (unit_of(c, IMPORT_GROUPS, g->line, "members", code) &&
                 import_index_put(&seen, code, (void *)(uintptr_t)g))
            COMPLAIN(c, IMPORT_GROUPS, g->line, "members", "names \"%.*s\" twice", SHOWN(code));
    }
    return true;
}

static bool check_groups(struct checking *c) {
    struct import_group *rows = ROWS(c, group, IMPORT_GROUPS);
    struct import_index seen;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_GROUPS))) return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_GROUPS); i++) {
        struct import_group *g = &rows[i];
        g->lead = unit_of(c, IMPORT_GROUPS, g->line, "lead_code", g->lead_code);
        g->area = unit_of(c, IMPORT_GROUPS, g->line, "area_code", g->area_code);
        if (!check_members(c, g)) return false;
        size_t n = list_length(g->members) + list_length(g->organisations);
        if (n < 1 || n > GROUP_MEMBERS_MAX)
            COMPLAIN(c, IMPORT_GROUPS, g->line, "members", "a group has 1 to %d members, units and organisations",
                     GROUP_MEMBERS_MAX);
        const int64_t *first = g->code.n ? import_index_put(&seen, g->code, &g->line) : NULL;
        if (first) complain_twice(c, IMPORT_GROUPS, g->line, "code", *first);
    }
    return true;
}

/* ---- posts ---- */

static void check_post(struct checking *c, struct import_post *p) {
    p->unit = unit_of(c, IMPORT_POSTS, p->line, "unit_code", p->unit_code);
    p->person = import_person_of(c, IMPORT_POSTS, p->line, "employee_code", p->employee_code);
    if (p->unit && p->unit->tier && p->role && !role_abilities((enum role)p->role, (enum tier)p->unit->tier))
        COMPLAIN(c, IMPORT_POSTS, p->line, "role", "there is no %s at tier %s", role_words[p->role].code,
                 tier_words[p->unit->tier].code);
}

static bool check_posts(struct checking *c) {
    struct import_post *rows = ROWS(c, post, IMPORT_POSTS);
    struct import_index seen, mains;
    if (!import_index_init(&seen, c->arena, COUNT(c, IMPORT_POSTS)) ||
        !import_index_init(&mains, c->arena, COUNT(c, IMPORT_POSTS)))
        return false;
    for (size_t i = 0; i < COUNT(c, IMPORT_POSTS); i++) {
        struct import_post *p = &rows[i];
        check_post(c, p);
        if (!p->person || !p->unit || !p->role) continue;
        char *key = arena_printf(c->arena, "%p\t%p\t%lld", (const void *)p->person, (const void *)p->unit,
                                 (long long)p->role);
        int64_t first = seen_before(c, &seen, key, &p->line);
        if (first) COMPLAIN(c, IMPORT_POSTS, p->line, NULL, "is the same post as in line %lld", (long long)first);
        key = p->main ? arena_printf(c->arena, "%p", (const void *)p->person) : NULL;
        first = p->main ? seen_before(c, &mains, key, &p->line) : 0;
        if (first)
            COMPLAIN(c, IMPORT_POSTS, p->line, "main", "this person's main post is in line %lld already",
                     (long long)first);
    }
    return true;
}

static bool check_rota(struct checking *c) {
    struct import_rota *rows = ROWS(c, rota, IMPORT_ROTA);
    for (size_t i = 0; i < COUNT(c, IMPORT_ROTA); i++)
        rows[i].unit = unit_of(c, IMPORT_ROTA, rows[i].line, "unit_code", rows[i].unit_code);
    return import_check_rota(c);
}

bool import_check(const struct import_known *known, struct import_data *data, struct import_problems *p,
                  struct arena *a) {
    struct checking c = {.known = known, .data = data, .problems = p, .arena = a};
    if (!build_units(&c) || !build_categories(&c)) return false;
    check_units(&c);
    if (!check_places(&c)) return false;
    check_areas(&c);
    return check_routes(&c) && check_interests(&c) && check_tags(&c) && check_addresses(&c) && check_clocks(&c) &&
           check_reasons(&c) && check_stoppers(&c) && check_forms(&c) && check_templates(&c) &&
           check_urgent_words(&c) && check_groups(&c) && import_people_build(&c) && check_posts(&c) && check_rota(&c) &&
           !p->failed;
}
