/* What the database has, for who compares a file with it. */
#include "acts/import.h"

#include "base/timefmt.h"

enum { ROTA_DAYS_BACK = 31 }; /* a month's file can be imported again until its end */

static enum rc unseal_person(struct act *act, const struct row_staff *s, struct import_person *p) {
    memcpy(p->id, s->id, 16);
    p->code = s->employee_code;
    p->disabled = s->disabled_at != 0;
    enum rc rc = unseal(act->keys, PLACE_STAFF_NAME, s->id, s->name_sealed, act->arena, &p->name);
    if (rc == RC_OK) rc = unseal(act->keys, PLACE_STAFF_PHONE, s->id, s->phone_sealed, act->arena, &p->mobile);
    if (rc != RC_OK) act->en = "the names in the database can't be read with this key file";
    return rc;
}

static enum rc load_people(struct act *act, struct import_known *k) {
    struct row_staff *rows;
    enum rc rc = db_rows(act->db, ST_staff_all, NULL, 0, act->arena, &rows, &k->person_count);
    if (rc != RC_OK) return rc;
    k->people = arena_array(act->arena, k->person_count + 1, sizeof *k->people);
    if (!k->people) return RC_INTERNAL;
    for (size_t i = 0; rc == RC_OK && i < k->person_count; i++) rc = unseal_person(act, &rows[i], &k->people[i]);
    return rc;
}

enum rc import_known_things(struct act *act, struct import_known *k) {
    const struct {
        enum statement st;
        void *rows;
        size_t *n;
    } lists[] = {
        {ST_units, &k->units, &k->unit_count},
        {ST_places, &k->places, &k->place_count},
        {ST_categories, &k->categories, &k->category_count},
        {ST_reasons, &k->reasons, &k->reason_count},
        {ST_posts_live, &k->posts, &k->post_count},
        {ST_unit_successions, &k->successions, &k->succession_count},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        enum rc rc = db_rows(act->db, lists[i].st, NULL, 0, act->arena, lists[i].rows, lists[i].n);
        if (rc != RC_OK) return rc;
    }
    return RC_OK;
}

enum rc import_known_rota(struct act *act, struct import_known *k) {
    struct row_rota_span *rows;
    enum rc rc = db_rows(act->db, ST_rota_since, DB_VALUES(v_time(act->now_us - ROTA_DAYS_BACK * DAY_S * SECOND_US)),
                         act->arena, &rows, &k->rota_count);
    if (rc == RC_OK) k->rotas = rows;
    return rc;
}

enum rc import_begin(struct act *act, int64_t *version, struct import_known **known, struct import_data **data) {
    *known = ARENA_NEW(act->arena, struct import_known);
    *data = ARENA_NEW(act->arena, struct import_data);
    if (!*known || !*data) return RC_INTERNAL;
    (*known)->now_us = act->now_us;
    enum rc rc = import_lock_version(act, version);
    if (rc == RC_OK) rc = import_known_things(act, *known);
    return rc == RC_OK ? load_people(act, *known) : rc;
}
