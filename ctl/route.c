/* minhuctl route: where a matter goes and why, and what new rules would change. */
#include "ctl.h"

#include "acts/import.h"
#include "acts/reference.h"
#include "acts/ruling.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "rules/routing.h"
#include "rules/whereabouts.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { ROUTES_MAX = 64 << 20, LAST_DEFAULT = 1000, LAST_MAX = 100000, EXAMPLES = 5 };

struct asking {
    const char *category, *place, *point, *address, *channel, *kind, *about, *day;
    int64_t last;
};

static int load_district(struct ctl *c, const struct district **d) {
    int code = ctl_need_db(c);
    if (code != EX_OK) return code;
    const struct reference *r = reference_open(c->db, c->settings->work_hours);
    if (!r) return ctl_fail(EX_DATAERR, "the district can't be loaded; the log line above says why");
    *d = reference_district(r);
    return EX_OK;
}

static int32_t today(const struct ctl *c) {
    int32_t day, second;
    time_split_beijing(c->now_us, &day, &second);
    return day;
}

#define SHOWN(s) (int)(s).n, (s).p

static const char *date_text(struct ctl *c, int32_t day) {
    int year, month, date;
    date_from_days(day, &year, &month, &date);
    const char *text = arena_printf(c->arena, "%04d-%02d-%02d", year, month, date);
    return text ? text : "?";
}

/* ---- explain ---- */

struct explaining {
    struct ctl *c;
    size_t n;
};

static void print_scope(const struct route_rule *r) {
    if (r->category) printf(" category %.*s", SHOWN(r->category->code));
    if (r->place) printf(" place %.*s", SHOWN(r->place->code));
    if (r->area) printf(" area %.*s", SHOWN(r->area->code));
    if (r->kind) printf(" kind %s", kind_words[r->kind].code);
    if (r->channel) printf(" channel %s", channel_words[r->channel].code);
    if (!r->category && !r->place && !r->area && !r->kind && !r->channel) printf(" anything");
}

/* One line a rule: what it is for, whom it names, and whether it decides. */
static bool print_rule(const struct route_rule *r, const struct matter *m, void *arg) {
    static const char *const fits[] = {[RULE_HOLDS] = "decides",
                                       [RULE_OTHER_KIND] = "no: another kind",
                                       [RULE_OTHER_CHANNEL] = "no: another channel",
                                       [RULE_NOT_YET] = "no: not yet valid",
                                       [RULE_OVER] = "no: no longer valid",
                                       [RULE_NO_TARGET] = "no: no unit of its tier above the place"};
    struct explaining *x = arg;
    enum rule_fit fit = rule_fit(r, m);
    x->n++;
    printf("  rule %lld:", (long long)r->id);
    print_scope(r);
    if (r->valid_from) printf(" from %s", date_text(x->c, r->valid_from));
    if (r->valid_until) printf(" until %s", date_text(x->c, r->valid_until));
    if (r->unit) printf(" -> %.*s", SHOWN(r->unit->code));
    else printf(" -> the %s", tier_words[r->tier].code);
    printf("; %s\n", fits[fit]);
    return fit == RULE_HOLDS;
}

static void print_unit(const char *what, const struct unit *u, const char *why) {
    printf("%s %.*s %.*s%s%s\n", what, SHOWN(u->code), SHOWN(u->name), why ? ": " : "", why ? why : "");
}

static void print_way(struct ctl *c, const struct district *d, const struct matter *m) {
    static const char *const passings[] = {[PASSED_NOT] = NULL,
                                           [PASSED_CLOSED] = "it is closed",
                                           [PASSED_COMPLAINED_OF] = "it is complained of",
                                           [PASSED_INTEREST] = "it has an interest with the unit complained of"};
    struct explaining x = {c, 0};
    if (m->place)
        printf("place: %.*s %.*s, of unit %.*s\n", SHOWN(m->place->code), SHOWN(m->place->name),
               SHOWN(m->place->unit->code));
    else printf("place: not known\n");
    printf("rules for it, from the most special on:\n");
    route_walk(d, m, print_rule, &x);
    if (!x.n) printf("  none\n");
    struct routed r = route(d, m);
    if (r.rule && r.rule->basis.n) printf("basis: %.*s\n", SHOWN(r.rule->basis));
    if (r.rule && r.rule->imported_at) {
        char at[TIME_TEXT_MAX];
        printf("imported: %.*s\n", (int)time_format_beijing(r.rule->imported_at, 0, at), at);
    }
    if (!r.named) printf("no rule and no place: the district takes it\n");
    else print_unit(r.rule ? "named by the rule:" : "no rule: the unit of the place:", r.named, NULL);
    for (const struct unit *u = r.named; u && !unit_is(u, r.unit); u = u->parent)
        print_unit("passed over:", u, passings[passing_of(u, m->about)]);
    print_unit("goes to:", r.unit, NULL);
}

static int no_such(const char *what, const char *code) {
    return ctl_fail(EX_USAGE, "there is no %s \"%s\"", what, code);
}

static int read_day(struct ctl *c, const char *text, int32_t *day) {
    *day = today(c);
    return !text || date_parse(str_of(text), day) ? EX_OK
                                                  : ctl_fail(EX_USAGE, "\"%s\" is not a date like 2026-11-24", text);
}

/* The place named, or what an address or a point tells. */
static int read_whereabouts(struct ctl *c, const struct district *d, const struct asking *in, struct matter *m) {
    struct whereabouts w = {.address = in->address ? str_of(in->address) : (struct str){0}};
    const char *comma = in->point ? strchr(in->point, ',') : NULL;
    if (in->place && !(w.named = place_by_code(d, str_of(in->place)))) return no_such("place", in->place);
    if (in->point && (!comma || !num_millionths((struct str){in->point, (size_t)(comma - in->point)}, &w.lng) ||
                      !num_millionths(str_of(comma + 1), &w.lat)))
        return ctl_fail(EX_USAGE, "\"%s\" is not a point like 120.2,30.3 (GCJ-02)", in->point);
    w.has_point = in->point != NULL;
    m->place = place_of(d, &w, c->arena);
    return EX_OK;
}

static int read_matter(struct ctl *c, const struct district *d, const struct asking *in, struct matter *m) {
    *m = (struct matter){.channel = CHANNEL_ZLB, .kind = KIND_HELP};
    if (in->category && !(m->category = category_by_code(d, str_of(in->category))))
        return no_such("category", in->category);
    int code = read_whereabouts(c, d, in, m);
    if (code != EX_OK) return code;
    if (in->about && !(m->about = unit_by_code(d, str_of(in->about)))) return no_such("unit", in->about);
    if (in->channel) m->channel = (enum channel)word_find(channel_words, CHANNEL__MAX, str_of(in->channel));
    if (!m->channel) return no_such("channel", in->channel);
    if (in->kind) m->kind = (enum kind)word_find(kind_words, KIND__MAX, str_of(in->kind));
    if (!m->kind) return no_such("kind", in->kind);
    return read_day(c, in->day, &m->day);
}

static int explain(struct ctl *c, const struct asking *in) {
    const struct district *d;
    struct matter m;
    int code = load_district(c, &d);
    if (code == EX_OK) code = read_matter(c, d, in, &m);
    if (code == EX_OK) print_way(c, d, &m);
    return code;
}

/* ---- try ---- */

struct moved {
    const struct unit *from, *to;
    int64_t line; /* of the rule that would decide; 0: none */
    const struct row_routed_appeal *appeal;
};

static int compare_moved(const void *x, const void *y) {
    const struct moved *a = x, *b = y;
    if (a->from->id != b->from->id) return a->from->id < b->from->id ? -1 : 1;
    if (a->to->id != b->to->id) return a->to->id < b->to->id ? -1 : 1;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return memcmp(a->appeal->number.p, b->appeal->number.p, a->appeal->number.n); /* of one length within a day */
}

static bool same_move(const struct moved *a, const struct moved *b) {
    return unit_is(a->from, b->from) && unit_is(a->to, b->to) && a->line == b->line;
}

static void print_moves(const struct moved *m, size_t n) {
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && same_move(&m[i], &m[end]);) end++;
        printf("%6zu  %.*s %.*s -> %.*s %.*s", end - i, SHOWN(m[i].from->code), SHOWN(m[i].from->name),
               SHOWN(m[i].to->code), SHOWN(m[i].to->name));
        if (m[i].line) printf(" by line %lld", (long long)m[i].line);
        else printf(" by the place");
        for (size_t k = i; k < end && k < i + EXAMPLES; k++)
            printf("%s%.*s", k == i ? ": " : ", ", SHOWN(m[k].appeal->number));
        puts(end - i > EXAMPLES ? ", …" : "");
    }
}

static int compare_rules(struct ctl *c, const struct district *live, const struct district *proposed, int32_t day,
                         int64_t last) {
    struct row_routed_appeal *rows;
    size_t n, count = 0;
    enum rc rc = db_rows(c->db, ST_appeals_last, DB_VALUES(v_int(last)), c->arena, &rows, &n);
    if (rc != RC_OK) return ctl_fail_rc("try", rc, NULL);
    struct moved *moved = arena_array(c->arena, n + 1, sizeof *moved);
    if (!moved) return ctl_fail(EX_OSERR, "no memory");
    for (size_t i = 0; i < n; i++) {
        struct matter m = {category_by_id(live, rows[i].category_id),
                           place_by_id(live, rows[i].place_id),
                           unit_by_id(live, rows[i].about_unit_id),
                           (enum channel)rows[i].channel,
                           (enum kind)rows[i].kind,
                           day};
        struct routed was = route(live, &m), will = route(proposed, &m);
        if (!unit_is(was.unit, will.unit))
            moved[count++] = (struct moved){was.unit, will.unit, will.rule ? will.rule->id : 0, &rows[i]};
    }
    if (count) qsort(moved, count, sizeof *moved, compare_moved);
    printf("%zu of the last %zu appeals would go elsewhere on %s; nothing was changed\n", count, n, date_text(c, day));
    print_moves(moved, count);
    return EX_OK;
}

static int try_rules(struct ctl *c, const char *dir, const struct asking *in) {
    struct import_problems problems;
    struct district proposed;
    struct str text;
    int32_t day;
    const char *path = arena_printf(c->arena, "%s/%s", dir, import_file_name(IMPORT_ROUTES));
    if (!path) return ctl_fail(EX_OSERR, "no memory");
    const char *why = ctl_read_file(c, path, ROUTES_MAX, &text);
    if (why) return ctl_fail(EX_NOINPUT, "%s: %s", path, why);
    int code = read_day(c, in->day, &day);
    struct act act = {0};
    if (code == EX_OK) code = load_district(c, &act.district);
    if (code != EX_OK) return code;
    act.db = c->db;
    act.arena = c->arena;
    enum rc rc = import_propose_routes(&act, text, &problems, &proposed);
    if (rc == RC_INVALID) return ctl_tell_problems(dir, &problems, "nothing was tried");
    return rc == RC_OK ? compare_rules(c, act.district, &proposed, day, in->last) : ctl_fail_rc("try", rc, NULL);
}

/* ---- precedents ---- */

enum { PRECEDENTS_MAX = 10000 };

/* A ruling with who stands for its units today. */
struct precedent {
    const struct row_ruling *row;
    const struct category *category;
    const struct unit *unit, *ruler;
};

/* What has no category makes no rule. */
static bool read_precedent(const struct district *d, const struct row_ruling *row, int32_t day, struct precedent *p) {
    *p = (struct precedent){.row = row, .category = category_by_id(d, row->category_id)};
    ruling_now(d, row, day, &p->unit, &p->ruler);
    return p->category && p->unit && p->ruler;
}

static bool is_among(const struct precedent *list, size_t n, const struct precedent *p) {
    for (size_t i = 0; i < n; i++)
        if (list[i].category == p->category && unit_is(list[i].ruler, p->ruler)) return true;
    return false;
}

/* The newest ruling for each category below each unit that ruled, as a row of routes.tsv. What the district ruled holds everywhere. */
static int precedents(struct ctl *c) {
    const struct district *d;
    struct row_ruling *rows;
    uint8_t last[16];
    size_t n;
    int code = load_district(c, &d);
    if (code != EX_OK) return code;
    memset(last, 0xff, sizeof last);
    enum rc rc = db_rows(c->db, ST_rulings, DB_VALUES(v_id(last), v_int(PRECEDENTS_MAX)), c->arena, &rows, &n);
    if (rc != RC_OK) return ctl_fail_rc("precedents", rc, NULL);
    struct precedent *found = arena_array(c->arena, n + 1, sizeof *found);
    size_t count = 0;
    if (!found) return ctl_fail(EX_OSERR, "no memory");
    puts("# category_code\tarea_code\ttier\tunit_code\tplace_code\tchannel\tkind\tvalid_from\tvalid_until\tbasis");
    for (size_t i = 0; i < n; i++) {
        struct precedent *p = &found[count];
        if (!read_precedent(d, &rows[i], today(c), p) || is_among(found, count, p)) continue;
        struct str area = unit_is(p->ruler, d->top) ? STR("") : p->ruler->code;
        printf("# %.*s\n%.*s\t%.*s\t\t%.*s\t\t\t\t\t\t%.*s\n", SHOWN(p->row->number), SHOWN(p->category->code),
               SHOWN(area), SHOWN(p->unit->code), SHOWN(p->row->duty));
        count++;
    }
    return EX_OK;
}

int ctl_route(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {
        {"category", required_argument, NULL, 'c'}, {"place", required_argument, NULL, 'p'},
        {"channel", required_argument, NULL, 'h'},  {"kind", required_argument, NULL, 'k'},
        {"about", required_argument, NULL, 'a'},    {"day", required_argument, NULL, 'd'},
        {"last", required_argument, NULL, 'l'},     {"point", required_argument, NULL, 'o'},
        {"address", required_argument, NULL, 'r'},  {0}};
    struct asking in = {.last = LAST_DEFAULT};
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (o) {
        case 'c': in.category = optarg; break;
        case 'p': in.place = optarg; break;
        case 'o': in.point = optarg; break;
        case 'r': in.address = optarg; break;
        case 'h': in.channel = optarg; break;
        case 'k': in.kind = optarg; break;
        case 'a': in.about = optarg; break;
        case 'd': in.day = optarg; break;
        case 'l':
            if (!num_i64(str_of(optarg), 1, LAST_MAX, &in.last))
                return ctl_fail(EX_USAGE, "--last takes a number from 1 to %d", LAST_MAX);
            break;
        default: return EX_USAGE;
        }
    }
    const char *what = optind < argc ? argv[optind] : "";
    if (strcmp(what, "explain") == 0 && argc - optind == 1) return explain(c, &in);
    if (strcmp(what, "precedents") == 0 && argc - optind == 1) return precedents(c);
    if (strcmp(what, "try") == 0 && argc - optind == 2) return try_rules(c, argv[optind + 1], &in);
    return EX_USAGE;
}
