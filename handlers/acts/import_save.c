/* import_run: checks what the files say against what the database has, and writes it. */
#include "acts/import.h"

#include "acts/audit.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/uuid.h"

#include <stdio.h>

#define VERSION_NAME "reference_version"

static const uint8_t nobody[16];

enum rc import_lock_version(struct act *act, int64_t *version) {
    struct row_setting *s;
    *version = 0;
    enum rc rc = db_run(act->db, ST_setting_make, DB_VALUES(v_z(VERSION_NAME)), NULL);
    if (rc == RC_OK) rc = db_row(act->db, ST_setting_get, DB_VALUES(v_z(VERSION_NAME)), act->arena, &s);
    if (rc == RC_OK && !(s && num_i64(s->value, 0, INT64_MAX - 1, version))) return RC_INTERNAL;
    return rc;
}

static enum rc put_number(struct act *act, const char *name, int64_t n) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)n);
    return db_run(act->db, ST_setting_put, DB_VALUES(v_z(name), v_z(text)), NULL);
}

enum rc import_raise_version(struct act *act, int64_t version) { return put_number(act, VERSION_NAME, version + 1); }

enum rc import_note_version(struct act *act, const char *setting, int64_t version) {
    return put_number(act, setting, version + 1);
}

/* ---- writing ---- */

struct saving {
    struct act *act;
    const struct import_known *known;
    struct import_data *data;
    struct import_result *result;
};

#define ROWS(s, type, file) (struct import_##type *)(s)->data->tables[file].rows
#define COUNT(s, file) (s)->data->tables[file].n
#define NEXT_ID(array, count) ((count) ? (array)[(count)-1].id + 1 : 1) /* the lists are ordered by id */

static enum rc run(struct saving *s, enum statement st, const struct db_value *values, size_t n) {
    return db_run(s->act->db, st, values, n, NULL);
}

static struct db_value id_or_null(const struct import_entry *e) { return e ? v_int(e->id) : v_null(); }

enum rc import_build_ancestors(struct act *act) {
    int64_t added = 1;
    enum rc rc = db_run(act->db, ST_ancestors_clear, NULL, 0, NULL);
    if (rc == RC_OK) rc = db_run(act->db, ST_ancestors_self, NULL, 0, NULL);
    for (int64_t distance = 0; rc == RC_OK && added > 0; distance++)
        rc = db_run(act->db, ST_ancestors_up, DB_VALUES(v_int(distance)), &added);
    return rc;
}

static enum rc save_units(struct saving *s) {
    struct import_unit *u = ROWS(s, unit, IMPORT_UNITS);
    size_t n = COUNT(s, IMPORT_UNITS);
    int64_t next = NEXT_ID(s->known->units, s->known->unit_count);
    for (size_t i = 0; i < n; i++)
        if (!u[i].entry->id) {
            u[i].entry->id = next++;
            s->result->counts[IMPORT_UNITS].fresh++;
        }
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = run(s, ST_unit_put,
                 DB_VALUES(v_int(u[i].entry->id), v_text(u[i].code), v_text(u[i].name), v_text(u[i].name_en),
                           v_int(u[i].tier), v_int(u[i].kind), id_or_null(u[i].entry->parent), v_int(u[i].review)));
    return rc == RC_OK && n ? import_build_ancestors(s->act) : rc;
}

static enum rc save_places(struct saving *s) {
    struct import_place *p = ROWS(s, place, IMPORT_PLACES);
    int64_t next = NEXT_ID(s->known->places, s->known->place_count);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_PLACES); i++) {
        if (!p[i].id) {
            p[i].id = next++;
            s->result->counts[IMPORT_PLACES].fresh++;
        }
        rc = run(s, ST_place_put,
                 DB_VALUES(v_int(p[i].id), v_text(p[i].code), v_text(p[i].name), v_int(p[i].unit->id), v_int(p[i].lng),
                           v_int(p[i].lat)));
    }
    return rc;
}

static enum rc save_categories(struct saving *s) {
    struct import_category *c = ROWS(s, category, IMPORT_CATEGORIES);
    size_t n = COUNT(s, IMPORT_CATEGORIES);
    int64_t next = NEXT_ID(s->known->categories, s->known->category_count);
    for (size_t i = 0; i < n; i++)
        if (!c[i].entry->id) {
            c[i].entry->id = next++;
            s->result->counts[IMPORT_CATEGORIES].fresh++;
        }
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = run(s, ST_category_put,
                 DB_VALUES(v_int(c[i].entry->id), v_text(c[i].code), id_or_null(c[i].entry->parent), v_text(c[i].name),
                           v_text(c[i].name_en), v_int(c[i].urgency), v_text(c[i].words), v_int(c[i].review),
                           v_int(c[i].weight)));
    return rc;
}

/* Routing rules have no codes: a row that says the same as a rule in force is that rule, and keeps its number. */
static char *rule_text(struct arena *a, const struct row_route_rule *r) {
    return arena_printf(a, "%lld %lld %lld %lld %lld %lld %lld %lld %lld %.*s", (long long)r->category_id,
                        (long long)r->area_id, (long long)r->tier, (long long)r->unit_id, (long long)r->place_id,
                        (long long)r->channel, (long long)r->kind, (long long)r->valid_from, (long long)r->valid_until,
                        (int)r->basis.n, r->basis.p);
}

static struct row_route_rule rule_of(const struct import_route *r) {
    return (struct row_route_rule){.category_id = r->category ? r->category->id : 0,
                                   .area_id = r->area ? r->area->id : 0,
                                   .tier = r->tier,
                                   .unit_id = r->unit ? r->unit->id : 0,
                                   .place_id = r->place_id ? *r->place_id : 0,
                                   .channel = r->channel,
                                   .kind = r->kind,
                                   .valid_from = r->valid_from * DAY_S * SECOND_US,
                                   .valid_until = r->valid_until * DAY_S * SECOND_US,
                                   .basis = r->basis};
}

enum rc import_put_route(struct act *act, int64_t id, const struct row_route_rule *r) {
    return db_run(act->db, ST_route_put,
                  DB_VALUES(v_int(id), v_int_or_null(r->category_id), v_int_or_null(r->area_id), v_int_or_null(r->tier),
                            v_int_or_null(r->unit_id), v_int_or_null(r->place_id), v_int_or_null(r->channel),
                            v_int_or_null(r->kind), v_time_or_null(r->valid_from), v_time_or_null(r->valid_until),
                            v_text(r->basis), v_time(act->now_us)),
                  NULL);
}

/* The file's rules are all that are in force; the others are kept, retired, for the appeals that they decided. */
static enum rc save_routes(struct saving *s) {
    struct import_route *rows = ROWS(s, route, IMPORT_ROUTES);
    size_t n = COUNT(s, IMPORT_ROUTES), live;
    struct row_route_rule *old;
    struct row_number *last;
    struct import_index kept;
    if (!s->data->tables[IMPORT_ROUTES].present) return RC_OK;
    enum rc rc = db_rows(s->act->db, ST_route_rules, NULL, 0, s->act->arena, &old, &live);
    if (rc == RC_OK) rc = db_row(s->act->db, ST_route_last, NULL, 0, s->act->arena, &last);
    if (rc != RC_OK) return rc;
    if (!last || !import_index_init(&kept, s->act->arena, n + live)) return RC_INTERNAL;
    for (size_t i = 0; i < live; i++) {
        char *text = rule_text(s->act->arena, &old[i]);
        if (!text) return RC_INTERNAL;
        import_index_put(&kept, str_of(text), &old[i]);
    }
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct row_route_rule r = rule_of(&rows[i]);
        char *text = rule_text(s->act->arena, &r);
        if (!text) return RC_INTERNAL;
        struct row_route_rule *same = import_index_get(&kept, str_of(text));
        if (same) {
            same->id = 0; /* stays */
            continue;
        }
        s->result->counts[IMPORT_ROUTES].fresh++;
        rc = import_put_route(s->act, ++last->n, &r);
    }
    for (size_t i = 0; rc == RC_OK && i < live; i++)
        if (old[i].id) rc = run(s, ST_route_retire, DB_VALUES(v_time(s->act->now_us), v_int(old[i].id)));
    return rc;
}

static enum rc save_interests(struct saving *s) {
    struct import_interest *r = ROWS(s, interest, IMPORT_INTERESTS);
    enum rc rc = s->data->tables[IMPORT_INTERESTS].present ? run(s, ST_unit_interests_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_INTERESTS); i++) {
        rc = run(s, ST_unit_interest_put, DB_VALUES(v_int(r[i].unit->id), v_int(r[i].with->id)));
        if (rc == RC_OK) rc = run(s, ST_unit_interest_put, DB_VALUES(v_int(r[i].with->id), v_int(r[i].unit->id)));
    }
    return rc;
}

static enum rc save_tags(struct saving *s) {
    struct import_tag *r = ROWS(s, tag, IMPORT_TAGS);
    enum rc rc = s->data->tables[IMPORT_TAGS].present ? run(s, ST_tags_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_TAGS); i++)
        rc = run(s, ST_tag_put,
                 DB_VALUES(v_int((int64_t)i + 1), v_text(r[i].code), v_int(r[i].kind), v_text(r[i].name),
                           v_int(*r[i].place_id), id_or_null(r[i].category), v_text(r[i].address)));
    return rc;
}

static enum rc save_addresses(struct saving *s) {
    struct import_address *r = ROWS(s, address, IMPORT_ADDRESSES);
    enum rc rc = s->data->tables[IMPORT_ADDRESSES].present ? run(s, ST_addresses_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_ADDRESSES); i++)
        rc = run(s, ST_address_put, DB_VALUES(v_int((int64_t)i + 1), v_text(r[i].text), v_int(*r[i].place_id)));
    return rc;
}

static enum rc save_areas(struct saving *s) {
    struct import_area *r = ROWS(s, area, IMPORT_AREAS);
    enum rc rc = s->data->tables[IMPORT_AREAS].present ? run(s, ST_areas_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_AREAS); i++)
        rc = run(s, ST_area_put, DB_VALUES(v_int((int64_t)i + 1), v_int(*r[i].place_id), v_text(r[i].outline)));
    return rc;
}

static enum rc save_clocks(struct saving *s) {
    struct import_clock *r = ROWS(s, clock, IMPORT_CLOCKS);
    enum rc rc = s->data->tables[IMPORT_CLOCKS].present ? run(s, ST_clocks_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_CLOCKS); i++)
        rc = run(s, ST_clock_put,
                 DB_VALUES(v_int((int64_t)i + 1), v_int_or_null(r[i].tier), id_or_null(r[i].category),
                           r[i].urgency < 0 ? v_null() : v_int(r[i].urgency), v_text(r[i].respond),
                           v_text(r[i].resolve), v_text(r[i].step), v_text(r[i].contact)));
    return rc;
}

static enum rc save_reasons(struct saving *s) {
    struct import_reason *r = ROWS(s, reason, IMPORT_REASONS);
    int64_t next = NEXT_ID(s->known->reasons, s->known->reason_count);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_REASONS); i++) {
        if (!r[i].id) {
            r[i].id = next++;
            s->result->counts[IMPORT_REASONS].fresh++;
        }
        rc = run(s, ST_reason_put,
                 DB_VALUES(v_int(r[i].id), v_int(r[i].purpose), v_text(r[i].code), v_text(r[i].name),
                           v_text(r[i].name_en), v_text(r[i].basis)));
    }
    return rc;
}

static enum rc save_stoppers(struct saving *s) {
    struct import_stopper *r = ROWS(s, stopper, IMPORT_STOPPERS);
    enum rc rc = s->data->tables[IMPORT_STOPPERS].present ? run(s, ST_stoppers_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_STOPPERS); i++)
        rc = run(s, ST_stopper_put,
                 DB_VALUES(v_int(r[i].category->id), v_text(r[i].text), v_text(r[i].text_en), v_text(r[i].phone),
                           v_text(r[i].link)));
    return rc;
}

static enum rc save_forms(struct saving *s) { return import_save_forms(s->act, s->data); }

static enum rc save_templates(struct saving *s) {
    struct import_template *r = ROWS(s, template, IMPORT_TEMPLATES);
    enum rc rc = s->data->tables[IMPORT_TEMPLATES].present ? run(s, ST_templates_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_TEMPLATES); i++)
        rc = run(s, ST_template_put,
                 DB_VALUES(v_int((int64_t)i + 1), v_int(r[i].kind),
                           v_int_or_null(r[i].category ? r[i].category->id : 0),
                           v_int_or_null(r[i].unit ? r[i].unit->id : 0), v_text(r[i].name), v_text(r[i].text)));
    return rc;
}

static enum rc save_urgent_words(struct saving *s) {
    struct import_urgent_word *w = ROWS(s, urgent_word, IMPORT_URGENT_WORDS);
    enum rc rc = s->data->tables[IMPORT_URGENT_WORDS].present ? run(s, ST_urgent_words_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_URGENT_WORDS); i++)
        rc = run(s, ST_urgent_word_put,
                 DB_VALUES(v_int((int64_t)i + 1), v_text(w[i].word), v_int(w[i].urgency), v_int(w[i].danger),
                           v_text(w[i].unless)));
    return rc;
}

static enum rc save_groups(struct saving *s) {
    struct import_group *g = ROWS(s, group, IMPORT_GROUPS);
    enum rc rc = s->data->tables[IMPORT_GROUPS].present ? run(s, ST_groups_clear, NULL, 0) : RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_GROUPS); i++)
        rc = run(s, ST_group_put,
                 DB_VALUES(v_int((int64_t)i + 1), v_text(g[i].code), v_int(g[i].kind), v_text(g[i].name),
                           v_text(g[i].name_en), v_int(g[i].lead->id), v_int(g[i].area->id), v_text(g[i].members),
                           v_text(g[i].organisations)));
    return rc;
}

/* ---- people ---- */

static enum rc save_person(struct saving *s, struct import_person *p) {
    struct act *act = s->act;
    const struct import_staff *row = p->row;
    bool fresh = uuid_is_zero(p->id);
    struct str code = row->employee_code.n ? row->employee_code : p->code,
               mobile = row->mobile.n ? row->mobile : p->mobile;
    if (p->disabled) s->result->disabled++;
    if (!fresh && str_eq(row->name, p->name) && str_eq(mobile, p->mobile) && str_eq(code, p->code)) return RC_OK;
    if (fresh && !uuid_make(act->now_us, p->id)) return RC_INTERNAL;
    s->result->counts[IMPORT_STAFF].fresh += fresh;
    uint8_t index[16];
    struct str name_sealed, phone_sealed = {0};
    struct db_value no_code = code.n ? v_text(code) : v_null(), phone_index = v_null();
    enum rc rc = seal(act->keys, PLACE_STAFF_NAME, p->id, row->name, act->arena, &name_sealed);
    if (rc == RC_OK && mobile.n) {
        rc = seal(act->keys, PLACE_STAFF_PHONE, p->id, mobile, act->arena, &phone_sealed);
        if (!blind_index(act->keys, INDEX_PHONE, mobile, index)) return RC_INTERNAL;
        phone_index = v_id(index);
    }
    if (rc != RC_OK) return rc;
    if (fresh)
        return run(s, ST_staff_insert,
                   DB_VALUES(v_id(p->id), no_code, v_bytes(name_sealed), v_bytes_or_null(phone_sealed), phone_index,
                             v_time(act->now_us)));
    return run(s, ST_staff_import,
               DB_VALUES(no_code, v_bytes(name_sealed), v_bytes_or_null(phone_sealed), phone_index, v_id(p->id)));
}

static enum rc save_staff(struct saving *s) {
    struct import_staff *r = ROWS(s, staff, IMPORT_STAFF);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_STAFF); i++) rc = save_person(s, r[i].person);
    return rc;
}

/* ---- posts ---- */

/* What tells posts apart. */
struct post_key {
    uint8_t staff[16];
    int64_t unit_id, role;
};

static struct str post_key(struct arena *a, const uint8_t staff[16], int64_t unit_id, int64_t role) {
    struct post_key *k = ARENA_NEW(a, struct post_key);
    if (!k) return (struct str){0};
    memcpy(k->staff, staff, 16);
    k->unit_id = unit_id;
    k->role = role;
    return (struct str){(const char *)k, sizeof *k};
}

/* Whom the file gives a main post loses an earlier one. */
static enum rc clear_mains(struct saving *s) {
    struct import_post *r = ROWS(s, post, IMPORT_POSTS);
    struct import_index mains;
    if (!import_index_init(&mains, s->act->arena, COUNT(s, IMPORT_POSTS))) return RC_INTERNAL;
    for (size_t i = 0; i < COUNT(s, IMPORT_POSTS); i++)
        if (r[i].main) import_index_put(&mains, (struct str){(const char *)r[i].person->id, 16}, &r[i]);
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < s->known->post_count; i++) {
        const struct row_post *old = &s->known->posts[i];
        const struct import_post *main = old->main
                                             ? import_index_get(&mains, (struct str){(const char *)old->staff_id, 16})
                                             : NULL;
        if (main && (main->unit->id != old->unit_id || main->role != old->role))
            rc = run(s, ST_post_main, DB_VALUES(v_int(0), v_id(old->id)));
    }
    return rc;
}

/* Disabled people get no posts. */
static enum rc save_post(struct saving *s, const struct import_index *known, struct import_post *p) {
    if (p->person->disabled) return RC_OK;
    struct str key = post_key(s->act->arena, p->person->id, p->unit->id, p->role);
    if (!key.p) return RC_INTERNAL;
    const struct row_post *old = import_index_get(known, key);
    if (old && old->main == p->main) return RC_OK;
    if (old) return run(s, ST_post_main, DB_VALUES(v_int(p->main), v_id(old->id)));
    if (!uuid_make(s->act->now_us, p->id)) return RC_INTERNAL;
    s->result->counts[IMPORT_POSTS].fresh++;
    return run(s, ST_post_insert,
               DB_VALUES(v_id(p->id), v_id(p->person->id), v_int(p->unit->id), v_int(p->role), v_int(p->main),
                         v_time(s->act->now_us)));
}

static enum rc save_posts(struct saving *s) {
    struct import_post *r = ROWS(s, post, IMPORT_POSTS);
    struct import_index known;
    if (!import_index_init(&known, s->act->arena, s->known->post_count)) return RC_INTERNAL;
    for (size_t i = 0; i < s->known->post_count; i++) {
        const struct row_post *p = &s->known->posts[i];
        struct str key = post_key(s->act->arena, p->staff_id, p->unit_id, p->role);
        if (!key.p) return RC_INTERNAL;
        import_index_put(&known, key, (void *)(uintptr_t)p);
    }
    enum rc rc = clear_mains(s);
    for (size_t i = 0; rc == RC_OK && i < COUNT(s, IMPORT_POSTS); i++) rc = save_post(s, &known, &r[i]);
    return rc;
}

static enum rc save_rota(struct saving *s) {
    return import_save_rota(s->act, s->data, &s->result->counts[IMPORT_ROTA].fresh);
}

/* ---- the whole ---- */

static enum rc write_audit(struct saving *s) {
    char text[500];
    struct buf b;
    buf_fixed(&b, text, sizeof text);
    buf_add_z(&b, "import");
    for (int i = 0; i < IMPORT__MAX; i++) {
        const struct import_counts *n = &s->result->counts[i];
        if (!s->data->tables[i].present) continue;
        buf_printf(&b, " %s %zu", import_file_name((enum import_file)i), n->rows);
        if (n->fresh) buf_printf(&b, " (%zu new)", n->fresh);
    }
    buf_printf(&b, " version %lld", (long long)s->result->version);
    return b.failed ? RC_INTERNAL : audit_write(s->act, AUDIT_IMPORT, nobody, arena_dup(s->act->arena, buf_str(&b)));
}

static enum rc save(struct saving *s) {
    static enum rc (*const steps[])(struct saving *) = {
        save_units,     save_places,    save_categories, save_routes,  save_interests,    save_tags,
        save_addresses, save_areas,     save_clocks,     save_reasons, save_urgent_words, save_stoppers,
        save_forms,     save_templates, save_groups,     save_staff,   save_posts,        save_rota};
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sizeof steps / sizeof *steps; i++) rc = steps[i](s);
    if (rc == RC_OK) rc = import_raise_version(s->act, s->result->version);
    s->result->version++;
    return rc == RC_OK ? write_audit(s) : rc;
}

enum rc import_run(struct act *act, const struct str texts[IMPORT__MAX], struct import_result *result) {
    struct import_known *known;
    struct import_data *data;
    *result = (struct import_result){.problems = {.arena = act->arena}};
    enum rc rc = import_begin(act, &result->version, &known, &data);
    if (rc == RC_OK && texts[IMPORT_ROTA].p) rc = import_known_rota(act, known);
    if (rc != RC_OK) return rc;
    for (int i = 0; i < IMPORT__MAX; i++) {
        if (texts[i].p) import_parse((enum import_file)i, texts[i], data, &result->problems, act->arena);
        result->counts[i].rows = data->tables[i].n;
    }
    if (!import_check(known, data, &result->problems, act->arena)) return RC_INTERNAL;
    import_sort_problems(&result->problems);
    if (result->problems.n) return RC_INVALID;
    struct saving s = {act, known, data, result};
    return save(&s);
}

/* ---- the calendar ---- */

enum { WHOLE_YEAR = 10 }; /* a year's notice names more days than these */

static struct db_value v_day(int32_t day) { return v_time((int64_t)day * DAY_S * SECOND_US); }

static enum rc begin_year(struct act *act, int year, size_t days) {
    enum rc rc = RC_OK;
    if (days >= WHOLE_YEAR)
        rc = db_run(act->db, ST_calendar_forget,
                    DB_VALUES(v_day(date_to_days(year, 1, 1)), v_day(date_to_days(year, 12, 31))), NULL);
    return rc == RC_OK ? db_run(act->db, ST_calendar_year_put, DB_VALUES(v_int(year), v_time(act->now_us)), NULL) : rc;
}

static enum rc begin_years(struct act *act, const struct calendar_exception *days, size_t n) {
    size_t counts[CALENDAR_YEARS] = {0};
    for (size_t i = 0; i < n; i++) {
        int year, month, day;
        date_from_days(days[i].day, &year, &month, &day);
        if (year < CALENDAR_FIRST_YEAR || year >= CALENDAR_FIRST_YEAR + CALENDAR_YEARS) return RC_INVALID;
        counts[year - CALENDAR_FIRST_YEAR]++;
    }
    enum rc rc = RC_OK;
    for (int i = 0; rc == RC_OK && i < CALENDAR_YEARS; i++)
        if (counts[i]) rc = begin_year(act, CALENDAR_FIRST_YEAR + i, counts[i]);
    return rc;
}

static enum rc list_years(struct act *act, struct str *years) {
    struct row_number *rows;
    size_t n;
    struct buf b;
    enum rc rc = db_rows(act->db, ST_calendar_years, NULL, 0, act->arena, &rows, &n);
    buf_init(&b, act->arena, 1000);
    for (size_t i = 0; rc == RC_OK && i < n; i++) buf_printf(&b, "%s%lld", i ? ", " : "", (long long)rows[i].n);
    *years = arena_str(act->arena, buf_str(&b));
    return rc;
}

/* Running clocks follow (jobs/provisional.c). */
static enum rc end_calendar(struct act *act, int64_t version) {
    enum rc rc = import_note_version(act, CALENDAR_VERSION, version);
    return rc == RC_OK ? import_raise_version(act, version) : rc;
}

enum rc import_calendar(struct act *act, const struct calendar_exception *days, size_t n, struct str *years) {
    int64_t version;
    enum rc rc = import_lock_version(act, &version);
    if (rc == RC_OK) rc = begin_years(act, days, n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = db_run(act->db, ST_calendar_day_put,
                    DB_VALUES(v_day(days[i].day), v_int(days[i].kind == CALENDAR_MAKEUP), v_text(days[i].holiday)),
                    NULL);
    if (rc == RC_OK) rc = list_years(act, years);
    if (rc == RC_OK) rc = end_calendar(act, version);
    if (rc != RC_OK) return rc;
    char *text = arena_printf(act->arena, "calendar: %zu days", n);
    return text ? audit_write(act, AUDIT_IMPORT, nobody, text) : RC_INTERNAL;
}

/* Would the units' calendars, as they are to be, all leave working days? Counted from the plain week, as a holiday of the district's
 * is no weekday. */
static enum rc check_own(struct act *act, const struct import_own_calendar *rows, size_t n) {
    struct calendar *cal = ARENA_NEW(act->arena, struct calendar);
    struct calendar_own *own = arena_array(act->arena, n + 1, sizeof *own);
    size_t next, units = 0;
    if (!cal || !own) return RC_INTERNAL;
    for (size_t i = 0; i < n; i = next, units++) {
        for (next = i; next < n && rows[next].unit_id == rows[i].unit_id; next++)
            if (calendar_own_parse(rows[next].day, calendar_way_name(rows[next].way), rows[next].hours, &own[next - i]))
                return RC_INTERNAL;
        (void)calendar_init(cal, (struct str){0});
        if (calendar_apply(cal, own, next - i)) continue;
        act->en = arena_printf(act->arena, "%.*s has no working day left in the week, or more than %d kinds of days",
                               (int)rows[i].unit_code.n, rows[i].unit_code.p, CALENDAR_PLANS - 2);
        return RC_INVALID;
    }
    if (units > OWN_CALENDARS_MAX)
        act->en = "at most 100 units may have calendars of their own; give one to the unit above";
    return units > OWN_CALENDARS_MAX ? RC_INVALID : RC_OK;
}

enum rc import_own_calendars(struct act *act, const struct import_own_calendar *rows, size_t n) {
    int64_t version;
    enum rc rc = check_own(act, rows, n);
    if (rc == RC_OK) rc = import_lock_version(act, &version);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (i == 0 || rows[i - 1].unit_id != rows[i].unit_id)
            rc = db_run(act->db, ST_unit_calendar_forget, DB_VALUES(v_int(rows[i].unit_id)), NULL);
        if (rc == RC_OK)
            rc = db_run(act->db, ST_unit_calendar_put,
                        DB_VALUES(v_int(rows[i].unit_id), v_text(rows[i].day), v_int(rows[i].way),
                                  v_text(rows[i].hours), v_text(rows[i].name)),
                        NULL);
    }
    if (rc == RC_OK) rc = end_calendar(act, version);
    char *text = arena_printf(act->arena, "unit calendars: %zu rows", n);
    if (rc != RC_OK) return rc;
    return text ? audit_write(act, AUDIT_IMPORT, nobody, text) : RC_INTERNAL;
}

enum rc import_forget_calendar(struct act *act, const struct unit *unit) {
    int64_t version, had = 0;
    enum rc rc = import_lock_version(act, &version);
    if (rc == RC_OK) rc = db_run(act->db, ST_unit_calendar_forget, DB_VALUES(v_int(unit->id)), &had);
    if (rc == RC_OK && !had) return RC_NOT_FOUND;
    if (rc == RC_OK) rc = end_calendar(act, version);
    char *text = arena_printf(act->arena, "unit calendars: %.*s forgotten", (int)unit->code.n, unit->code.p);
    if (rc != RC_OK) return rc;
    return text ? audit_write(act, AUDIT_IMPORT, nobody, text) : RC_INTERNAL;
}
