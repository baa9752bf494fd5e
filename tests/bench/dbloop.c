/* What the database alone gives: the statements of one operation of the product, with the parameters that the requests would have,
 * in a bare loop over the product's own connections; no nginx, no FastCGI, no JSON.
 *
 *   dbloop CONFIG OPERATION TARGETS SECONDS THREADS
 *
 * TARGETS: a line for each thing to ask, TOKEN or TOKEN <TAB> APPEAL. Reading runs the statements and nothing else. Writing runs
 * the acts themselves (appeal_submit, appeal_change, answer_keep), as what they write must stay provable; their sealing and
 * chaining is counted as this program's CPU time. So does looking for what is alike or fits (appeals_alike, search_appeals), where
 * each statement asks for what the one before led to. Prints one line of JSON. */
#include "acts/alike.h"
#include "acts/alike_counts.h"
#include "acts/answers.h"
#include "acts/change.h"
#include "acts/numbers.h"
#include "acts/reference.h"
#include "acts/search.h"
#include "acts/settings.h"
#include "acts/submit.h"
#include "base/crypto.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/token.h"
#include "base/uuid.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>

enum {
    THREADS_MAX = 256,
    MEMORY = 64 << 20,
    THREAD_MEMORY = 8 << 20,
    LIST_LIMIT = 21,
    TIMELINE = 100,
    ANSWER_BYTES = 1500
};

struct target {
    uint8_t hash[32], appeal[16];
};

struct loop;
typedef enum rc operation(struct loop *l, const struct target *t);

/* What all threads share. */
static struct {
    const struct settings *settings;
    struct db_config config;
    const struct district *district;
    struct keyring *keys;
    struct target *targets;
    size_t target_count;
    operation *operation;
    int64_t end_us; /* monotonic */
    pthread_barrier_t ready;
} all;

struct loop {
    pthread_t thread;
    struct arena arena;
    struct act act;
    uint64_t state;
    const struct row_resident_caller *resident;
    const struct row_staff_caller *staff;
    const struct target *target;
    struct submission submission;
    char number[NUMBER_TEXT];
    uint32_t *times_us;
    size_t done, room, failed;
};

/* ---- the operations ---- */

static enum rc be_resident(struct loop *l, const struct target *t) {
    struct row_resident_caller *row;
    enum rc rc = db_row(l->act.db, ST_resident_caller, DB_VALUES(v_hash(t->hash), v_time(l->act.now_us)), &l->arena,
                        &row);
    if (rc != RC_OK || !row) return rc == RC_OK ? RC_BAD_TOKEN : rc;
    l->resident = row;
    l->act.asker = (struct asker){.kind = ACTOR_RESIDENT};
    memcpy(l->act.asker.id, row->id, 16);
    return RC_OK;
}

static enum rc be_staff(struct loop *l, const struct target *t) {
    struct row_staff_caller *row;
    enum rc rc = db_row(l->act.db, ST_staff_caller, DB_VALUES(v_hash(t->hash), v_time(l->act.now_us)), &l->arena, &row);
    if (rc != RC_OK || !row) return rc == RC_OK ? RC_BAD_TOKEN : rc;
    l->staff = row;
    l->act.asker = (struct asker){
        .kind = ACTOR_STAFF, .role = (enum role)row->role, .unit = unit_by_id(all.district, row->unit_id)};
    memcpy(l->act.asker.id, row->id, 16);
    memcpy(l->act.asker.post_id, row->post_id, 16);
    return l->act.asker.unit ? RC_OK : RC_NO_POST;
}

static enum rc run_list(struct loop *l, const struct target *t) {
    struct row_appeal_item *items;
    size_t n;
    enum rc rc = be_resident(l, t);
    return rc == RC_OK ? db_rows(l->act.db, ST_resident_appeals_first,
                                 DB_VALUES(v_id(l->act.asker.id), v_int(LIST_LIMIT)), &l->arena, &items, &n)
                       : rc;
}

/* What an answer with a whole appeal reads besides it, as view_appeal does. */
static enum rc read_dossier(struct loop *l, const struct row_appeal *a, enum statement timeline) {
    struct row_attachment *photos;
    struct row_event *events;
    struct row_ledger *lines;
    size_t n;
    struct db *db = l->act.db;
    int64_t from = a->events > TIMELINE ? a->events - TIMELINE : 0;
    enum rc rc = db_rows(db, timeline, DB_VALUES(v_id(a->id), v_int(from), v_int(TIMELINE)), &l->arena, &events, &n);
    if (rc == RC_OK && a->lines_closed)
        rc = db_rows(db, ST_ledger_lines, DB_VALUES(v_id(a->id)), &l->arena, &lines, &n);
    return rc == RC_OK ? db_rows(db, ST_attachments_of, DB_VALUES(v_id(a->id)), &l->arena, &photos, &n) : rc;
}

static enum rc run_one(struct loop *l, const struct target *t) {
    struct row_appeal *a;
    enum rc rc = be_resident(l, t);
    if (rc == RC_OK)
        rc = db_row(l->act.db, ST_appeal_of_resident, DB_VALUES(v_id(t->appeal), v_id(l->act.asker.id)), &l->arena, &a);
    if (rc == RC_OK && !a) rc = RC_NOT_FOUND;
    return rc == RC_OK ? read_dossier(l, a, ST_events_public) : rc;
}

static enum rc run_box(struct loop *l, const struct target *t) {
    struct row_appeal_item *items;
    size_t n;
    enum rc rc = be_staff(l, t);
    return rc == RC_OK ? db_rows(l->act.db, ST_box_list_first,
                                 DB_VALUES(v_int(l->act.asker.unit->id), v_int(BOX_IN_HAND), v_int(LIST_LIMIT)),
                                 &l->arena, &items, &n)
                       : rc;
}

/* As get_boxes. */
static enum rc run_boxes(struct loop *l, const struct target *t) {
    struct row_box_count *counts;
    struct row_own_counts *own;
    size_t n;
    const struct asker *k = &l->act.asker;
    int64_t now_us = l->act.now_us;
    enum rc rc = be_staff(l, t);
    if (rc == RC_OK)
        rc = db_rows(l->act.db, ST_box_counts,
                     DB_VALUES(v_time(now_us), v_time(now_us + DAY_S * SECOND_US), v_int(k->unit->id)), &l->arena,
                     &counts, &n);
    return rc == RC_OK
               ? db_row(l->act.db, ST_own_counts,
                        DB_VALUES(v_id(k->post_id), v_int(BOX_IN_HAND), v_int(sight_oversees(k) ? k->unit->id : 0),
                                  v_int(sight_parts(k)), v_int(sight_parts(k)), v_time(now_us)),
                        &l->arena, &own)
               : rc;
}

static enum rc run_hints(struct loop *l, const struct target *t) {
    struct alike_found found;
    enum rc rc = be_resident(l, t);
    const struct submission draft = {.text = STR("我们单元的电梯这个月第三次停运，修好第二天又坏，老人几天没有下楼。"),
                                     .place = place_by_code(all.district, STR("place-0001"))};
    return rc == RC_OK ? appeals_alike(&l->act, &draft, &found) : rc;
}

static enum rc run_search(struct loop *l, const struct target *t) {
    struct search s = {.limit = LIST_LIMIT - 1};
    struct search_found found;
    enum rc rc = be_staff(l, t);
    if (rc == RC_OK && !term_need_text(&s.terms, STR("电梯停运 老人"))) return RC_INTERNAL;
    return rc == RC_OK ? search_appeals(&l->act, &s, &found) : rc;
}

/* An answer as long as the product's, under a key of its own. */
static enum rc keep_answer(struct loop *l, const char *name, int status) {
    struct answer_key key = {.operation = name};
    char *text = arena_alloc(&l->arena, ANSWER_BYTES);
    if (!text || !uuid_make(l->act.now_us, key.key_hash)) return RC_INTERNAL;
    memset(text, 'x', ANSWER_BYTES);
    memcpy(key.caller_id, l->act.asker.id, 16);
    return answer_keep(&l->act, &key, &(struct answer){status, {text, ANSWER_BYTES}});
}

static enum rc submit_in_tx(struct db *db, void *arg) {
    (void)db;
    struct loop *l = arg;
    struct row_appeal *a;
    enum rc rc = appeal_submit(&l->act, &l->submission, &a);
    return rc == RC_OK ? keep_answer(l, "submitAppeal", 201) : rc;
}

static enum rc run_submit(struct loop *l, const struct target *t) {
    static const struct str text = STR(
        "从上个月开始，我们单元的电梯每个星期都要停一两次，一直没有人来彻底处理这件事情。楼里有几位行动不便的老人，上下楼"
        "全靠家里人搀扶，大家都很担心。之前打过两次服务电话，答复是正在协调之中，物业公司说维修资金没有批下来。希望有关单位"
        "能够尽快派人到现场看一看，告诉我们由谁负责、什么时候开始处理，照片已经拍好，需要的话可以随时提供。请尽快给予答复，"
        "谢谢。");
    enum rc rc = be_resident(l, t);
    if (rc == RC_OK) rc = number_take(l->act.db, &l->arena, l->act.now_us, l->number);
    if (rc != RC_OK) return rc;
    l->submission = (struct submission){.channel = CHANNEL_ZLB,
                                        .kind = KIND_REPORT,
                                        .title = STR("小区电梯长期无人维修"),
                                        .text = text,
                                        .address = STR("3幢2单元"),
                                        .category = category_by_code(all.district, STR("property.building.lift")),
                                        .place = place_by_code(all.district, STR("place-0001")),
                                        .name = STR("王建国"),
                                        .phone = STR("13900000000"),
                                        .number = str_of(l->number)};
    return db_tx(l->act.db, submit_in_tx, l);
}

static enum rc act_in_tx(struct db *db, void *arg) {
    (void)db;
    struct loop *l = arg;
    struct row_appeal *a;
    struct change c = {.action = ACT_PROGRESS, .text = STR("已联系责任单位，预计三个工作日内处理。")};
    enum rc rc = appeal_change(&l->act, l->target->appeal, &c, &a);
    if (rc == RC_OK) rc = read_dossier(l, a, ST_events_all);
    return rc == RC_OK ? keep_answer(l, "addProgress", 200) : rc;
}

static enum rc run_act(struct loop *l, const struct target *t) {
    enum rc rc = be_staff(l, t);
    l->target = t;
    return rc == RC_OK ? db_tx(l->act.db, act_in_tx, l) : rc;
}

static const struct {
    const char *name;
    operation *run;
} operations[] = {{"me", be_resident},    {"list", run_list},     {"one", run_one},
                  {"box", run_box},       {"boxes", run_boxes},   {"hints", run_hints},
                  {"search", run_search}, {"submit", run_submit}, {"act", run_act}};

/* ---- the loop ---- */

static size_t any(struct loop *l, size_t below) {
    l->state ^= l->state << 13;
    l->state ^= l->state >> 7;
    l->state ^= l->state << 17;
    return (size_t)(l->state % below);
}

static void once(struct loop *l, bool counts) {
    int64_t start = time_mono_us();
    arena_reset(&l->arena);
    l->act.now_us = time_now_us();
    enum rc rc = all.operation(l, &all.targets[any(l, all.target_count)]);
    if (rc != RC_OK) {
        if (!l->failed) fprintf(stderr, "dbloop: %s\n", rc_info(rc)->detail_en);
        l->failed++;
    } else if (counts && l->done < l->room) {
        l->times_us[l->done++] = (uint32_t)(time_mono_us() - start);
    }
}

static void *run(void *arg) {
    struct loop *l = arg;
    for (int i = 0; i < 3; i++) once(l, false); /* connects and prepares */
    pthread_barrier_wait(&all.ready);
    while (time_mono_us() < all.end_us && l->failed < 100) once(l, true);
    return NULL;
}

/* ---- what is asked ---- */

static bool read_line(char *line, struct target *t) {
    char *tab = strchr(line, '\t');
    line[strcspn(line, "\t\n")] = '\0';
    if (tab) tab[1 + strcspn(tab + 1, "\n")] = '\0';
    return token_hash(str_of(line), t->hash) && (!tab || uuid_parse(str_of(tab + 1), t->appeal));
}

static bool read_targets(const char *path) {
    char line[200];
    size_t room = 0;
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        if (all.target_count == room) {
            room = room ? room * 2 : 1024;
            struct target *more = realloc(all.targets, room * sizeof *more);
            if (!more) return false;
            all.targets = more;
        }
        all.targets[all.target_count] = (struct target){0};
        if (!read_line(line, &all.targets[all.target_count++])) return false;
    }
    if (f) fclose(f);
    return all.target_count > 0;
}

/* ---- what came of it ---- */

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int report(struct loop *loops, size_t threads, int64_t us, double cpu) {
    size_t n = 0, failed = 0, at = 0;
    for (size_t i = 0; i < threads; i++) {
        n += loops[i].done;
        failed += loops[i].failed;
    }
    uint32_t *times = calloc(n + 1, sizeof *times);
    if (!times) return EX_OSERR;
    for (size_t i = 0; i < threads; i++)
        for (size_t k = 0; k < loops[i].done; k++) times[at++] = loops[i].times_us[k];
    qsort(times, n, sizeof *times, by_size);
    printf("{\"requests\":%zu,\"failed\":%zu,\"duration_us\":%lld,\"p50_us\":%u,\"p99_us\":%u,\"cpu_us\":%.1f}\n", n,
           failed, (long long)us, n ? times[n / 2] : 0, n ? times[n * 99 / 100] : 0, n ? cpu * 1e6 / (double)n : 0);
    free(times);
    return failed || !n ? EX_SOFTWARE : EX_OK;
}

static int measure(int64_t seconds, size_t threads) {
    static struct loop loops[THREADS_MAX];
    pthread_barrier_init(&all.ready, NULL, (unsigned)threads + 1);
    all.end_us = INT64_MAX;
    for (size_t i = 0; i < threads; i++) {
        struct loop *l = &loops[i];
        arena_init(&l->arena, THREAD_MEMORY);
        l->state = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
        l->room = (size_t)seconds * 20000;
        l->times_us = calloc(l->room, sizeof *l->times_us);
        l->act = (struct act){.db = db_open(&all.config),
                              .arena = &l->arena,
                              .district = all.district,
                              .keys = all.keys,
                              .handling = &all.settings->handling};
        l->act.address = STR("127.0.0.1");
        if (!l->act.db || !l->times_us || pthread_create(&l->thread, NULL, run, l)) return EX_OSERR;
    }
    double cpu = cpu_seconds();
    int64_t start = time_mono_us();
    all.end_us = start + seconds * SECOND_US;
    pthread_barrier_wait(&all.ready);
    for (size_t i = 0; i < threads; i++) pthread_join(loops[i].thread, NULL);
    int64_t us = time_mono_us() - start;
    return report(loops, threads, us, cpu_seconds() - cpu);
}

int main(int argc, char **argv) {
    struct arena a;
    char error[400] = "";
    int64_t seconds, threads;
    arena_init(&a, MEMORY);
    for (size_t i = 0; argc > 2 && i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, argv[2]) == 0) all.operation = operations[i].run;
    if (argc != 6 || !all.operation || !num_i64(str_of(argv[4]), 1, 600, &seconds) ||
        !num_i64(str_of(argv[5]), 1, THREADS_MAX, &threads)) {
        fprintf(stderr, "usage: dbloop CONFIG me|list|one|box|boxes|hints|search|submit|act TARGETS SECONDS THREADS\n");
        return EX_USAGE;
    }
    all.settings = settings_load(argv[1], &a, stderr);
    if (!all.settings || !crypto_init() || !db_library_init() ||
        keyring_load(all.settings->key_file, &all.keys, error, sizeof error) != RC_OK) {
        fprintf(stderr, "dbloop: %s\n", error);
        return EX_CONFIG;
    }
    all.config = settings_db(all.settings);
    struct db *db = db_open(&all.config);
    struct reference *reference = db ? reference_open(db, all.settings->work_hours) : NULL;
    if (!reference) return EX_UNAVAILABLE;
    all.district = reference_district(reference);
    alike_counts_refresh(db, time_now_us());
    if (!read_targets(argv[3])) {
        fprintf(stderr, "dbloop: %s: no targets, or a bad line\n", argv[3]);
        return EX_DATAERR;
    }
    return measure(seconds, (size_t)threads);
}
