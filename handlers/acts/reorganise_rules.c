/* Routing rules, keys and groups that name units which end. A rule keeps its number for ever, so one that names such a unit is retired, and
 * another one says the same of what stands for it. */
#include "acts/reorganise.h"

#include "base/buf.h"

/* Rules as they are to be: those that stay, then new ones. */
struct ruling {
    struct act *act;
    const struct import_known *known;
    struct reorganise_result *result;
    struct row_route_rule *rules;
    size_t n, room;
    int64_t last; /* number */
};

static struct reorganised_unit *unit_with_id(const struct reorganisation *p, int64_t id) {
    for (size_t i = 0; i < p->unit_count; i++)
        if (p->units[i].id == id) return &p->units[i];
    return NULL;
}

static bool ends(const struct reorganisation *p, int64_t id) {
    const struct reorganised_unit *u = id ? unit_with_id(p, id) : NULL;
    return u && u->heir_count;
}

static const struct row_category *category_above(const struct ruling *r, const struct row_category *c) {
    for (size_t i = 0; c->parent_id && i < r->known->category_count; i++)
        if (r->known->categories[i].id == c->parent_id) return &r->known->categories[i];
    return NULL;
}

/* How many steps the row's category is above this one; -1: it is not. */
static int steps_up(const struct ruling *r, int64_t category_id, const struct row_category *above) {
    const struct row_category *c = NULL;
    for (size_t i = 0; category_id && i < r->known->category_count; i++)
        if (r->known->categories[i].id == category_id) c = &r->known->categories[i];
    for (int steps = 0; c && steps < 64; steps++, c = category_above(r, c))
        if (c->id == above->id) return steps;
    return -1;
}

static bool is_category_of(const struct reorganisation_row *row, const struct reorganised_unit *ended) {
    return row->row->act == REORGANISE_CATEGORY && ended->heir_count > 1 &&
           reorganisation_heir_over(ended, row->to) == row->to;
}

/* Which heir has what a rule is about: by its category, else its area or place, else the first. */
static struct reorganised_unit *heir_for(const struct ruling *r, const struct reorganised_unit *ended,
                                         const struct row_route_rule *rule) {
    const struct reorganisation *p = &r->result->plan;
    struct reorganised_unit *heir = NULL, *where = rule->area_id ? unit_with_id(p, rule->area_id) : NULL;
    int nearest = 1 << 30;
    for (size_t i = 0; i < p->row_count; i++) {
        int steps = is_category_of(&p->rows[i], ended) ? steps_up(r, rule->category_id, p->rows[i].category) : -1;
        if (steps < 0 || steps >= nearest) continue;
        heir = p->rows[i].to;
        nearest = steps;
    }
    if (heir) return heir;
    for (size_t i = 0; rule->place_id && i < r->known->place_count; i++)
        if (r->known->places[i].id == rule->place_id) where = unit_with_id(p, r->known->places[i].unit_id);
    for (size_t i = 0; rule->place_id && i < p->row_count; i++)
        if (p->rows[i].place && p->rows[i].place->id == rule->place_id) where = p->rows[i].to;
    if (where) heir = reorganisation_heir_over(ended, where);
    return heir ? heir : ended->heirs[0];
}

/* ---- adding ---- */

static bool rival(const struct row_route_rule *a, const struct row_route_rule *b) {
    bool same = a->category_id == b->category_id && a->area_id == b->area_id && a->place_id == b->place_id &&
                a->channel == b->channel && a->kind == b->kind;
    return same && (!a->valid_until || b->valid_from <= a->valid_until) &&
           (!b->valid_until || a->valid_from <= b->valid_until);
}

/* Where another one decides the same already, it is needless. */
static enum rc add(struct ruling *r, struct row_route_rule rule) {
    for (size_t i = 0; i < r->n; i++)
        if (rival(&r->rules[i], &rule)) {
            r->result->rules_dropped++;
            return RC_OK;
        }
    if (r->n == r->room) {
        struct row_route_rule *grown = arena_array(r->act->arena, 2 * r->room, sizeof *grown);
        if (!grown) return RC_INTERNAL;
        memcpy(grown, r->rules, r->n * sizeof *grown);
        r->rules = grown;
        r->room *= 2;
    }
    rule.id = ++r->last;
    r->rules[r->n++] = rule;
    r->result->rules++;
    return import_put_route(r->act, rule.id, &rule);
}

/* With its unit's heir; what of it is a category that goes to another heir, by a rule of its own. */
static enum rc add_for_unit(struct ruling *r, struct row_route_rule rule) {
    const struct reorganisation *p = &r->result->plan;
    const struct reorganised_unit *ended = rule.unit_id ? unit_with_id(p, rule.unit_id) : NULL;
    enum rc rc = RC_OK;
    if (!ended || !ended->heir_count) return add(r, rule);
    for (size_t i = 0; rc == RC_OK && i < p->row_count; i++) {
        if (!is_category_of(&p->rows[i], ended)) continue;
        struct row_route_rule narrower = rule;
        const struct row_category *whole = NULL, *c = p->rows[i].category;
        for (size_t k = 0; k < r->known->category_count; k++)
            if (r->known->categories[k].id == rule.category_id) whole = &r->known->categories[k];
        if (rule.category_id && (!whole || steps_up(r, c->id, whole) <= 0)) continue;
        narrower.category_id = c->id;
        narrower.unit_id = p->rows[i].to->id;
        rc = add(r, narrower);
    }
    rule.unit_id = heir_for(r, ended, &rule)->id;
    return rc == RC_OK ? add(r, rule) : rc;
}

/* An area that is split is several. */
static enum rc add_anew(struct ruling *r, struct row_route_rule rule) {
    const struct reorganised_unit *area = rule.area_id ? unit_with_id(&r->result->plan, rule.area_id) : NULL;
    enum rc rc = RC_OK;
    if (!area || !area->heir_count) return add_for_unit(r, rule);
    for (size_t i = 0; rc == RC_OK && i < area->heir_count; i++) {
        rule.area_id = area->heirs[i]->id;
        rc = add_for_unit(r, rule);
    }
    return rc;
}

/* At the places of the other heirs, too, it is this one's. */
static enum rc add_everywhere(struct ruling *r, const struct reorganised_unit *ended, const struct reorganised_unit *to,
                              struct row_route_rule rule) {
    enum rc rc = RC_OK;
    rule.unit_id = to->id;
    rule.tier = 0;
    for (size_t i = 0; rc == RC_OK && i < ended->heir_count; i++) {
        rule.area_id = ended->heirs[i]->id;
        if (ended->heirs[i] != to) rc = add(r, rule);
    }
    return rc;
}

/* What comes by its place, or by a rule for all units of this tier, and is of a category of another heir's. */
static enum rc add_category(struct ruling *r, const struct reorganised_unit *ended,
                            const struct reorganisation_row *row) {
    size_t n = r->n; /* those added are more special still */
    enum rc rc = add_everywhere(r, ended, row->to,
                                (struct row_route_rule){.category_id = row->category->id, .basis = STR("")});
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        const struct row_route_rule *rule = &r->rules[i];
        bool by_place = rule->tier == ended->tier && !rule->area_id && !rule->place_id;
        if (by_place && steps_up(r, rule->category_id, row->category) >= 0)
            rc = add_everywhere(r, ended, row->to, *rule);
    }
    return rc;
}

static enum rc add_categories(struct ruling *r) {
    const struct reorganisation *p = &r->result->plan;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < p->row_count; i++)
        for (size_t u = 0; rc == RC_OK && u < p->unit_count; u++)
            if (is_category_of(&p->rows[i], &p->units[u])) rc = add_category(r, &p->units[u], &p->rows[i]);
    return rc;
}

enum rc reorganise_rules(struct act *act, const struct import_known *known, struct reorganise_result *result) {
    struct ruling r = {.act = act, .known = known, .result = result};
    struct row_route_rule *live;
    struct row_number *last;
    size_t n;
    enum rc rc = db_rows(act->db, ST_route_rules, NULL, 0, act->arena, &live, &n);
    if (rc == RC_OK) rc = db_row(act->db, ST_route_last, NULL, 0, act->arena, &last);
    if (rc != RC_OK || !last) return rc == RC_OK ? RC_INTERNAL : rc;
    r.last = last->n;
    r.room = n + 16;
    r.rules = arena_array(act->arena, r.room, sizeof *r.rules);
    if (!r.rules) return RC_INTERNAL;
    for (size_t i = 0; i < n; i++)
        if (!ends(&result->plan, live[i].unit_id) && !ends(&result->plan, live[i].area_id)) r.rules[r.n++] = live[i];
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (!ends(&result->plan, live[i].unit_id) && !ends(&result->plan, live[i].area_id)) continue;
        rc = db_run(act->db, ST_route_retire, DB_VALUES(v_time(act->now_us), v_int(live[i].id)), NULL);
        if (rc == RC_OK) rc = add_anew(&r, live[i]);
    }
    return rc == RC_OK ? add_categories(&r) : rc;
}

/* ---- lists of codes ---- */

enum { LIST_MAX = 1000, MEMBERS_MAX = 30 };

static bool has_code(struct str list, struct str code) {
    while (list.n) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n, skip = comma ? n + 1 : n;
        if (str_eq((struct str){list.p, n}, code)) return true;
        list = (struct str){list.p + skip, list.n - skip};
    }
    return false;
}

static void add_code(struct buf *b, struct str code) {
    if (has_code(buf_str(b), code)) return;
    if (buf_str(b).n) buf_add_z(b, ",");
    buf_add_str(b, code);
}

static const struct reorganised_unit *unit_with_code(const struct reorganisation *p, struct str code) {
    for (size_t i = 0; i < p->unit_count; i++)
        if (str_eq(p->units[i].code, code)) return &p->units[i];
    return NULL;
}

/* The list with each unit that ends replaced by all that stand for it, each once. *count is how many it has then; *changed: whether it
 * is another one. */
static enum rc follow(struct act *act, const struct reorganisation *p, struct str *list, size_t *count, bool *changed) {
    struct buf b;
    struct str rest = *list;
    *changed = false;
    *count = 0;
    buf_init(&b, act->arena, LIST_MAX);
    while (rest.n) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n, skip = comma ? n + 1 : n;
        struct str code = {rest.p, n};
        const struct reorganised_unit *u = unit_with_code(p, code);
        rest = (struct str){rest.p + skip, rest.n - skip};
        *changed |= u && u->heir_count;
        if (!u || !u->heir_count) add_code(&b, code);
        for (size_t i = 0; u && i < u->heir_count; i++) add_code(&b, u->heirs[i]->code);
    }
    if (b.failed) return RC_TOO_LARGE;
    for (size_t i = 0; i < buf_str(&b).n; i++) *count += b.p[i] == ',';
    *count += buf_str(&b).n > 0;
    if (*changed) *list = buf_str(&b);
    return RC_OK;
}

static enum rc too_long(struct act *act, const char *what, struct str name) {
    act->en = arena_printf(act->arena, "the units of %s %.*s would be too many", what, (int)name.n, name.p);
    return RC_INVALID;
}

static enum rc follow_keys(struct act *act, struct reorganise_result *r) {
    struct row_api_key *keys;
    size_t n, count;
    bool changed;
    enum rc rc = db_rows(act->db, ST_api_keys, NULL, 0, act->arena, &keys, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = follow(act, &r->plan, &keys[i].units, &count, &changed);
        if (rc == RC_TOO_LARGE) return too_long(act, "the key", keys[i].hint);
        if (rc != RC_OK || !changed) continue;
        rc = db_run(act->db, ST_api_key_units, DB_VALUES(v_text(keys[i].units), v_id(keys[i].id)), NULL);
        r->keys++;
    }
    return rc;
}

static int64_t first_heir(const struct reorganisation *p, int64_t id) {
    const struct reorganised_unit *u = unit_with_id(p, id);
    return u && u->heir_count ? u->heirs[0]->id : id;
}

static enum rc follow_groups(struct act *act, struct reorganise_result *r) {
    struct row_unit_group *groups;
    size_t n, count;
    bool changed;
    enum rc rc = db_rows(act->db, ST_unit_groups, NULL, 0, act->arena, &groups, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct row_unit_group *g = &groups[i];
        int64_t lead = first_heir(&r->plan, g->lead_id), area = first_heir(&r->plan, g->area_id);
        rc = follow(act, &r->plan, &g->members, &count, &changed);
        if (rc == RC_TOO_LARGE || (changed && count > MEMBERS_MAX)) return too_long(act, "the group", g->code);
        if (rc != RC_OK || (!changed && lead == g->lead_id && area == g->area_id)) continue;
        rc = db_run(act->db, ST_group_change, DB_VALUES(v_int(lead), v_int(area), v_text(g->members), v_int(g->id)),
                    NULL);
        r->groups++;
    }
    return rc;
}

enum rc reorganise_lists(struct act *act, struct reorganise_result *r) {
    enum rc rc = follow_keys(act, r);
    return rc == RC_OK ? follow_groups(act, r) : rc;
}
