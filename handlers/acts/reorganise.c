/* reorganise_run: checks the file, then writes units, what stands for those that end, and all that names them. */
#include "acts/reorganise.h"

#include "acts/audit.h"
#include "acts/situation.h"

static const uint8_t nobody[16];

/* What the steps share. */
struct reorganising {
    struct act *act;
    const struct import_known *known;
    struct reorganise_result *result;
};

#define PLAN(r) (&(r)->result->plan)
#define SHOWN(s) (int)(s).n, (s).p

static enum rc run(const struct reorganising *r, enum statement st, const struct db_value *values, size_t n,
                   int64_t *count) {
    int64_t rows = 0;
    enum rc rc = db_run(r->act->db, st, values, n, &rows);
    if (count) *count += rows;
    return rc;
}

static bool names(const struct reorganisation_row *row, enum reorganise_act act) {
    return row->row->act == (int64_t)act;
}

/* ---- units ---- */

static enum rc put_unit(const struct reorganising *r, const struct reorganised_unit *u) {
    return run(r, ST_unit_put,
               DB_VALUES(v_int(u->id), v_text(u->code), v_text(u->name), v_text(u->name_en), v_int(u->tier),
                         v_int(u->kind), u->parent ? v_int(u->parent->id) : v_null(), v_int(u->review)),
               NULL);
}

/* All numbers first, as one may be below another. */
static enum rc make_units(struct reorganising *r) {
    struct reorganisation *p = PLAN(r);
    size_t known = r->known->unit_count;
    int64_t next = known ? r->known->units[known - 1].id + 1 : 1; /* by id */
    for (size_t i = known; i < p->unit_count; i++) p->units[i].id = next++;
    enum rc rc = RC_OK;
    for (size_t i = known; rc == RC_OK && i < p->unit_count; i++) rc = put_unit(r, &p->units[i]);
    for (size_t i = 0; rc == RC_OK && i < p->row_count; i++) {
        struct reorganised_unit *u = p->rows[i].unit;
        if (!names(&p->rows[i], REORGANISE_RENAME)) continue;
        u->name = p->rows[i].row->name;
        u->name_en = p->rows[i].row->name_en;
        rc = put_unit(r, u);
    }
    return rc;
}

/* Those that a row names, then the rest; those that ended before, too, as they stand below no unit that has ended. */
static enum rc move_units_below(struct reorganising *r) {
    struct reorganisation *p = PLAN(r);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < p->row_count; i++) {
        struct reorganisation_row *row = &p->rows[i];
        if (!names(row, REORGANISE_UNIT)) continue;
        rc = run(r, ST_unit_under, DB_VALUES(v_int(row->to->id), v_int(row->unit->id)), &row->unit->parent->units);
        row->unit->parent = row->to;
    }
    for (size_t i = 0; rc == RC_OK && i < p->unit_count; i++) {
        struct reorganised_unit *u = &p->units[i];
        if (u->heir_count) rc = run(r, ST_units_under, DB_VALUES(v_int(u->heirs[0]->id), v_int(u->id)), &u->units);
        if (u->parent && u->parent->heir_count) u->parent = u->parent->heirs[0];
    }
    return rc;
}

/* It stays in the tree beside its first heir, so that who oversees that one sees what it still has. */
static enum rc end_unit(struct reorganising *r, struct reorganised_unit *u) {
    const int64_t now_us = r->act->now_us;
    enum rc rc = RC_OK;
    u->parent = u->heirs[0]->parent;
    for (size_t i = 0; rc == RC_OK && i < u->heir_count; i++) {
        rc = run(
            r, ST_succession_put,
            DB_VALUES(v_int(u->id), v_int(u->heirs[i]->id), v_int((int64_t)i + 1), v_int(u->shares[i]), v_time(now_us)),
            NULL);
        if (rc == RC_OK)
            rc = run(r, ST_succession_pass_on,
                     DB_VALUES(v_int(u->heirs[i]->id), v_int(u->shares[i]), v_time(now_us), v_int(u->id)), NULL);
    }
    struct db_value parent = u->parent ? v_int(u->parent->id) : v_null();
    return rc == RC_OK ? run(r, ST_unit_end, DB_VALUES(parent, v_int(u->id)), NULL) : rc;
}

static enum rc for_ended(struct reorganising *r, enum rc (*step)(struct reorganising *, struct reorganised_unit *)) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < PLAN(r)->unit_count; i++)
        if (PLAN(r)->units[i].heir_count) rc = step(r, &PLAN(r)->units[i]);
    return rc;
}

static enum rc save_units(struct reorganising *r) {
    enum rc rc = make_units(r);
    if (rc == RC_OK) rc = move_units_below(r);
    if (rc == RC_OK) rc = for_ended(r, end_unit);
    return rc == RC_OK ? import_build_ancestors(r->act) : rc;
}

/* ---- what goes along ---- */

static struct reorganised_unit *unit_with_id(const struct reorganising *r, int64_t id) {
    for (size_t i = 0; i < PLAN(r)->unit_count; i++)
        if (PLAN(r)->units[i].id == id) return &PLAN(r)->units[i];
    return NULL;
}

static enum rc move_named(struct reorganising *r) {
    struct reorganisation *p = PLAN(r);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < p->row_count; i++) {
        const struct reorganisation_row *row = &p->rows[i];
        struct reorganised_unit *of = row->place ? unit_with_id(r, row->place->unit_id) : NULL;
        if (names(row, REORGANISE_PLACE))
            rc = run(r, ST_place_of_unit, DB_VALUES(v_int(row->to->id), v_int(row->place->id)), &of->places);
        if (!names(row, REORGANISE_POST)) continue;
        for (size_t u = 0; rc == RC_OK && u < p->unit_count; u++)
            if (reorganisation_heir_over(&p->units[u], row->to) == row->to)
                rc = run(r, ST_posts_of_person,
                         DB_VALUES(v_int(row->to->id), v_int(p->units[u].id), v_id(row->person->id)),
                         &p->units[u].posts);
    }
    return rc;
}

/* Places, posts and who is on duty, topics, what it published, requests that wait for the unit. */
static enum rc move_rest(struct reorganising *r, struct reorganised_unit *u) {
    const struct db_value first = v_int(u->heirs[0]->id), old = v_int(u->id);
    enum rc rc = run(r, ST_places_of_unit, DB_VALUES(first, old), &u->places);
    if (rc == RC_OK) rc = run(r, ST_posts_of_unit, DB_VALUES(first, old), &u->posts);
    if (rc == RC_OK) rc = run(r, ST_rota_follow, DB_VALUES(old), NULL);
    if (rc == RC_OK) rc = run(r, ST_topics_of_area, DB_VALUES(first, old), NULL);
    if (rc == RC_OK) rc = run(r, ST_troubles_to_unit, DB_VALUES(first, old), &r->result->troubles);
    for (size_t i = 1; rc == RC_OK && i < u->heir_count; i++)
        rc = run(r, ST_requests_below, DB_VALUES(v_int(u->heirs[i]->id), v_int(u->heirs[i]->id), old), NULL);
    return rc == RC_OK ? run(r, ST_requests_to_unit, DB_VALUES(first, old), NULL) : rc;
}

/* An heir keeps a calendar of its own; without one it goes on with that of the first that has one. */
static enum rc move_ties(struct reorganising *r, struct reorganised_unit *u) {
    const struct db_value old = v_int(u->id);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < u->heir_count; i++) {
        const struct db_value to = v_int(u->heirs[i]->id);
        rc = run(r, ST_interest_from, DB_VALUES(to, old, to), &r->result->interests);
        if (rc == RC_OK) rc = run(r, ST_interest_with, DB_VALUES(to, old, to), NULL);
        if (rc == RC_OK) rc = run(r, ST_calendar_pass_on, DB_VALUES(to, old, to), &r->result->calendars);
    }
    if (rc == RC_OK) rc = run(r, ST_interests_end, DB_VALUES(old, old), NULL);
    return rc == RC_OK ? run(r, ST_unit_calendar_forget, DB_VALUES(old), NULL) : rc;
}

static enum rc count_held(struct reorganising *r, struct reorganised_unit *u) {
    struct row_held *held;
    enum rc rc = db_row(r->act->db, ST_held_by_unit, DB_VALUES(v_int(u->id)), r->act->arena, &held);
    if (rc != RC_OK || !held) return rc == RC_OK ? RC_INTERNAL : rc;
    u->open = held->open;
    u->all = held->all;
    return RC_OK;
}

/* ---- audit ---- */

const char *reorganise_audit_text(struct arena *a, int64_t old_id, int64_t new_id, int64_t share) {
    return arena_printf(a, "unit %lld is succeeded by unit %lld, share %lld", (long long)old_id, (long long)new_id,
                        (long long)share);
}

static enum rc note(struct reorganising *r, const char *text) {
    return text ? audit_write(r->act, AUDIT_REORGANISE, nobody, text) : RC_INTERNAL;
}

static enum rc note_ended(struct reorganising *r, struct reorganised_unit *u) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < u->heir_count; i++)
        rc = note(r, reorganise_audit_text(r->act->arena, u->id, u->heirs[i]->id, u->shares[i]));
    return rc;
}

static enum rc write_audit(struct reorganising *r) {
    struct arena *a = r->act->arena;
    const struct reorganisation *p = PLAN(r);
    enum rc rc = RC_OK;
    for (size_t i = r->known->unit_count; rc == RC_OK && i < p->unit_count; i++)
        rc = note(r, arena_printf(a, "unit %lld made: %.*s", (long long)p->units[i].id, SHOWN(p->units[i].code)));
    for (size_t i = 0; rc == RC_OK && i < p->row_count; i++)
        if (names(&p->rows[i], REORGANISE_RENAME))
            rc = note(r, arena_printf(a, "unit %lld renamed: %.*s %.*s", (long long)p->rows[i].unit->id,
                                      SHOWN(p->rows[i].unit->code), SHOWN(p->rows[i].unit->name)));
    return rc == RC_OK ? for_ended(r, note_ended) : rc;
}

/* ---- the whole ---- */

static enum rc save(struct reorganising *r) {
    enum rc rc = situation_changed(r->act); /* whoever publishes a trouble meanwhile, or changes one, waits */
    if (rc == RC_OK) rc = for_ended(r, count_held);
    if (rc == RC_OK) rc = save_units(r);
    if (rc == RC_OK) rc = move_named(r);
    if (rc == RC_OK) rc = for_ended(r, move_rest);
    if (rc == RC_OK) rc = for_ended(r, move_ties);
    if (rc == RC_OK) rc = reorganise_rules(r->act, r->known, r->result);
    if (rc == RC_OK) rc = reorganise_lists(r->act, r->result);
    if (rc == RC_OK) rc = write_audit(r);
    if (rc == RC_OK) rc = import_raise_version(r->act, r->result->version);
    r->result->version++;
    return rc;
}

enum rc reorganise_run(struct act *act, struct str text, struct reorganise_result *result) {
    struct import_known *known;
    struct import_data *data;
    *result = (struct reorganise_result){.problems = {.arena = act->arena}};
    enum rc rc = import_begin(act, &result->version, &known, &data);
    if (rc != RC_OK) return rc;
    struct import_table *file = &data->tables[IMPORT_REORGANISATION];
    import_parse(IMPORT_REORGANISATION, text, data, &result->problems, act->arena);
    if (!reorganisation_check(known, file, &result->problems, act->arena, &result->plan)) return RC_INTERNAL;
    import_sort_problems(&result->problems);
    if (result->problems.n) return RC_INVALID;
    return save(&(struct reorganising){act, known, result});
}
