/* Makes the rows of a large district's past for LOAD DATA: residents, sessions of residents and staff, appeals with their whole
 * stories. Every row is made by the product's own acts (sign_in, session_open, appeal_submit, appeal_change), which are given a
 * connection that writes files (rows.h); so each is sealed, chained, routed and clocked as if it had been lived through.
 *
 *   fill_rows CONFIG FOLDER APPEALS [backlog]
 *
 * backlog: all came within two weeks, and nobody has touched them since, nor has the clock.
 *
 * FOLDER gets the files, with resident-tokens.txt and staff-tokens.txt beside them. */
#include "acts/change.h"
#include "acts/reference.h"
#include "acts/sessions.h"
#include "acts/settings.h"
#include "acts/sign_in.h"
#include "acts/submit.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "phrases.h"
#include "rows.h"
#include "rules/demands.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define MINUTE_US (60 * SECOND_US)
#define DAY_US ((int64_t)DAY_S * SECOND_US)

enum {
    RESIDENTS = 10000,
    PLACES = 1000, /* the first of them are the compounds */
    STAFF_TOKENS = 1000,
    UNITS_MAX = 10000,
    PAST_DAYS = 730,
    /* Of all appeals so many per cent came in the last days, and most of these are open. */
    RECENT_PERCENT = 12,
    RECENT_DAYS = 20,
    BACKLOG_DAYS = 14,
    LIFE_DAYS = 30, /* of the tokens */
    MEMORY = 64 << 20
};

struct person {
    uint8_t id[16];
    char name[32], phone[16];
};

/* Who dispatches and who works in a unit; NULL: nobody. */
struct team {
    struct row_post *dispatcher, *handler;
};

struct fill {
    struct act act;
    const struct district *district;
    struct arena arena;
    uint64_t state;
    int64_t start_us, now_us;
    bool backlog;
    struct person *residents;
    struct team teams[UNITS_MAX];
    int64_t day, number, number_day; /* the day whose numbers are being given, and the last one given */
    FILE *counters;
    /* The appeal at hand. */
    struct row_appeal appeal;
    const struct person *reporter;
    int64_t at_us;
};

static _Noreturn void stop(const char *what, enum rc rc) {
    fprintf(stderr, "fill_rows: %s: %s\n", what, rc_info(rc)->detail_en);
    exit(EX_SOFTWARE);
}

/* ---- chance: the same stories each time ---- */

/* xorshift64* */
static uint64_t chance(struct fill *f, uint64_t below) {
    f->state ^= f->state >> 12;
    f->state ^= f->state << 25;
    f->state ^= f->state >> 27;
    return (f->state * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}
#define PICK(f, list) ((list)[chance(f, COUNT(list))])

static bool happens(struct fill *f, int percent) { return chance(f, 100) < (uint64_t)percent; }

/* ---- people ---- */

static void write_token(FILE *out, const struct session_tokens *t) { fprintf(out, "%s\n", t->access); }

static FILE *open_list(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "we");
    if (!out) stop(path, RC_INTERNAL);
    return out;
}

static void close_list(FILE *out, const char *name) {
    if (ferror(out) || fclose(out)) stop(name, RC_INTERNAL);
}

static void make_residents(struct fill *f, const char *folder) {
    const struct token_lives lives = {(PAST_DAYS + LIFE_DAYS) * (int64_t)DAY_S,
                                      (PAST_DAYS + LIFE_DAYS) * (int64_t)DAY_S, 60};
    FILE *out = open_list(folder, "resident-tokens.txt");
    for (int i = 0; i < RESIDENTS; i++) {
        struct person *p = &f->residents[i];
        struct session_tokens tokens;
        struct row_resident_caller caller;
        char user[32], id_number[32];
        arena_reset(&f->arena);
        snprintf(p->name, sizeof p->name, "%s%s", PICK(f, surnames), PICK(f, given_names));
        snprintf(p->phone, sizeof p->phone, "139%08d", i);
        snprintf(user, sizeof user, "resident-%05d", i);
        snprintf(id_number, sizeof id_number, "33990019800101%04d", i);
        struct zlb_person person = {.user_id = str_of(user),
                                    .name = str_of(p->name),
                                    .phone = str_of(p->phone),
                                    .id_number = str_of(id_number),
                                    .auth_level = 3};
        person.source = (enum zlb_source)SOURCE_SIMPLEAUTH;
        f->act.now_us = f->start_us + i;
        enum rc rc = sign_in_resident(&f->act, &person, STR("bench"), &lives, &tokens, &caller);
        if (rc != RC_OK) stop("sign_in_resident", rc);
        memcpy(p->id, caller.id, 16);
        write_token(out, &tokens);
    }
    close_list(out, "resident-tokens.txt");
}

static void read_teams(struct fill *f, struct db *db, struct arena *a) {
    struct row_post *posts;
    size_t n;
    enum rc rc = db_rows(db, ST_posts_live, NULL, 0, a, &posts, &n);
    if (rc != RC_OK) stop("posts", rc);
    for (size_t i = 0; i < n; i++) {
        if (posts[i].unit_id >= UNITS_MAX) stop("a unit's number is too large", RC_INTERNAL);
        struct team *t = &f->teams[posts[i].unit_id];
        if (posts[i].role == ROLE_DISPATCHER && !t->dispatcher) t->dispatcher = &posts[i];
        if (posts[i].role == ROLE_HANDLER && !t->handler) t->handler = &posts[i];
    }
}

static void be_staff(struct fill *f, const struct row_post *post) {
    f->act.asker = (struct asker){
        .kind = ACTOR_STAFF, .unit = unit_by_id(f->district, post->unit_id), .role = (enum role)post->role};
    memcpy(f->act.asker.id, post->staff_id, 16);
    memcpy(f->act.asker.post_id, post->id, 16);
}

/* One dispatcher a place. */
static void make_staff_sessions(struct fill *f, const char *folder) {
    const struct token_lives lives = {LIFE_DAYS * (int64_t)DAY_S, LIFE_DAYS * (int64_t)DAY_S, 60};
    FILE *out = open_list(folder, "staff-tokens.txt");
    for (size_t i = 0, made = 0; i < f->district->place_count && i < PLACES && made < STAFF_TOKENS; i++) {
        const struct row_post *post = f->teams[f->district->places[i].unit->id].dispatcher;
        struct session_tokens tokens;
        if (!post) continue;
        arena_reset(&f->arena);
        f->act.now_us = f->now_us;
        be_staff(f, post);
        enum rc rc = session_open(&f->act, SESSION_STAFF, post->staff_id, post->id, STR("bench"), &lives, &tokens);
        if (rc != RC_OK) stop("session_open", rc);
        write_token(out, &tokens);
        made++;
    }
    close_list(out, "staff-tokens.txt");
}

/* ---- what is written ---- */

static const struct subject *pick_subject(struct fill *f) {
    static int whole;
    if (!whole)
        for (size_t i = 0; i < COUNT(subjects); i++) whole += subjects[i].weight;
    int at = (int)chance(f, (uint64_t)whole);
    size_t i = 0;
    while (at >= subjects[i].weight) at -= subjects[i++].weight;
    return &subjects[i];
}

/* 100 to 600 characters: sentences, none twice, as long as they fit. */
static struct str make_text(struct fill *f, const struct subject *s, const char *place) {
    const char *end = PICK(f, endings);
    size_t wanted = 100 + chance(f, 460), next = chance(f, COUNT(details)), n;
    struct buf b;
    buf_init(&b, &f->arena, 4000);
    buf_printf(&b, "%s，%s", place, s->begin);
    n = utf8_count(buf_str(&b));
    for (size_t i = 0; i < COUNT(details) && n < wanted; i++) {
        const char *sentence = details[(next + i * 5) % COUNT(details)];
        buf_add_z(&b, sentence);
        n += utf8_count(str_of(sentence));
    }
    buf_add_z(&b, end);
    return buf_str(&b);
}

/* The counter of each day that numbers were given for goes on after them. */
static void end_day(struct fill *f) {
    int year, month, day;
    if (!f->number) return;
    date_from_days((int32_t)f->number_day, &year, &month, &day);
    fprintf(f->counters,
            "INSERT INTO counter (name,next) VALUES ('number:%04d%02d%02d',%lld) ON DUPLICATE KEY UPDATE "
            "next=GREATEST(next,VALUES(next));\n",
            year, month, day, (long long)f->number + 1);
}

static struct str next_number(struct fill *f) {
    int32_t day, second;
    int year, month, mday;
    time_split_beijing(f->act.now_us, &day, &second);
    if (day != f->number_day) {
        end_day(f);
        f->number_day = day;
        f->number = 0;
    }
    date_from_days(day, &year, &month, &mday);
    const char *text = arena_printf(&f->arena, "%04d%02d%02d-%06lld", year, month, mday, (long long)++f->number);
    if (!text) stop("number", RC_INTERNAL);
    return str_of(text);
}

/* ---- a story ---- */

static void submit(struct fill *f, int64_t i) {
    const struct place *place = &f->district->places[chance(f, PLACES)];
    const struct subject *subject = pick_subject(f);
    struct row_appeal *a;
    f->reporter = &f->residents[i * 7919 % RESIDENTS];
    f->act.now_us = f->at_us;
    f->act.asker = (struct asker){.kind = ACTOR_RESIDENT};
    memcpy(f->act.asker.id, f->reporter->id, 16);
    struct submission s = {
        .channel = CHANNEL_ZLB,
        .kind = happens(f, 70) ? KIND_REPORT : KIND_COMPLAIN,
        .title = str_of(subject->title),
        .text = make_text(f, subject, arena_dup(&f->arena, place->name)),
        .address = str_of(arena_printf(&f->arena, "%d幢%d单元", 1 + (int)chance(f, 40), 1 + (int)chance(f, 4))),
        .category = category_by_code(f->district, str_of(subject->category)),
        .place = place,
        .has_point = happens(f, 60),
        .lng = place->lng,
        .lat = place->lat,
        .withheld = happens(f, 5),
        .name = str_of(f->reporter->name),
        .phone = str_of(f->reporter->phone),
        .number = next_number(f)};
    if (!s.category) stop(subject->category, RC_NOT_FOUND);
    enum rc rc = appeal_submit(&f->act, &s, &a);
    if (rc != RC_OK) stop("appeal_submit", rc);
    f->appeal = *a;
}

static void apply(struct fill *f, struct change c) {
    struct row_appeal *after;
    f->act.now_us = f->at_us;
    c.has_version = true;
    c.version = f->appeal.version;
    enum rc rc = appeal_change(&f->act, f->appeal.id, &c, &after);
    if (rc != RC_OK) stop(action_words[c.action].code, rc);
    f->appeal = *after;
}

static void be_system(struct fill *f) {
    f->act.asker = (struct asker){.kind = ACTOR_SYSTEM};
    f->act.address = (struct str){0};
}

/* Time goes on by so many minutes, and the job marks what is overdue by then. False: that is not yet. */
static bool later(struct fill *f, uint64_t least, uint64_t most) {
    int64_t to = f->at_us + (int64_t)(least + chance(f, most - least)) * MINUTE_US + (int64_t)chance(f, 60) * SECOND_US;
    int64_t mark = f->appeal.resolve_by + 30 * SECOND_US;
    bool open = state_box((enum state)f->appeal.state) == BOX_TO_ACCEPT ||
                state_box((enum state)f->appeal.state) == BOX_IN_HAND;
    if (open && !f->appeal.overdue && mark < (to < f->now_us ? to : f->now_us)) {
        f->at_us = mark > f->at_us ? mark : f->at_us;
        be_system(f);
        apply(f, (struct change){.action = ACT_OVERDUE});
    }
    if (to >= f->now_us) return false;
    f->at_us = to > f->at_us ? to : f->at_us;
    f->act.address = STR("127.0.0.1");
    return true;
}

static void be_reporter(struct fill *f) {
    f->act.asker = (struct asker){.kind = ACTOR_RESIDENT};
    memcpy(f->act.asker.id, f->reporter->id, 16);
}

/* A result answers each of several demands. */
static void answer_each(struct fill *f, struct demands *d) {
    demands_find(f->appeal.title, f->appeal.text, d);
    for (size_t i = 0; i < d->n; i++) d->list[i].outcome = DEMAND_ANSWERED, d->list[i].answer = STR("已经处理。");
}

static void end_of_resolved(struct fill *f) {
    if (happens(f, 80)) {
        if (!later(f, 60, 14 * 24 * 60)) return;
        be_reporter(f);
        bool solved = happens(f, 92);
        apply(f, (struct change){.action = ACT_RATE,
                                 .detail = solved ? 4 + (int)chance(f, 2) : 1 + (int)chance(f, 3),
                                 .solved = solved,
                                 .text = happens(f, 40) ? str_of(PICK(f, comments)) : (struct str){0}});
    } else if (later(f, UNRATED_DAYS * 24 * 60, UNRATED_DAYS * 24 * 60 + 60)) {
        be_system(f);
        apply(f, (struct change){.action = ACT_CLOSE});
    }
}

/* How far an appeal of the last days has come; one of the past goes its whole way. */
enum far { TO_SUBMITTED, TO_ACCEPTED, TO_ASSIGNED, TO_END };

static void live(struct fill *f, enum far far) {
    const struct team *team = &f->teams[f->appeal.holder_unit_id];
    if (far == TO_SUBMITTED || !team->dispatcher) {
        later(f, PAST_DAYS * 24 * 60, PAST_DAYS * 24 * 60 + 1); /* only the clock runs */
        return;
    }
    if (far == TO_END && happens(f, 3)) {
        if (!later(f, 30, 600)) return;
        be_reporter(f);
        apply(f, (struct change){.action = ACT_WITHDRAW, .text = STR("已经自行解决。")});
        return;
    }
    if (!later(f, 5, 110)) return;
    be_staff(f, team->dispatcher);
    if (far == TO_END && happens(f, 2)) {
        apply(f, (struct change){.action = ACT_REJECT,
                                 .reason = reason_by_code(f->district, PURPOSE_REJECT, STR("under_handling")),
                                 .text = STR("同一事项正在办理中，请以先前的诉求编号查询进度。")});
        return;
    }
    apply(f, (struct change){.action = ACT_ACCEPT});
    if (far == TO_ACCEPTED) {
        later(f, PAST_DAYS * 24 * 60, PAST_DAYS * 24 * 60 + 1);
        return;
    }
    if (team->handler && (far == TO_ASSIGNED || happens(f, 40))) {
        struct change assign = {.action = ACT_ASSIGN};
        if (!later(f, 5, 300)) return;
        be_staff(f, team->dispatcher);
        memcpy(assign.post_id, team->handler->id, 16);
        rows_at_hand(&f->appeal, team->handler);
        apply(f, assign);
    }
    if (happens(f, 30)) {
        if (!later(f, 60, 1000)) return;
        be_staff(f, team->dispatcher);
        apply(f, (struct change){.action = ACT_PROGRESS, .text = str_of(PICK(f, remarks))});
    }
    if (far == TO_ASSIGNED) {
        later(f, PAST_DAYS * 24 * 60, PAST_DAYS * 24 * 60 + 1);
        return;
    }
    if (!later(f, 12 * 60, 5 * 24 * 60)) return;
    be_staff(f, team->dispatcher);
    struct demands asked;
    answer_each(f, &asked);
    apply(f, (struct change){.action = ACT_RESOLVE,
                             .detail = happens(f, 75) ? OUTCOME_SOLVED : OUTCOME_EXPLAINED,
                             .text = str_of(PICK(f, results)),
                             .demands = asked.n > 1 ? &asked : NULL});
    end_of_resolved(f);
}

/* When the i-th of n came: evenly over the past, and denser in the last days. */
static int64_t when(const struct fill *f, int64_t i, int64_t n) {
    int64_t recent = n * RECENT_PERCENT / 100, past = n - recent, border = f->now_us - RECENT_DAYS * DAY_US;
    int64_t from = i < past ? f->start_us + 3600 * SECOND_US : border,
            to = i < past ? border : f->now_us - 10 * MINUTE_US;
    int64_t k = i < past ? i : i - past, whole = i < past ? past : recent;
    return from + (to - from) / whole * k;
}

static void make_backlog(struct fill *f, int64_t n) {
    const int64_t from = f->now_us - BACKLOG_DAYS * DAY_US, to = f->now_us - DAY_US;
    for (int64_t i = 0; i < n; i++) {
        arena_reset(&f->arena);
        f->at_us = from + (to - from) / n * i;
        f->act.address = STR("127.0.0.1");
        rows_at_hand(&f->appeal, NULL);
        submit(f, i);
        rows_appeal_done();
    }
    end_day(f);
}

static void make_appeals(struct fill *f, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        arena_reset(&f->arena);
        f->at_us = when(f, i, n);
        f->act.address = STR("127.0.0.1");
        uint64_t d = chance(f, 100);
        bool recent = i >= n - n * RECENT_PERCENT / 100;
        rows_at_hand(&f->appeal, NULL);
        submit(f, i);
        live(f, !recent || d < 15 ? TO_END : d < 50 ? TO_SUBMITTED : d < 80 ? TO_ACCEPTED : TO_ASSIGNED);
        rows_appeal_done();
        if ((i + 1) % 100000 == 0) fprintf(stderr, "fill_rows: %lld appeals\n", (long long)i + 1);
    }
    end_day(f);
}

/* ---- */

static int64_t next_seq(struct db *db, struct arena *a) {
    struct row_number *row;
    enum rc rc = db_row(db, ST_counter_read, DB_VALUES(v_z("seq")), a, &row);
    if (rc != RC_OK) stop("the counter of seq", rc);
    return row ? row->n : 1;
}

int main(int argc, char **argv) {
    static struct fill f;
    struct arena a;
    char error[400];
    int64_t n;
    arena_init(&a, MEMORY);
    arena_init(&f.arena, MEMORY);
    f.backlog = argc == 5 && strcmp(argv[4], "backlog") == 0;
    if ((argc != 4 && !f.backlog) || !num_i64(str_of(argv[3]), 1000, 100000000, &n)) {
        fprintf(stderr, "usage: fill_rows CONFIG FOLDER APPEALS [backlog]\n");
        return EX_USAGE;
    }
    struct settings *settings = settings_load(argv[1], &a, stderr);
    if (!settings) return EX_CONFIG;
    struct keyring *keys;
    if (!crypto_init() || !db_library_init() || keyring_load(settings->key_file, &keys, error, sizeof error) != RC_OK) {
        fprintf(stderr, "fill_rows: %s\n", error);
        return EX_CONFIG;
    }
    struct db_config config = settings_db(settings);
    struct db *db = db_open(&config);
    struct reference *reference = db ? reference_open(db, settings->work_hours) : NULL;
    if (!reference) return EX_UNAVAILABLE;
    f.district = reference_district(reference);
    if (f.district->place_count < PLACES) stop("the district has too few places", RC_INVALID);
    f.state = 20261125;
    f.now_us = time_now_us();
    f.start_us = f.now_us - PAST_DAYS * DAY_US;
    f.act = (struct act){.db = db,
                         .arena = &f.arena,
                         .district = f.district,
                         .keys = keys,
                         .handling = &settings->handling,
                         .address = STR("127.0.0.1")};
    f.residents = arena_array(&a, RESIDENTS, sizeof *f.residents);
    if (!f.residents) stop("residents", RC_INTERNAL);
    read_teams(&f, db, &a);
    rows_begin(argv[2], next_seq(db, &a));
    f.counters = open_list(argv[2], "counters.sql");
    make_residents(&f, argv[2]);
    make_staff_sessions(&f, argv[2]);
    if (f.backlog) make_backlog(&f, n);
    else make_appeals(&f, n);
    int64_t seq = rows_end();
    fprintf(
        f.counters,
        "INSERT INTO counter (name,next) VALUES ('seq',%lld) ON DUPLICATE KEY UPDATE next=VALUES(next);\n"
        "INSERT INTO setting (name,value) VALUES ('notice_seq','%lld') ON DUPLICATE KEY UPDATE value=VALUES(value);\n",
        (long long)seq, (long long)seq - 1);
    close_list(f.counters, "counters.sql");
    reference_close(reference);
    db_close(db);
    return EX_OK;
}
