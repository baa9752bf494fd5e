/* Lists of things that users see in their own language: categories, places, choices, units, colleagues. From memory. */
#include "resources.h"

#include "base/crypto.h"
#include "base/utf8.h"
#include "rules/coordinates.h"
#include "rules/scrub.h"
#include "rules/trouble.h"
#include "rules/whereabouts.h"
#include "view.h"

#include <stdio.h>

void reference_etag(struct response *res, const struct district *d) {
    char tag[40];
    snprintf(tag, sizeof tag, "r%lld", (long long)d->version);
    response_etag(res, tag);
}

/* What ends the form of a category now; in a disaster those remain through which one comes to what is taken. */
static const struct stopper *stop_in_list(const struct row_disaster *disaster, const struct category *c,
                                          struct stopper *store) {
    bool way = disaster && disaster_leads_to(app_district(), disaster->categories, c);
    const struct stopper *stop = way ? NULL : disaster_stop(disaster, c, store);
    return stop ? stop : category_stop(c);
}

enum rc list_categories(struct request *req, struct response *res) {
    const struct district *d = app_district();
    struct json_out *w = &res->json;
    const struct row_disaster *disaster = disaster_for(req);
    list_begin(res);
    for (size_t i = 0; i < d->category_count; i++) {
        const struct category *c = &d->categories[i];
        if (!c->active) continue;
        jw_begin_object(w);
        jw_key_str(w, "code", c->code);
        jw_key_str(w, "parent_code", c->parent ? c->parent->code : (struct str){0});
        jw_key_str(w, "name", c->name);
        jw_key_str(w, "name_en", c->name_en);
        jw_key_z(w, "urgency", urgency_words[c->urgency].code);
        struct stopper store;
        view_stop(w, "stop", stop_in_list(disaster, c, &store));
        const struct form *form = category_form(c);
        jw_key_int(w, "questions", form ? (int64_t)form->count : 0);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    disaster_etag(res, d, disaster);
    return RC_OK;
}

/* ---- choices ---- */

static void write_words(struct json_out *w, const char *key, const struct word *words, int count) {
    jw_key(w, key);
    jw_begin_array(w);
    for (int i = 0; i < count; i++) {
        if (!words[i].code[0]) continue;
        jw_begin_object(w);
        jw_key_z(w, "code", words[i].code);
        jw_key_z(w, "name", words[i].zh);
        jw_key_z(w, "name_en", words[i].en);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static void write_reasons(struct json_out *w, const struct district *d) {
    jw_key(w, "reasons");
    jw_begin_object(w);
    for (int purpose = 1; purpose < PURPOSE__MAX; purpose++) {
        jw_key(w, purpose_words[purpose].code);
        jw_begin_array(w);
        for (size_t i = 0; i < d->reason_count; i++) {
            const struct reason *r = &d->reasons[i];
            if (!r->active || (int)r->purpose != purpose) continue;
            jw_begin_object(w);
            jw_key_str(w, "code", r->code);
            jw_key_str(w, "name", r->name);
            jw_key_str(w, "name_en", r->name_en);
            jw_key_str(w, "basis", r->basis);
            jw_end_object(w);
        }
        jw_end_array(w);
    }
    jw_end_object(w);
}

enum rc list_choices(struct request *req, struct response *res) {
    struct json_out *w = &res->json;
    (void)req;
    jw_begin_object(w);
    write_words(w, "kinds", kind_words, KIND__MAX);
    write_words(w, "states", state_words, STATE__MAX);
    write_words(w, "actions", action_words, ACT__MAX);
    write_words(w, "tiers", tier_words, TIER__MAX);
    write_words(w, "unit_kinds", unit_kind_words, UNIT__MAX);
    write_words(w, "channels", channel_words, CHANNEL__MAX);
    write_words(w, "urgencies", urgency_words, URGENCY__MAX);
    write_words(w, "weights", weight_words, WEIGHT__MAX);
    write_words(w, "outcomes", outcome_words, OUTCOME__MAX);
    write_words(w, "contact_outcomes", contact_words, CONTACT__MAX);
    write_words(w, "roles", role_words, ROLE__MAX);
    write_reasons(w, app_district());
    jw_end_object(w);
    reference_etag(res, app_district());
    return RC_OK;
}

/* ---- places ---- */

static bool name_has(struct str name, struct str code, struct str q) {
    return !q.p || memmem(name.p, name.n, q.p, q.n) || str_eq(code, q);
}

static void write_place(struct request *req, struct json_out *w, const struct place *p) {
    jw_begin_object(w);
    jw_key_str(w, "code", p->code);
    jw_key_str(w, "name", p->name);
    jw_key(w, "lng");
    jw_degrees(w, p->lng);
    jw_key(w, "lat");
    jw_degrees(w, p->lat);
    view_unit(req, w, "unit", p->unit);
    view_unit(req, w, "village", unit_at_tier(p->unit, TIER_VILLAGE));
    view_unit(req, w, "town", unit_at_tier(p->unit, TIER_TOWN));
    jw_end_object(w);
}

/* What a cursor of a filtered list is bound to: a short digest, so that any query fits. */
static const char *digest(struct request *req, struct str a, struct str b) {
    uint8_t hash[32];
    struct str parts[] = {a.p ? a : STR(""), b.p ? b : STR("")};
    if (!hmac_sha256_parts(STR("minhu filter"), parts, 2, hash)) return NULL;
    return arena_printf(req->arena, "%02x%02x%02x%02x%02x%02x%02x%02x", hash[0], hash[1], hash[2], hash[3], hash[4],
                        hash[5], hash[6], hash[7]);
}

enum { NEAR_LNG = 3, NEAR_LAT = 4 };

static const struct place *nearest(const struct query_places *q) {
    int64_t lng = q->near_lng, lat = q->near_lat;
    if (!FIELD_SEEN(&q->list, NEAR_LNG) || !FIELD_SEEN(&q->list, NEAR_LAT)) return NULL;
    if (q->coordinate_system == COORDINATES_WGS84) gcj02_from_wgs84(&lng, &lat);
    return place_at(app_district(), lng, lat);
}

enum rc list_places(struct request *req, struct response *res) {
    const struct query_places *q = req->query_in;
    const struct district *d = app_district();
    if (FIELD_SEEN(&q->list, NEAR_LNG) != FIELD_SEEN(&q->list, NEAR_LAT))
        return fail_field(req, FIELD_SEEN(&q->list, NEAR_LNG) ? "?near_lat" : "?near_lng", "经度和纬度请一并填写。",
                          "Give longitude and latitude together.");
    const char *filter = digest(req, q->q, (struct str){0});
    struct cursor start = {0}, at, next = {0};
    enum rc rc = filter ? cursor_read(req, &q->list, filter, &start, &at) : RC_INTERNAL;
    if (rc != RC_OK) return rc;
    int64_t limit = list_limit(&q->list), written = 0;
    bool more = false;
    list_begin(res);
    const struct place *near = nearest(q);
    if (near && !q->list.cursor.p) { /* the nearest leads the first page */
        write_place(req, &res->json, near);
        written++;
    }
    for (size_t i = (size_t)at.key; i < d->place_count && !more; i++) {
        const struct place *p = &d->places[i];
        if (!p->active || p == near || !name_has(p->name, p->code, q->q)) continue;
        if (written == limit) more = true;
        else {
            write_place(req, &res->json, p);
            written++;
            next.key = (int64_t)i + 1;
        }
    }
    return list_end(req, res, filter, more ? &next : NULL);
}

/* ---- units and colleagues, for staff ---- */

enum rc list_units(struct request *req, struct response *res) {
    const struct query_units *q = req->query_in;
    const struct district *d = app_district();
    const char *filter = digest(req, q->q, q->parent_code);
    struct cursor start = {0}, at, next = {0};
    enum rc rc = filter ? cursor_read(req, &q->list, filter, &start, &at) : RC_INTERNAL;
    if (rc != RC_OK) return rc;
    int64_t limit = list_limit(&q->list), written = 0;
    bool more = false;
    struct json_out *w = &res->json;
    list_begin(res);
    for (size_t i = (size_t)at.key; i < d->unit_count && !more; i++) {
        const struct unit *u = &d->units[i];
        if (!u->active || !name_has(u->name, u->code, q->q)) continue;
        if (q->parent_code.p && !(u->parent && str_eq(u->parent->code, q->parent_code))) continue;
        if (written == limit) {
            more = true;
            continue;
        }
        jw_begin_object(w);
        jw_key_str(w, "code", u->code);
        jw_key_str(w, "name", u->name);
        jw_key_str(w, "name_en", u->name_en);
        jw_key_z(w, "tier", tier_words[u->tier].code);
        jw_key_z(w, "kind", unit_kind_words[u->kind].code);
        jw_key_str(w, "parent_code", u->parent ? u->parent->code : (struct str){0});
        jw_end_object(w);
        written++;
        next.key = (int64_t)i + 1;
    }
    return list_end(req, res, filter, more ? &next : NULL);
}

enum rc list_colleagues(struct request *req, struct response *res) {
    const struct asker *k = &principal_of(req)->asker;
    struct row_colleague *rows;
    size_t n;
    enum rc rc = db_rows(thread_of(req)->db, ST_colleagues, DB_VALUES(v_int(k->unit->id)), req->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) {
        struct str name;
        rc = unseal(app_of(req)->keys, PLACE_STAFF_NAME, rows[i].staff_id, rows[i].name_sealed, req->arena, &name);
        if (rc != RC_OK) return rc;
        jw_begin_object(&res->json);
        jw_key_uuid(&res->json, "post_id", rows[i].post_id);
        jw_key_str(&res->json, "name", name);
        view_word(req, &res->json, "role", role_words, rows[i].role);
        jw_end_object(&res->json);
    }
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}
