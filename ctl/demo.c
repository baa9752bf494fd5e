/* minhuctl demo: writes the files of an invented district, the same for the same seed; but its rota begins today. */
#include "ctl.h"
#include "demo_data.h"

#include "base/num.h"
#include "base/timefmt.h"
#include "rules/urgency.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

enum {
    TOWNS = 24,
    VILLAGES = 350,
    COMPOUNDS = 1000,
    UNITS_MAX = 2600,
    STAFF_MAX = 12000,
    TOP_STAFF = 30,
    REALM = 100,
    FIRST_ACCOUNT = 100001,
    RESIDENTS = 20,
    TOWN_PLACES = 12,
    /* the rectangle the district lies in, millionths of a degree */
    WEST = 119800000,
    SOUTH = 30050000,
    TOWN_WIDTH = 66000,
    TOWN_HEIGHT = 75000,
    TOWN_COLUMNS = 6
};

enum group {
    TOP,
    DEPARTMENT,
    TOWN,
    VILLAGE,
    COMPOUND,
    OWNERS,
    MERCHANT,
    ENTERPRISE,
    SOCIAL,
    VOLUNTEERS,
    PARTY,
    DELEGATES,
    GROUPS
};

/* How many units of a kind there are, and how many people work in each. */
static const struct {
    const char *prefix, *tier, *kind;
    size_t units, people;
} groups[GROUPS] = {
    [TOP] = {"district", "district", "government", 1, TOP_STAFF},
    [DEPARTMENT] = {"dep", "district", "department", 40, 23},
    [TOWN] = {"town", "town", "town", TOWNS, 45},
    [VILLAGE] = {"village", "village", "village", VILLAGES, 8},
    [COMPOUND] = {"compound", "compound", "compound", COMPOUNDS, 4},
    [OWNERS] = {"owners", "compound", "owners_committee", 300, 2},
    [MERCHANT] = {"merchant", "compound", "merchant", 300, 2},
    [ENTERPRISE] = {"enterprise", "compound", "enterprise", 100, 2},
    [SOCIAL] = {"social", "compound", "social_organisation", 80, 2},
    [VOLUNTEERS] = {"volunteers", "compound", "volunteer_team", 105, 2},
    [PARTY] = {"party", "compound", "party_organisation", 150, 2},
    [DELEGATES] = {"delegates", "compound", "residents_delegates", 50, 2},
};

struct unit_made {
    char code[32], name[96], name_en[96];
    enum group group;
    size_t parent; /* index */
    int64_t lng, lat;
};

struct demo {
    const char *dir;
    uint64_t random;
    int64_t fast_seconds;
    struct unit_made *units;
    size_t unit_count, first[GROUPS];
};

/* splitmix64 */
static uint64_t next_random(struct demo *d) {
    uint64_t z = (d->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t below(struct demo *d, size_t n) { return (size_t)(next_random(d) % n); }

static const char *pick(struct demo *d, const char *const *list) {
    size_t n = 0;
    while (list[n]) n++;
    return list[below(d, n)];
}

static size_t count_of(const char *const *list) {
    size_t n = 0;
    while (list[n]) n++;
    return n;
}

static FILE *open_out(const struct demo *d, const char *name) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", d->dir, name);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "we") : NULL;
    if (!f) ctl_fail(EX_CANTCREAT, "%s: %s", path, strerror(errno));
    return f;
}

static int close_out(FILE *f, int code) {
    bool bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad) return ctl_fail(EX_IOERR, "a file could not be written: %s", strerror(errno));
    return code;
}

/* ---- units ---- */

/* Somewhere around a unit, at most so far. */
static void place_around(struct demo *d, const struct unit_made *centre, size_t distance, int64_t *lng, int64_t *lat) {
    *lng = centre->lng + (int64_t)below(d, 2 * distance) - (int64_t)distance;
    *lat = centre->lat + (int64_t)below(d, 2 * distance) - (int64_t)distance;
}

static void name_small(struct unit_made *u, const struct unit_made *parent, size_t i) {
    static const char *const zh[GROUPS] = {
        [OWNERS] = "业主委员会",     [MERCHANT] = "便民商店", [ENTERPRISE] = "实业公司",   [SOCIAL] = "公益服务社",
        [VOLUNTEERS] = "志愿服务队", [PARTY] = "党支部",      [DELEGATES] = "居民代表会议"};
    static const char *const en[GROUPS] = {
        [OWNERS] = "owners' committee",      [MERCHANT] = "shop",         [ENTERPRISE] = "company",
        [SOCIAL] = "social service",         [VOLUNTEERS] = "volunteers", [PARTY] = "party branch",
        [DELEGATES] = "residents' delegates"};
    snprintf(u->name, sizeof u->name, "%.60s第%zu%s", parent->name, i / VILLAGES + 1, zh[u->group]);
    snprintf(u->name_en, sizeof u->name_en, "%.50s, %s %zu", parent->name_en, en[u->group], i / VILLAGES + 1);
}

static void name_unit(struct demo *d, struct unit_made *u, size_t i) {
    const struct unit_made *parent = &d->units[u->parent];
    size_t first = count_of(demo_village_first), compounds = count_of(demo_compound_first);
    switch (u->group) {
    case TOP:
        snprintf(u->name, sizeof u->name, "云岚区民呼必应指挥中心");
        snprintf(u->name_en, sizeof u->name_en, "Yunlan District command centre");
        break;
    case DEPARTMENT:
        snprintf(u->name, sizeof u->name, "%s", demo_departments[i].zh);
        snprintf(u->name_en, sizeof u->name_en, "%s", demo_departments[i].en);
        break;
    case TOWN:
        snprintf(u->name, sizeof u->name, "%s", demo_towns[i][0]);
        snprintf(u->name_en, sizeof u->name_en, "%s", demo_towns[i][1]);
        break;
    case VILLAGE:
        snprintf(u->name, sizeof u->name, "%s%s%s", demo_village_first[i % first], demo_village_second[i / first],
                 i % 3 ? "社区" : "村");
        snprintf(u->name_en, sizeof u->name_en, "%s %zu", i % 3 ? "Community" : "Village", i + 1);
        break;
    case COMPOUND:
        snprintf(u->name, sizeof u->name, "%s%s%zu期", demo_compound_first[i % compounds],
                 demo_compound_second[i / compounds % count_of(demo_compound_second)],
                 i / compounds / count_of(demo_compound_second) + 1);
        snprintf(u->name_en, sizeof u->name_en, "Compound %zu", i + 1);
        break;
    case OWNERS:
    case MERCHANT:
    case ENTERPRISE:
    case SOCIAL:
    case VOLUNTEERS:
    case PARTY:
    case DELEGATES:
    case GROUPS: name_small(u, parent, i); break;
    }
}

static void locate_unit(struct demo *d, struct unit_made *u, size_t i) {
    const struct unit_made *parent = &d->units[u->parent];
    if (u->group == TOP || u->group == DEPARTMENT) {
        u->lng = WEST + TOWN_COLUMNS * TOWN_WIDTH / 2;
        u->lat = SOUTH + TOWNS / TOWN_COLUMNS * TOWN_HEIGHT / 2;
    } else if (u->group == TOWN) {
        u->lng = WEST + (int64_t)(i % TOWN_COLUMNS) * TOWN_WIDTH + TOWN_WIDTH / 2;
        u->lat = SOUTH + (int64_t)(i / TOWN_COLUMNS) * TOWN_HEIGHT + TOWN_HEIGHT / 2;
    } else {
        place_around(d, parent, u->group == VILLAGE ? 28000 : 3000, &u->lng, &u->lat);
    }
}

static size_t parent_of(const struct demo *d, enum group g, size_t i) {
    if (g == TOP || g == DEPARTMENT || g == TOWN) return 0;
    return g == VILLAGE ? d->first[TOWN] + i % TOWNS : d->first[VILLAGE] + i % VILLAGES;
}

static void make_units(struct demo *d) {
    for (int g = 0; g < GROUPS; g++) {
        d->first[g] = d->unit_count;
        for (size_t i = 0; i < groups[g].units; i++) {
            struct unit_made *u = &d->units[d->unit_count++];
            u->group = (enum group)g;
            u->parent = parent_of(d, u->group, i);
            if (g == DEPARTMENT) snprintf(u->code, sizeof u->code, "%s", demo_departments[i].code);
            else if (g == TOP) snprintf(u->code, sizeof u->code, "%s", groups[g].prefix);
            else snprintf(u->code, sizeof u->code, "%s-%04zu", groups[g].prefix, i + 1);
            name_unit(d, u, i);
            locate_unit(d, u, i);
        }
    }
}

static int write_units(struct demo *d) {
    FILE *f = open_out(d, "units.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("code\tname\tname_en\ttier\tkind\tparent_code\n", f);
    for (size_t i = 0; i < d->unit_count; i++) {
        const struct unit_made *u = &d->units[i];
        fprintf(f, "%s\t%s\t%s\t%s\t%s\t%s\n", u->code, u->name, u->name_en, groups[u->group].tier,
                groups[u->group].kind, i ? d->units[u->parent].code : "");
    }
    return close_out(f, EX_OK);
}

/* ---- places ---- */

static void write_degrees(FILE *f, int64_t v) {
    fprintf(f, "\t%lld.%06lld", (long long)(v / 1000000), (long long)(v % 1000000));
}

static void write_place(FILE *f, size_t n, const char *name, const char *suffix, const struct unit_made *u, int64_t lng,
                        int64_t lat) {
    fprintf(f, "place-%04zu\t%s%s\t%s", n, name, suffix, u->code);
    write_degrees(f, lng);
    write_degrees(f, lat);
    fputc('\n', f);
}

static int write_places(struct demo *d) {
    static const char *const village[] = {"便民服务站", "文化广场"};
    static const char *const town[TOWN_PLACES] = {"行政服务中心", "农贸市场",   "卫生院",   "中心小学",
                                                  "中学",         "公交站",     "文体中心", "公园",
                                                  "老年活动中心", "派出所路口", "商业街",   "汽车站"};
    FILE *f = open_out(d, "places.tsv");
    if (!f) return EX_CANTCREAT;
    size_t n = 0;
    int64_t lng, lat;
    fputs("code\tname\tunit_code\tlng\tlat\n", f);
    for (size_t i = 0; i < COMPOUNDS; i++) {
        const struct unit_made *u = &d->units[d->first[COMPOUND] + i];
        write_place(f, ++n, u->name, "", u, u->lng, u->lat);
    }
    for (size_t i = 0; i < VILLAGES * 2; i++) {
        const struct unit_made *u = &d->units[d->first[VILLAGE] + i / 2];
        place_around(d, u, 1500, &lng, &lat);
        write_place(f, ++n, u->name, village[i % 2], u, lng, lat);
    }
    for (size_t i = 0; i < TOWNS * TOWN_PLACES; i++) {
        const struct unit_made *u = &d->units[d->first[TOWN] + i / TOWN_PLACES];
        place_around(d, u, 20000, &lng, &lat);
        write_place(f, ++n, u->name, town[i % TOWN_PLACES], u, lng, lat);
    }
    return close_out(f, EX_OK);
}

/* ---- categories, rules, reasons ---- */

static int write_categories(const struct demo *d) {
    FILE *f = open_out(d, "categories.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("code\tparent_code\tname\tname_en\turgency\twords\n", f);
    for (const struct demo_category *c = demo_categories; c->code; c++) {
        const char *dot = strrchr(c->code, '.');
        fprintf(f, "%s\t%.*s\t%s\t%s\t%s\t%s\n", c->code, dot ? (int)(dot - c->code) : 0, c->code, c->zh, c->en,
                c->urgency, c->words);
    }
    return close_out(f, EX_OK);
}

static int write_routes(const struct demo *d) {
    FILE *f = open_out(d, "routes.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("category_code\tarea_code\ttier\tunit_code\n", f);
    for (const struct demo_route *r = demo_routes; r->category; r++)
        fprintf(f, "%s\t\t%s\t%s\n", r->category, r->tier ? r->tier : "", r->department ? r->department : "");
    return close_out(f, EX_OK);
}

static int write_clocks(const struct demo *d) {
    static const struct {
        const char *tier, *respond, *resolve, *step;
    } normal[] = {{"compound", "2wh", "3wd", "1wd"},
                  {"village", "2wh", "5wd", "1wd"},
                  {"town", "4wh", "5wd", "2wd"},
                  {"district", "4wh", "10wd", "3wd"}};
    static const struct {
        const char *urgency, *respond, *resolve, *step;
    } quick[] = {{"urgent", "1h", "24h", "4h"}, {"emergency", "15m", "4h", "30m"}};
    char fast[32];
    snprintf(fast, sizeof fast, "%llds", (long long)d->fast_seconds);
    FILE *f = open_out(d, "clocks.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("tier\tcategory_code\turgency\trespond\tresolve\tstep\n", f);
    for (size_t t = 0; t < sizeof normal / sizeof *normal; t++) {
        fprintf(f, "%s\t\t\t%s\t%s\t%s\n", normal[t].tier, normal[t].respond, normal[t].resolve,
                d->fast_seconds ? fast : normal[t].step);
        for (size_t u = 0; u < sizeof quick / sizeof *quick; u++)
            fprintf(f, "%s\t\t%s\t%s\t%s\t%s\n", normal[t].tier, quick[u].urgency, quick[u].respond, quick[u].resolve,
                    d->fast_seconds ? fast : quick[u].step);
    }
    return close_out(f, EX_OK);
}

static int write_reasons(const struct demo *d) {
    FILE *f = open_out(d, "reasons.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("purpose\tcode\tname\tname_en\tbasis\n", f);
    for (const struct demo_reason *r = demo_reasons; r->purpose; r++)
        fprintf(f, "%s\t%s\t%s\t%s\t%s\n", r->purpose, r->code, r->zh, r->en, r->basis);
    return close_out(f, EX_OK);
}

/* The product's own list, to begin with. */
static int write_urgent_words(const struct demo *d) {
    size_t n;
    const struct urgent_word *words = urgent_words_builtin(&n);
    FILE *f = open_out(d, "urgent-words.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("word\turgency\tdanger\tunless\n", f);
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s\t%s\t%s\t%s\n", words[i].word.p, urgency_words[words[i].urgency].code,
                danger_words[words[i].danger].code, words[i].unless.p);
    return close_out(f, EX_OK);
}

/* A committee of the district and one of each town; around each of the first communities one with all who have a say in its buildings, and for each village a team of the town
 * and two departments. */
static int write_groups(const struct demo *d) {
    FILE *f = open_out(d, "groups.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("code\tkind\tname\tname_en\tlead_code\tarea_code\tmembers\torganisations\n", f);
    fputs(
        "committee-district\tjoint_committee\t云岚区大工委\tYunlan joint committee\tdep-housing\tdistrict\tdep-city,dep-fire\t\n",
        f);
    for (size_t i = 0; i < TOWNS; i++)
        fprintf(
            f,
            "committee-town-%04zu\tjoint_committee\t%s大工委\t%s joint committee\ttown-%04zu\ttown-%04zu\tdep-city,dep-housing,dep-fire\t\n",
            i + 1, demo_towns[i][0], demo_towns[i][1], i + 1, i + 1);
    for (size_t i = 0; i < groups[DELEGATES].units; i++) {
        const struct unit_made *village = &d->units[d->first[VILLAGE] + i];
        fprintf(f,
                "committee-%04zu\tjoint_committee\t%s大党委\t%s joint committee\tparty-%04zu\t%s\t"
                "owners-%04zu,compound-%04zu,delegates-%04zu,%s\t云岚电信,云岚移动,云岚联通,云岚广电\n",
                i + 1, village->name, village->name_en, i + 1, village->code, i + 1, i + 1, i + 1, village->code);
    }
    for (size_t i = 0; i < groups[VILLAGE].units; i++) {
        const struct unit_made *village = &d->units[d->first[VILLAGE] + i], *town = &d->units[village->parent];
        const struct demo_named *one = &demo_departments[i % groups[DEPARTMENT].units],
                                *two = &demo_departments[(i + 1) % groups[DEPARTMENT].units];
        fprintf(f, "pairing-%04zu\tpairing\t%s组团\t%s pairing\t%s\t%s\t%s,%s\t\n", i + 1, village->name,
                village->name_en, town->code, village->code, one->code, two->code);
    }
    return close_out(f, EX_OK);
}

/* ---- people ---- */

struct people_files {
    FILE *staff, *posts, *people;
};

/* What the i-th person of a unit is. */
static const char *role_of(enum group g, size_t i) {
    bool administered = g == TOP || g == DEPARTMENT || g == TOWN;
    if (groups[g].people == 2) return i == 0 ? "dispatcher" : "handler";
    if (i < 2) return i == 0 ? "unit_lead" : "dispatcher";
    if (administered && i == 2) return "administrator";
    return g == TOP && i < 8 ? "district_supervisor" : "handler";
}

static void write_person(struct demo *d, const struct people_files *f, size_t n, const struct unit_made *u, size_t i) {
    const char *surname = pick(d, demo_surnames), *given = pick(d, demo_given);
    fprintf(f->staff, "GE_demo%05zu\t%s%s\t199%08zu\n", n, surname, given, n);
    fprintf(f->posts, "GE_demo%05zu\t%s\t%s\tyes\n", n, u->code, role_of(u->group, i));
    fprintf(f->people,
            "%s{\"accountId\":%zu,\"employeeCode\":\"GE_demo%05zu\",\"lastName\":\"%s%s\",\"mobile\":\"199%08zu\","
            "\"account\":\"demo%05zu\",\"realmId\":%d}",
            n > 1 ? ",\n" : "", FIRST_ACCOUNT + n - 1, n, surname, given, n, n, REALM);
    /* A village's lead leads its party branch too, as a second post. */
    size_t village = u->group == VILLAGE ? (size_t)(u - d->units) - d->first[VILLAGE] : groups[PARTY].units;
    if (i == 0 && village < groups[PARTY].units)
        fprintf(f->posts, "GE_demo%05zu\t%s\tunit_lead\tno\n", n, d->units[d->first[PARTY] + village].code);
}

static int write_people(struct demo *d, size_t *count) {
    struct people_files f = {open_out(d, "staff.tsv"), open_out(d, "posts.tsv"), open_out(d, "people.json")};
    size_t n = 0;
    int code = f.staff && f.posts && f.people ? EX_OK : EX_CANTCREAT;
    if (code == EX_OK) {
        fputs("employee_code\tname\tmobile\n", f.staff);
        fputs("employee_code\tunit_code\trole\tmain\n", f.posts);
        fputs("[", f.people);
        for (size_t i = 0; i < d->unit_count; i++)
            for (size_t k = 0; k < groups[d->units[i].group].people; k++) write_person(d, &f, ++n, &d->units[i], k);
        fputs("]\n", f.people);
    }
    if (f.staff) code = close_out(f.staff, code);
    if (f.posts) code = close_out(f.posts, code);
    if (f.people) code = close_out(f.people, code);
    *count = n;
    return code;
}

static void write_day(FILE *f, int32_t day) {
    int year, month, date;
    date_from_days(day, &year, &month, &date);
    fprintf(f, "\t%04d-%02d-%02d 00:00", year, month, date);
}

/* The last town: three are on duty in turn, a month each, from today on; one of them is away for a week of another's month. */
static int write_rota(const struct demo *d, int64_t now_us) {
    enum { TURN_DAYS = 30, AWAY_FROM = 70, AWAY_DAYS = 7, FIRST_HANDLER = 3 };
    static const struct {
        const char *kind;
        int from, days, who, substitute; /* substitute 0: none */
    } rows[] = {{"duty", 0, TURN_DAYS, 0, 0},
                {"duty", TURN_DAYS, TURN_DAYS, 1, 0},
                {"duty", 2 * TURN_DAYS, TURN_DAYS, 2, 0},
                {"absence", AWAY_FROM, AWAY_DAYS, 1, 3}};
    size_t before = 0; /* how many people there are before that town's */
    for (int g = 0; g < TOWN; g++) before += groups[g].units * groups[g].people;
    before += (TOWNS - 1) * groups[TOWN].people + FIRST_HANDLER + 1;
    int32_t today, second;
    time_split_beijing(now_us, &today, &second);
    FILE *f = open_out(d, "rota.tsv");
    if (!f) return EX_CANTCREAT;
    fputs("kind\temployee_code\tunit_code\tfrom\tuntil\tsubstitute_code\n", f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fprintf(f, "%s\tGE_demo%05zu\t%s", rows[i].kind, before + (size_t)rows[i].who,
                d->units[d->first[TOWN] + TOWNS - 1].code);
        write_day(f, today + rows[i].from);
        write_day(f, today + rows[i].from + rows[i].days);
        if (rows[i].substitute) fprintf(f, "\tGE_demo%05zu\n", before + (size_t)rows[i].substitute);
        else fputs("\t\n", f);
    }
    return close_out(f, EX_OK);
}

/* The last character of an 18-digit ID number. */
static char id_check(const char digits[18]) {
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++) sum += (digits[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

/* Region 339900 is nobody's; the last two are of levels that may not do everything. */
static int write_residents(struct demo *d) {
    FILE *f = open_out(d, "residents.json");
    if (!f) return EX_CANTCREAT;
    for (size_t i = 0; i < RESIDENTS; i++) {
        char id[24];
        snprintf(id, sizeof id, "339900%04zu%02zu15%03zu", 1960 + i * 2, i % 12 + 1, 900 + i);
        const char *surname = pick(d, demo_surnames), *given = pick(d, demo_given);
        fprintf(f,
                "%s{\"userid\":\"demo-resident-%02zu\",\"username\":\"%s%s\",\"mobile\":\"198%08zu\",\"idtype\":\"1\","
                "\"idnum\":\"%s%c\",\"authlevel\":\"%d\"}",
                i ? ",\n" : "[", i + 1, surname, given, i + 1, id, id_check(id),
                i == RESIDENTS - 1   ? 1
                : i == RESIDENTS - 2 ? 2
                                     : 3);
    }
    fputs("]\n", f);
    return close_out(f, EX_OK);
}

static int write_all(struct demo *d, int64_t now_us) {
    size_t people = 0;
    make_units(d);
    int code = write_units(d);
    if (code == EX_OK) code = write_places(d);
    if (code == EX_OK) code = write_categories(d);
    if (code == EX_OK) code = write_routes(d);
    if (code == EX_OK) code = write_clocks(d);
    if (code == EX_OK) code = write_urgent_words(d);
    if (code == EX_OK) code = write_reasons(d);
    if (code == EX_OK) code = write_groups(d);
    if (code == EX_OK) code = write_people(d, &people);
    if (code == EX_OK) code = write_rota(d, now_us);
    if (code == EX_OK) code = write_residents(d);
    if (code == EX_OK)
        printf("%s: a district of %zu units (%d towns, %d villages) and %zu people\n", d->dir, d->unit_count, TOWNS,
               VILLAGES, people);
    return code;
}

int ctl_demo(struct ctl *c, int argc, char **argv) {
    static const struct option longs[] = {
        {"seed", required_argument, NULL, 's'}, {"fast-steps", required_argument, NULL, 'f'}, {0}};
    struct demo d = {0};
    int64_t seed = 1;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o == 's' && num_i64(str_of(optarg), 0, INT64_MAX, &seed)) continue;
        if (o == 'f' && num_i64(str_of(optarg), 1, 1000000, &d.fast_seconds)) continue;
        return EX_USAGE;
    }
    if (argc - optind != 1) return EX_USAGE;
    d.dir = argv[optind];
    d.random = (uint64_t)seed;
    d.units = arena_array(c->arena, UNITS_MAX, sizeof *d.units);
    if (!d.units) return ctl_fail(EX_OSERR, "no memory");
    if (mkdir(d.dir, 0755) != 0 && errno != EEXIST) return ctl_fail(EX_CANTCREAT, "%s: %s", d.dir, strerror(errno));
    return write_all(&d, c->now_us);
}
