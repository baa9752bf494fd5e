/* Filters as terms, as text and as JSON: by their descriptor, where all fields are treated alike. */
#include "filters.h"

#include "base/encode.h"
#include "base/timefmt.h"
#include "query.h"

enum { PACKED_MAX = 1000 };

/* All but text, codes, time and map: one term each. */
static bool add_values(const struct filters *f, uint64_t seen, struct term_search *t) {
    const struct {
        enum filter filter;
        enum term_kind kind;
        int64_t value;
    } given[] = {
        {FILTER_STATE, TERM_STATE, f->state + 1},
        {FILTER_OPEN, TERM_OPEN, term_whether(f->open)},
        {FILTER_OVERDUE, TERM_OVERDUE, term_whether(f->overdue)},
        {FILTER_KIND, TERM_KIND, f->kind + 1},
        {FILTER_TIER, TERM_TIER, f->tier + 1},
        {FILTER_CHANNEL, TERM_CHANNEL, f->channel + 1},
        {FILTER_URGENCY, TERM_URGENCY, f->urgency},
        {FILTER_OUTCOME, TERM_OUTCOME, f->outcome + 1},
        {FILTER_STARS, TERM_STARS, f->stars},
        {FILTER_WEIGHT, TERM_WEIGHT, f->weight + 1},
    };
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (seen >> given[i].filter & 1 && !term_need(t, given[i].kind, given[i].value)) return false;
    return true;
}

static void add_below(struct term_group *g, const struct unit *unit) {
    if (!unit->heir_count && g->n < TERM_ANY_MAX) g->any[g->n++] = term_of(TERM_BELOW, unit->id);
    for (size_t i = 0; i < unit->heir_count; i++) add_below(g, unit->heirs[i]);
}

/* What a unit that has ended had is found with those that stand for it. */
static bool need_below(struct term_search *t, const struct unit *unit) {
    if (!term_need(t, TERM_BELOW, unit->id)) return false;
    t->groups[t->n - 1].n = 0;
    add_below(&t->groups[t->n - 1], unit);
    return true;
}

static const char *pointer_to(struct request *req, const char *before, const char *name) {
    const char *pointer = arena_printf(req->arena, "%s%s", before, name);
    return pointer ? pointer : "";
}

/* Time and map, of filters that fit each other. */
static bool add_bounds(const struct filters *f, uint64_t seen, struct search *s) {
    s->days = f->submitted_days;
    s->from_us = f->submitted_from;
    s->until_us = f->submitted_until;
    s->has_box = seen >> FILTER_BOX & 1;
    if (!s->has_box) return true;
    s->west = f->west;
    s->south = f->south;
    s->east = f->east;
    s->north = f->north;
    return term_need_box(&s->terms, s->west, s->south, s->east, s->north);
}

/* One way to say a time, whose end is not before its beginning. */
static enum rc check_times(struct request *req, const char *pointer, const struct filters *f, uint64_t seen) {
    bool days = seen >> FILTER_DAYS & 1, from = seen >> FILTER_FROM & 1, until = seen >> FILTER_UNTIL & 1;
    if (days && (from || until))
        return fail_field(req, pointer_to(req, pointer, "submitted_days"), "请填写最近天数，或起止时间，二者择一。",
                          "Give either the last days, or a beginning and an end.");
    if (from && until && f->submitted_from > f->submitted_until)
        return fail_field(req, pointer_to(req, pointer, "submitted_until"), "结束时间须晚于开始时间。",
                          "The end comes after the beginning.");
    return RC_OK;
}

/* All four edges or none, and a rectangle. */
static enum rc check_box(struct request *req, const char *pointer, const struct filters *f, uint64_t seen) {
    uint64_t given = seen >> FILTER_BOX & 15;
    for (size_t i = 0; given && i < 4; i++)
        if (!(given >> i & 1))
            return fail_field(req, pointer_to(req, pointer, schema_filters.fields[FILTER_BOX + i].name),
                              "地图范围的四条边请一并填写。", "Give all four edges of the map's rectangle.");
    if (given && (f->west > f->east || f->south > f->north))
        return fail_field(req, pointer_to(req, pointer, f->west > f->east ? "east" : "north"),
                          "东边须大于西边，北边须大于南边。", "East lies east of west, north is north of south.");
    return RC_OK;
}

/* All but the text. */
static bool add_filters(const struct filters *f, uint64_t seen, const struct category *category,
                        const struct unit *unit, struct search *s) {
    return add_values(f, seen, &s->terms) && (!category || term_need(&s->terms, TERM_CATEGORY, category->id)) &&
           (!unit || need_below(&s->terms, unit)) && add_bounds(f, seen, s);
}

enum rc filters_search(struct request *req, const char *pointer, const struct filters *f, uint64_t seen,
                       struct search *out) {
    const struct district *d = app_district();
    const struct category *category = f->category_code.p ? category_by_code(d, f->category_code) : NULL;
    const struct unit *unit = f->unit_code.p ? unit_by_code_ever(d, f->unit_code) : NULL;
    *out = (struct search){.limit = 0};
    if (f->category_code.p && !category)
        return fail_field(req, pointer_to(req, pointer, "category_code"), "没有这个分类，请从分类列表中选择。",
                          "There is no such category; choose from the list.");
    if (f->unit_code.p && !unit)
        return fail_field(req, pointer_to(req, pointer, "unit_code"), "没有这个单位，请从单位列表中选择。",
                          "There is no such unit; choose from the list.");
    if (f->q.p && !term_need_text(&out->terms, f->q))
        return fail_field(req, pointer_to(req, pointer, "q"), "请输入要查找的文字或数字。",
                          "Give letters or digits to look for.");
    enum rc rc = check_times(req, pointer, f, seen);
    if (rc == RC_OK) rc = check_box(req, pointer, f, seen);
    if (rc != RC_OK) return rc;
    return add_filters(f, seen, category, unit, out) ? RC_OK : RC_INTERNAL;
}

/* All four edges or none, and a rectangle. */
static bool is_box(const struct filters *f, uint64_t seen) {
    uint64_t given = seen >> FILTER_BOX & 15;
    return !given || (given == 15 && f->west <= f->east && f->south <= f->north);
}

enum rc filters_kept_search(const struct district *d, const struct query_filters *kept, struct search *out) {
    const struct filters *f = &kept->filters;
    const struct category *category = f->category_code.p ? category_by_code(d, f->category_code) : NULL;
    const struct unit *unit = f->unit_code.p ? unit_by_code_ever(d, f->unit_code) : NULL;
    *out = (struct search){.limit = 0};
    bool some = (!f->category_code.p || category) && (!f->unit_code.p || unit) && is_box(f, kept->seen) &&
                (!f->q.p || term_need_text(&out->terms, f->q));
    bool done = some ? add_filters(f, kept->seen, category, unit, out) : term_need(&out->terms, TERM_BELOW, 0);
    return done ? RC_OK : RC_INTERNAL;
}

/* ---- kept ---- */

/* One filter's value: a text, a choice's name or a time, yes or no, or a number. store: room for a time. */
struct filter_value {
    struct str text;
    bool yes;
    int64_t number;
};

static struct filter_value value_of(const struct field *f, const void *object, char store[TIME_TEXT_MAX]) {
    const char *at = (const char *)object + f->offset;
    struct filter_value v = {.number = 0};
    int choice = 0;
    if (f->type == F_TEXT) memcpy(&v.text, at, sizeof v.text);
    else if (f->type == F_ENUM) memcpy(&choice, at, sizeof choice);
    else if (f->type == F_BOOL) memcpy(&v.yes, at, sizeof v.yes);
    else memcpy(&v.number, at, sizeof v.number);
    if (f->type == F_ENUM) v.text = str_of(f->names[choice]);
    if (f->type == F_TIME) v.text = (struct str){store, time_format_beijing(v.number, 3, store)};
    return v;
}

static void pack_value(struct buf *b, const struct field *f, const void *object) {
    char store[TIME_TEXT_MAX];
    struct filter_value v = value_of(f, object, store);
    struct json_out degrees; /* are written there as here */
    jw_init(&degrees, b);
    buf_printf(b, "%s%s=", b->n ? "&" : "", f->name);
    if (v.text.p) percent_encode(b, v.text);
    else if (f->type == F_BOOL) buf_add_z(b, v.yes ? "true" : "false");
    else if (f->type == F_DEGREES) jw_degrees(&degrees, v.number);
    else buf_printf(b, "%lld", (long long)v.number);
}

struct str filters_pack(struct arena *a, const struct filters *f, uint64_t seen) {
    struct query_filters object = {.seen = seen, .filters = *f};
    struct buf b;
    buf_init(&b, a, PACKED_MAX);
    for (size_t i = 0; i < schema_filters.count; i++)
        if (seen >> i & 1) pack_value(&b, &schema_filters.fields[i], &object);
    return b.failed ? (struct str){0} : b.n ? buf_str(&b) : STR("");
}

enum rc filters_unpack(struct arena *a, struct str packed, struct query_filters *out) {
    struct violations v;
    *out = (struct query_filters){.seen = 0};
    violations_init(&v, a);
    enum rc rc = query_decode(packed, &schema_filters, out, &v, a);
    return rc == RC_INVALID ? RC_OK : rc;
}

void filters_write(struct json_out *w, const struct query_filters *kept) {
    for (size_t i = 0; i < schema_filters.count; i++) {
        const struct field *f = &schema_filters.fields[i];
        char store[TIME_TEXT_MAX];
        struct filter_value v = value_of(f, kept, store);
        jw_key(w, f->name);
        if (!FIELD_SEEN(kept, i)) jw_null(w);
        else if (v.text.p) jw_str(w, v.text);
        else if (f->type == F_BOOL) jw_bool(w, v.yes);
        else if (f->type == F_DEGREES) jw_degrees(w, v.number);
        else jw_int(w, v.number);
    }
}
