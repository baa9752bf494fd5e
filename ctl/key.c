/* minhuctl key: third parties' API keys. */
#include "ctl.h"

#include "acts/keys.h"
#include "base/json_write.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "base/uuid.h"

#include <getopt.h>
#include <string.h>

enum { NAME_MAX_CHARS = 100, UNITS_MAX = 1000, ADDRESSES_MAX = 500, LIST_MAX = 4 << 20 };

struct doing {
    struct ctl *c;
    struct key_request request;
    uint8_t id[16];
    struct key_made made;
    const char *why;
    enum rc (*act)(struct act *act, struct doing *d);
};

static enum rc do_create(struct act *act, struct doing *d) { return key_create(act, &d->request, &d->made); }
static enum rc do_rotate(struct act *act, struct doing *d) { return key_rotate(act, d->id, &d->made); }
static enum rc do_revoke(struct act *act, struct doing *d) { return key_revoke(act, d->id); }

static enum rc in_tx(struct db *db, void *arg) {
    (void)db;
    struct doing *d = arg;
    struct act act = ctl_act(d->c);
    enum rc rc = d->act(&act, d);
    d->why = act.en;
    return rc;
}

static int perform(struct doing *d, const char *what) {
    int code = ctl_need_all(d->c);
    if (code != EX_OK) return code;
    enum rc rc = db_tx(d->c->db, in_tx, d);
    return rc == RC_OK ? EX_OK : ctl_fail_rc(what, rc, d->why);
}

static void print_made(const struct key_made *made) {
    char id[UUID_TEXT + 1];
    uuid_format(made->id, id);
    printf("id:  %s\nkey: %s\nThis is the only time the key is shown. 密钥只显示这一次。\n", id, made->text);
}

/* ---- create ---- */

static bool parse_scopes(struct str list, uint32_t *scopes) {
    while (list.n) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n, skip = comma ? n + 1 : n;
        int i = 0;
        while (i < KEY_SCOPES && !str_is((struct str){list.p, n}, key_scope_names[i])) i++;
        if (i == KEY_SCOPES) return false;
        *scopes |= 1u << i;
        list = (struct str){list.p + skip, list.n - skip};
    }
    return *scopes != 0;
}

static bool has_unit(const struct row_unit *units, size_t n, struct str code) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(units[i].code, code)) return true;
    return false;
}

static int check_units(struct ctl *c, struct str list) {
    struct row_unit *units;
    size_t count;
    int code = list.n ? ctl_need_db(c) : EX_OK;
    if (code != EX_OK || !list.n) return code;
    enum rc rc = db_rows(c->db, ST_units, NULL, 0, c->arena, &units, &count);
    if (rc != RC_OK) return ctl_fail_rc("key create", rc, NULL);
    while (list.n) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n, skip = comma ? n + 1 : n;
        if (!has_unit(units, count, (struct str){list.p, n}))
            code = ctl_fail(EX_DATAERR, "no unit has the code \"%.*s\"", (int)n, list.p);
        list = (struct str){list.p + skip, list.n - skip};
    }
    return code;
}

static int check_request(struct ctl *c, const struct key_request *r) {
    bool text = r->client.n && utf8_is_text(r->client) && utf8_count(r->client) <= NAME_MAX_CHARS;
    if (!text || memchr(r->client.p, '\n', r->client.n)) /* lists show it in a line */
        return ctl_fail(EX_USAGE, "--client is a name of 1 to %d characters, in one line", NAME_MAX_CHARS);
    if (!r->channel)
        return ctl_fail(
            EX_USAGE,
            "--channel is a code such as property, housekeeping, civil_affairs, hotline_12345, npc_bridge or cppcc");
    if (!r->scopes) return ctl_fail(EX_USAGE, "--scopes is a list of post, read and feed, like post,read");
    if (r->units.n > UNITS_MAX || r->addresses.n > ADDRESSES_MAX)
        return ctl_fail(EX_DATAERR, "--units or --addresses is too long");
    const char *fault = key_addresses_fault(r->addresses, c->arena);
    return fault ? ctl_fail(EX_DATAERR, "--addresses: %s", fault) : check_units(c, r->units);
}

static int create(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {
        {"client", required_argument, NULL, 'c'},    {"channel", required_argument, NULL, 'n'},
        {"scopes", required_argument, NULL, 's'},    {"units", required_argument, NULL, 'u'},
        {"addresses", required_argument, NULL, 'a'}, {"per-minute", required_argument, NULL, 'm'},
        {"expires", required_argument, NULL, 'e'},   {0}};
    struct doing d = {.c = c, .act = do_create, .request = {.units = STR(""), .addresses = STR(""), .per_minute = 600}};
    struct key_request *r = &d.request;
    int64_t days = 0;
    for (int o, at = 0; (o = getopt_long(argc, argv, "", longs, &at)) != -1;) {
        bool good = true;
        switch (o) {
        case 'c': r->client = str_of(optarg); break;
        case 'n': r->channel = (enum channel)word_find(channel_words, CHANNEL__MAX, str_of(optarg)); break;
        case 's': good = parse_scopes(str_of(optarg), &r->scopes); break;
        case 'u': r->units = str_of(optarg); break;
        case 'a': r->addresses = str_of(optarg); break;
        case 'm': good = num_i64(str_of(optarg), 1, 1000000, &r->per_minute); break;
        case 'e': good = num_i64(str_of(optarg), 1, 3650, &days); break;
        default: return EX_USAGE;
        }
        if (!good) return ctl_fail(EX_USAGE, "\"%s\" is no value for --%s", optarg, longs[at].name);
    }
    if (optind != argc) return EX_USAGE;
    r->expires_at_us = days ? c->now_us + days * DAY_S * SECOND_US : 0;
    int code = check_request(c, r);
    if (code == EX_OK) code = perform(&d, "key create");
    if (code == EX_OK) print_made(&d.made);
    return code;
}

/* ---- list ---- */

static const char *state_of(const struct row_api_key *k, int64_t now_us) {
    if (k->revoked_at) return "revoked";
    return k->expires_at && k->expires_at <= now_us ? "expired" : "live";
}

static void scopes_text(int64_t scopes, char out[32]) {
    struct buf b;
    buf_fixed(&b, out, 32);
    for (int i = 0; i < KEY_SCOPES; i++)
        if (scopes & (1 << i)) buf_printf(&b, "%s%s", buf_str(&b).n ? "," : "", key_scope_names[i]);
    buf_add_char(&b, '\0');
}

static void print_key(const struct row_api_key *k, int64_t now_us) {
    char id[UUID_TEXT + 1], scopes[32], expires[TIME_TEXT_MAX] = "never";
    uuid_format(k->id, id);
    scopes_text(k->scopes, scopes);
    if (k->expires_at) time_format_beijing(k->expires_at, 0, expires);
    printf("%s  %-7s  %.*s…  %s  %s  %lld/min  expires %s  %.*s", id, state_of(k, now_us), (int)k->hint.n, k->hint.p,
           k->channel > 0 && k->channel < CHANNEL__MAX ? channel_words[k->channel].code : "?", scopes,
           (long long)k->per_minute, expires, (int)k->client.n, k->client.p);
    if (k->units.n) printf("  units %.*s", (int)k->units.n, k->units.p);
    if (k->addresses.n) printf("  from %.*s", (int)k->addresses.n, k->addresses.p);
    putchar('\n');
}

static void write_key(struct json_out *w, const struct row_api_key *k, int64_t now_us) {
    char scopes[32];
    scopes_text(k->scopes, scopes);
    jw_begin_object(w);
    jw_key_uuid(w, "id", k->id);
    jw_key_str(w, "client", k->client);
    jw_key_z(w, "channel", k->channel > 0 && k->channel < CHANNEL__MAX ? channel_words[k->channel].code : NULL);
    jw_key_z(w, "state", state_of(k, now_us));
    jw_key_str(w, "hint", k->hint);
    jw_key_z(w, "scopes", scopes);
    jw_key_str(w, "units", k->units);
    jw_key_str(w, "addresses", k->addresses);
    jw_key_int(w, "per_minute", k->per_minute);
    jw_key_time(w, "expires_at", k->expires_at);
    jw_key_time(w, "revoked_at", k->revoked_at);
    jw_key_time(w, "created_at", k->created_at);
    jw_end_object(w);
}

static int list(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'}, {0}};
    bool json = false;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o != 'j') return EX_USAGE;
        json = true;
    }
    int code = optind == argc ? ctl_need_db(c) : EX_USAGE;
    if (code != EX_OK) return code;
    struct row_api_key *keys;
    size_t n;
    enum rc rc = db_rows(c->db, ST_api_keys, NULL, 0, c->arena, &keys, &n);
    if (rc != RC_OK) return ctl_fail_rc("key list", rc, NULL);
    struct buf b;
    struct json_out w;
    buf_init(&b, c->arena, LIST_MAX);
    jw_init(&w, &b);
    jw_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        if (json) write_key(&w, &keys[i], c->now_us);
        else print_key(&keys[i], c->now_us);
    }
    jw_end_array(&w);
    return json ? ctl_print_json(&b) : EX_OK;
}

/* ---- rotate and revoke ---- */

static int by_id(struct ctl *c, int argc, char **argv, const char *what, enum rc (*act)(struct act *, struct doing *)) {
    struct doing d = {.c = c, .act = act};
    if (argc != 2) return EX_USAGE;
    if (!uuid_parse(str_of(argv[1]), d.id))
        return ctl_fail(EX_DATAERR, "%s is no key's id; see minhuctl key list", argv[1]);
    int code = perform(&d, what);
    if (code != EX_OK) return code;
    if (act == do_revoke) puts("revoked; it is refused everywhere within 5 seconds");
    else print_made(&d.made);
    return EX_OK;
}

int ctl_key(struct ctl *c, int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "";
    if (strcmp(verb, "create") == 0) return create(c, argc - 1, argv + 1);
    if (strcmp(verb, "list") == 0) return list(c, argc - 1, argv + 1);
    if (strcmp(verb, "rotate") == 0) return by_id(c, argc - 1, argv + 1, "key rotate", do_rotate);
    if (strcmp(verb, "revoke") == 0) return by_id(c, argc - 1, argv + 1, "key revoke", do_revoke);
    return EX_USAGE;
}
