/* minhuctl staff: lists with masked names, disables, and finds the accounts of the host app. */
#include "ctl.h"

#include "acts/audit.h"
#include "acts/posts.h"
#include "acts/reference.h"
#include "base/json_write.h"
#include "base/num.h"
#include "base/uuid.h"
#include "hosts/zzd.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 64 << 20, SESSION_STAFF = 2 };

/* ---- list ---- */

struct listing {
    struct row_staff *staff;
    struct row_post *posts; /* by person */
    struct row_unit *units; /* by id */
    size_t staff_count, post_count, unit_count;
    int64_t unit; /* 0: all */
};

static int by_person(const void *a, const void *b) {
    const struct row_post *x = a, *y = b;
    int order = memcmp(x->staff_id, y->staff_id, 16);
    return order ? order : (int)(y->main - x->main);
}

static const struct row_unit *unit_of(const struct listing *l, int64_t id) {
    size_t from = 0, to = l->unit_count;
    while (from < to) {
        size_t at = from + (to - from) / 2;
        if (l->units[at].id == id) return &l->units[at];
        if (l->units[at].id < id) from = at + 1;
        else to = at;
    }
    return NULL;
}

/* The first of a person's posts; *n is how many. */
static const struct row_post *posts_of(const struct listing *l, const uint8_t staff[16], size_t *n) {
    size_t from = 0, to = l->post_count;
    while (from < to) {
        size_t at = from + (to - from) / 2;
        if (memcmp(l->posts[at].staff_id, staff, 16) < 0) from = at + 1;
        else to = at;
    }
    *n = 0;
    while (from + *n < l->post_count && memcmp(l->posts[from + *n].staff_id, staff, 16) == 0) (*n)++;
    return l->posts + from;
}

static enum rc load_listing(struct ctl *c, struct listing *l) {
    enum rc rc = db_rows(c->db, ST_staff_all, NULL, 0, c->arena, &l->staff, &l->staff_count);
    if (rc == RC_OK) rc = db_rows(c->db, ST_posts_live, NULL, 0, c->arena, &l->posts, &l->post_count);
    if (rc == RC_OK) rc = db_rows(c->db, ST_units, NULL, 0, c->arena, &l->units, &l->unit_count);
    if (rc == RC_OK && l->post_count) qsort(l->posts, l->post_count, sizeof *l->posts, by_person);
    return rc;
}

static void write_posts(struct json_out *w, const struct listing *l, const struct row_post *posts, size_t n) {
    jw_key(w, "posts");
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        const struct row_unit *u = unit_of(l, posts[i].unit_id);
        jw_begin_object(w);
        jw_key_str(w, "unit", u ? u->code : (struct str){0});
        jw_key_z(w, "role", posts[i].role > 0 && posts[i].role < ROLE__MAX ? role_words[posts[i].role].code : NULL);
        jw_key_bool(w, "main", posts[i].main);
        jw_end_object(w);
    }
    jw_end_array(w);
}

static enum rc write_person(struct ctl *c, struct json_out *w, const struct listing *l, const struct row_staff *s,
                            bool json) {
    size_t n, in_unit = l->unit == 0;
    const struct row_post *posts = posts_of(l, s->id, &n);
    for (size_t i = 0; i < n; i++) in_unit |= posts[i].unit_id == l->unit;
    if (!in_unit) return RC_OK;
    struct str name, mobile;
    enum rc rc = unseal(c->keys, PLACE_STAFF_NAME, s->id, s->name_sealed, c->arena, &name);
    if (rc == RC_OK) rc = unseal(c->keys, PLACE_STAFF_PHONE, s->id, s->phone_sealed, c->arena, &mobile);
    if (rc != RC_OK) return rc;
    name = ctl_mask_name(c, name);
    mobile = ctl_mask_mobile(c, mobile);
    if (json) {
        jw_begin_object(w);
        jw_key_uuid(w, "id", s->id);
        jw_key_str(w, "employee_code", s->employee_code);
        jw_key_str(w, "name", name);
        jw_key_str(w, "mobile", mobile);
        jw_key_bool(w, "resolved", s->account_id != 0);
        jw_key_time(w, "disabled_at", s->disabled_at);
        write_posts(w, l, posts, n);
        jw_end_object(w);
        return RC_OK;
    }
    printf("%-16.*s %-8.*s %-11.*s %s%s", (int)s->employee_code.n, s->employee_code.n ? s->employee_code.p : "",
           (int)name.n, name.p, (int)mobile.n, mobile.p, s->account_id ? "resolved" : "unresolved",
           s->disabled_at ? " DISABLED" : "");
    for (size_t i = 0; i < n; i++) {
        const struct row_unit *u = unit_of(l, posts[i].unit_id);
        bool known = posts[i].role > 0 && posts[i].role < ROLE__MAX;
        printf("  %.*s:%s%s", u ? (int)u->code.n : 1, u ? u->code.p : "?", known ? role_words[posts[i].role].code : "?",
               posts[i].main ? "*" : "");
    }
    putchar('\n');
    return RC_OK;
}

static int list(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'}, {"unit", required_argument, NULL, 'u'}, {0}};
    bool json = false;
    const char *unit = NULL;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o == 'j') json = true;
        else if (o == 'u') unit = optarg;
        else return EX_USAGE;
    }
    int code = optind == argc ? ctl_need_all(c) : EX_USAGE;
    if (code != EX_OK) return code;
    struct listing l = {0};
    enum rc rc = load_listing(c, &l);
    for (size_t i = 0; unit && i < l.unit_count; i++)
        if (str_is(l.units[i].code, unit)) l.unit = l.units[i].id;
    if (rc == RC_OK && unit && !l.unit) return ctl_fail(EX_DATAERR, "no unit has the code \"%s\"", unit);
    struct buf b;
    struct json_out w;
    buf_init(&b, c->arena, LIST_MAX);
    jw_init(&w, &b);
    jw_begin_array(&w);
    for (size_t i = 0; rc == RC_OK && i < l.staff_count; i++) rc = write_person(c, &w, &l, &l.staff[i], json);
    jw_end_array(&w);
    if (rc != RC_OK) return ctl_fail_rc("staff list", rc, NULL);
    return json ? ctl_print_json(&b) : EX_OK;
}

/* ---- disable ---- */

struct disabling {
    struct ctl *c;
    const char *employee_code, *why;
    const struct district *district;
    size_t posts;
};

static enum rc disable_person(struct act *act, struct disabling *d, const uint8_t id[16]) {
    struct row_post *posts;
    int64_t changed = 0;
    enum rc rc = db_run(act->db, ST_staff_disable, DB_VALUES(v_time(act->now_us), v_id(id)), &changed);
    if (rc == RC_OK && !changed) {
        d->why = "this person is disabled already";
        return RC_CONFLICT;
    }
    if (rc == RC_OK)
        rc = db_run(act->db, ST_session_revoke_all, DB_VALUES(v_time(act->now_us), v_int(SESSION_STAFF), v_id(id)),
                    NULL);
    if (rc == RC_OK) rc = db_run(act->db, ST_staff_views_forget, DB_VALUES(v_id(id)), NULL);
    if (rc == RC_OK) rc = db_run(act->db, ST_staff_phrases_forget, DB_VALUES(v_id(id)), NULL);
    if (rc == RC_OK) rc = db_rows(act->db, ST_posts_of_staff, DB_VALUES(v_id(id)), act->arena, &posts, &d->posts);
    for (size_t i = 0; rc == RC_OK && i < d->posts; i++) rc = post_end(act, posts[i].id, posts[i].staff_id);
    return rc == RC_OK ? audit_write(act, AUDIT_STAFF_DISABLE, id, "") : rc;
}

static enum rc disable_tx(struct db *db, void *arg) {
    struct disabling *d = arg;
    struct act act = ctl_act(d->c);
    struct row_staff *s;
    act.district = d->district;
    enum rc rc = db_row(db, ST_staff_by_employee_code, DB_VALUES(v_z(d->employee_code)), act.arena, &s);
    if (rc == RC_OK && !s) {
        d->why = "nobody has this employee code";
        return RC_NOT_FOUND;
    }
    return rc == RC_OK ? disable_person(&act, d, s->id) : rc;
}

static int disable(struct ctl *c, int argc, char **argv) {
    if (argc != 2) return EX_USAGE;
    int code = ctl_need_all(c);
    if (code != EX_OK) return code;
    struct reference *reference = reference_open(c->db, c->settings->work_hours);
    if (!reference) return ctl_fail(EX_CONFIG, "the district's reference data can't be loaded; see the log line above");
    struct disabling d = {.c = c, .employee_code = argv[1], .district = reference_district(reference)};
    enum rc rc = db_tx(c->db, disable_tx, &d);
    reference_close(reference);
    if (rc != RC_OK) return ctl_fail_rc("staff disable", rc, d.why);
    printf("%s is disabled, signed out within 5 seconds; %zu post%s ended, open tasks are back in the units' boxes\n",
           argv[1], d.posts, d.posts == 1 ? "" : "s");
    return EX_OK;
}

/* ---- resolve ---- */

enum standing {
    STANDING_OPEN,    /* not asked by all that he goes by */
    STANDING_FOUND,   /* saved */
    STANDING_DOUBLE,  /* found, but another person here has that account or code; told */
    STANDING_UNKNOWN, /* the directory says that it doesn't know him */
    STANDING__MAX
};

struct resolving {
    struct ctl *c;
    struct zzd_config config;
    struct http_client http;
    int64_t realm;
    struct row_staff *staff;
    struct str *mobiles; /* of each; absent where there is none */
    enum standing *standing;
    size_t n;
};

static size_t count_standing(const struct resolving *r, enum standing standing) {
    size_t count = 0;
    for (size_t i = 0; i < r->n; i++) count += r->standing[i] == standing;
    return count;
}

static int unseal_mobiles(struct resolving *r) {
    r->mobiles = arena_array(r->c->arena, r->n + 1, sizeof *r->mobiles);
    r->standing = arena_array(r->c->arena, r->n + 1, sizeof *r->standing);
    if (!r->mobiles || !r->standing) return ctl_fail(EX_OSERR, "no memory");
    for (size_t i = 0; i < r->n; i++) {
        enum rc rc = unseal(r->c->keys, PLACE_STAFF_PHONE, r->staff[i].id, r->staff[i].phone_sealed, r->c->arena,
                            &r->mobiles[i]);
        if (rc != RC_OK)
            return ctl_fail_rc("staff resolve", rc, "the mobiles in the database can't be read with this key file");
    }
    return EX_OK;
}

/* What one call to the directory was about, and what it answered. */
struct answer {
    struct resolving *r;
    const size_t *who;
    const struct str *keys;
    size_t n;
    bool by_code;
    struct zzd_contact *found;
    size_t count;
};

static enum rc take_contact(struct resolving *r, size_t i, const struct zzd_contact *contact) {
    struct row_staff *s = &r->staff[i];
    enum rc rc = db_run(
        r->c->db, ST_staff_set_account,
        DB_VALUES(v_int(r->realm), v_int(contact->account_id), v_text_or_null(contact->employee_code), v_id(s->id)),
        NULL);
    if (rc == RC_OK) r->standing[i] = STANDING_FOUND;
    if (rc != RC_CONFLICT) return rc;
    r->standing[i] = STANDING_DOUBLE;
    ctl_fail(EX_DATAERR, "%.*s: its account or employee code belongs to another person here", (int)s->employee_code.n,
             s->employee_code.n ? s->employee_code.p : "");
    return RC_OK;
}

static enum rc take_answer(struct db *db, void *arg) {
    (void)db;
    const struct answer *w = arg;
    enum rc rc = RC_OK;
    for (size_t k = 0; rc == RC_OK && k < w->count; k++)
        for (size_t i = 0; rc == RC_OK && i < w->n; i++)
            if (str_eq(w->by_code ? w->found[k].employee_code : w->found[k].mobile, w->keys[i]))
                rc = take_contact(w->r, w->who[i], &w->found[k]);
    return rc;
}

/* Those whom an answer leaves open are unknown there, once there is nothing more to ask by. */
static void judge_rest(struct resolving *r, const size_t *who, size_t n, bool by_code) {
    for (size_t k = 0; k < n; k++)
        if (r->standing[who[k]] == STANDING_OPEN && !(by_code && r->mobiles[who[k]].n))
            r->standing[who[k]] = STANDING_UNKNOWN;
}

/* One call for some of those open yet, by code or by mobile, and one transaction for what it found. */
static enum rc ask(struct resolving *r, const size_t *who, const struct str *keys, size_t n, bool by_code) {
    struct answer w = {.r = r, .who = who, .keys = keys, .n = n, .by_code = by_code};
    struct arena *a = r->c->arena;
    enum rc rc = by_code ? zzd_account_ids_by_codes(&r->http, &r->config, keys, n, a, &w.found, &w.count)
                         : zzd_find_by_mobiles(&r->http, &r->config, keys, n, a, &w.found, &w.count);
    if (rc == RC_OK && w.count) rc = db_tx(r->c->db, take_answer, &w);
    if (rc == RC_OK) judge_rest(r, who, n, by_code);
    for (size_t i = 0; rc != RC_OK && i < n; i++) r->standing[who[i]] = STANDING_OPEN;
    return rc;
}

static enum rc ask_all(struct resolving *r, bool by_code) {
    enum { MOST = ZZD_CODES_MAX };
    size_t who[MOST], n = 0, most = by_code ? ZZD_CODES_MAX : ZZD_MOBILES_MAX;
    struct str keys[MOST];
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < r->n; i++) {
        struct str key = by_code ? r->staff[i].employee_code : r->mobiles[i];
        if (r->standing[i] == STANDING_OPEN && key.n) {
            who[n] = i;
            keys[n++] = key;
        }
        if (n == most || (n && i + 1 == r->n)) {
            rc = ask(r, who, keys, n, by_code);
            n = 0;
        }
    }
    return rc == RC_OK && n ? ask(r, who, keys, n, by_code) : rc;
}

static void write_unknown(const struct resolving *r, struct json_out *w, bool json) {
    for (size_t i = 0; i < r->n; i++) {
        if (r->standing[i] != STANDING_UNKNOWN) continue;
        char id[UUID_TEXT + 1];
        uuid_format(r->staff[i].id, id);
        struct str code = r->staff[i].employee_code, mobile = ctl_mask_mobile(r->c, r->mobiles[i]);
        if (!json) {
            printf("not found: %.*s %.*s (id %s)\n", code.n ? (int)code.n : 1, code.n ? code.p : "-",
                   mobile.n ? (int)mobile.n : 1, mobile.n ? mobile.p : "-", id);
            continue;
        }
        jw_begin_object(w);
        jw_key_uuid(w, "id", r->staff[i].id);
        jw_key_str(w, "employee_code", code);
        jw_key_str(w, "mobile", mobile);
        jw_end_object(w);
    }
}

static int print_resolved(const struct resolving *r, bool json) {
    size_t found = count_standing(r, STANDING_FOUND), open = count_standing(r, STANDING_OPEN);
    struct buf b;
    struct json_out w;
    buf_init(&b, r->c->arena, LIST_MAX);
    jw_init(&w, &b);
    jw_begin_object(&w);
    jw_key_int(&w, "resolved", (int64_t)found);
    jw_key_int(&w, "not_asked", (int64_t)open);
    jw_key(&w, "not_found");
    jw_begin_array(&w);
    write_unknown(r, &w, json);
    jw_end_array(&w);
    jw_end_object(&w);
    if (json) return ctl_print_json(&b);
    printf("%zu resolved, %zu not found", found, count_standing(r, STANDING_UNKNOWN));
    if (open) printf(", %zu not asked for", open);
    putchar('\n');
    return EX_OK;
}

static enum rc audit_resolved(struct db *db, void *arg) {
    (void)db;
    const struct resolving *r = arg;
    static const uint8_t nobody[16];
    struct act act = ctl_act(r->c);
    char *text = arena_printf(act.arena, "staff resolved: %zu of %zu", count_standing(r, STANDING_FOUND), r->n);
    return text ? audit_write(&act, AUDIT_IMPORT, nobody, text) : RC_INTERNAL;
}

static int resolve_all(struct resolving *r, bool json) {
    static const uint8_t none[16];
    enum rc rc = db_rows(r->c->db, ST_staff_unresolved, DB_VALUES(v_id(none), v_int(INT32_MAX)), r->c->arena, &r->staff,
                         &r->n);
    if (rc != RC_OK) return ctl_fail_rc("staff resolve", rc, NULL);
    int code = unseal_mobiles(r);
    if (code != EX_OK) return code;
    rc = ask_all(r, true);
    if (rc == RC_OK) rc = ask_all(r, false);
    /* Whoever goes by nothing is not found either, but only once all were asked for. */
    for (size_t i = 0; rc == RC_OK && i < r->n; i++)
        if (r->standing[i] == STANDING_OPEN) r->standing[i] = STANDING_UNKNOWN;
    size_t found = count_standing(r, STANDING_FOUND), open = count_standing(r, STANDING_OPEN);
    if (found) {
        enum rc audited = db_tx(r->c->db, audit_resolved, r);
        if (rc == RC_OK) rc = audited;
    }
    bool nobody = rc == RC_HOST_APP && open == r->n;
    if (json || !nobody) code = print_resolved(r, json);
    if (rc == RC_HOST_APP)
        return ctl_fail(EX_UNAVAILABLE, "the directory did not answer; %s was asked for: run it again %s",
                        nobody ? "nobody" : "nobody more", nobody ? "when it does" : "for the rest");
    return rc == RC_OK ? code : ctl_fail_rc("staff resolve", rc, NULL);
}

static int resolve(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'}, {0}};
    bool json = false;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o != 'j') return EX_USAGE;
        json = true;
    }
    int code = optind == argc ? ctl_need_all(c) : EX_USAGE;
    if (code != EX_OK) return code;
    struct resolving r = {.c = c, .config = settings_zzd(c->settings)};
    if (!num_i64(str_of(c->settings->zzd_tenant_id), 1, INT64_MAX, &r.realm))
        return ctl_fail(EX_CONFIG, "zhezhengding tenant_id is no number");
    if (!hosts_init() || !http_client_init(&r.http)) return ctl_fail(EX_OSERR, "no HTTP client");
    code = resolve_all(&r, json);
    http_client_end(&r.http);
    hosts_end();
    return code;
}

int ctl_staff(struct ctl *c, int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "list") == 0) return list(c, argc - 1, argv + 1);
    if (strcmp(verb, "disable") == 0) return disable(c, argc - 1, argv + 1);
    return strcmp(verb, "resolve") == 0 ? resolve(c, argc - 1, argv + 1) : EX_USAGE;
}
