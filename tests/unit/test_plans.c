/* Every list on a filled database: sorts no file, and reads at most three rows for each that it returns. 200,000 appeals, one
 * unit holding a fifth of them. Needs MINHU_TEST_DB_SOCKET and MINHU_TEST_DB_NAME (an empty, migrated database); else exit 77. */
#include "base/num.h"
#include "base/timefmt.h"
#include "database_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { APPEALS = 200000, LIMIT = 21, BIG_UNIT = 7 };

static struct db *db;
static struct arena arena;

static void run(const char *sql) {
    const char *error;
    if (db_execute_text(db, str_of(sql), &arena, &error) != RC_OK) fail_msg("%s: %s", sql, error ? error : "?");
}

/* Ids sort as time does; unit 7 holds every fifth appeal, resident 1 every hundredth; boxes, arrivals and due times are spread. */
static int fill(void **state) {
    (void)state;
    run("INSERT INTO unit_ancestor SELECT seq, seq, 0 FROM seq_1_to_1000");
    run("INSERT INTO unit_ancestor SELECT seq, 1001, 1 FROM seq_1_to_1000");
    run("INSERT INTO appeal (id,number,channel,kind,title,text,state,tier,first_unit_id,holder_unit_id,arrival,box,is_open,resident_id,client_id,"
        "provisional,round_started_at,respond_rule,resolve_rule,step_rule,assignee_id,external_id,submitted_at,held_since,respond_by,resolve_by,step_by,resolved_at,overdue,events,chain,updated_at) "
        "SELECT UNHEX(CONCAT(LPAD(HEX(seq),12,'0'),'70008000000000000000')),CONCAT('n',seq),1,1,'标题',REPEAT('正文',100),1+seq%5,1,1+seq%1000,"
        "IF(seq%5=0,7,1+seq%1000),1+seq%4,seq%4,seq%4 IN (1,2),UNHEX(LPAD(HEX(1+seq%100),32,'0')),IF(seq%3=0,UNHEX(LPAD(HEX(1+seq%5),32,'A')),NULL),"
        "seq%50=0,NOW(6),'2wh','5wd','1wd',"
        "IF(seq%7=0,UNHEX(LPAD(HEX(seq%50),32,'B')),NULL),CONCAT('x',seq),NOW(6)-INTERVAL seq MINUTE,NOW(6),NOW(6),"
        "NOW(6)+INTERVAL (CAST(seq*7919%200000 AS SIGNED)-100000) SECOND,IF(seq%10=0,NOW(6)+INTERVAL (CAST(seq%1000 AS SIGNED)-10) MINUTE,NULL),NOW(6)-INTERVAL seq%40 DAY,seq%2,"
        "3,REPEAT('c',32),NOW(6) FROM seq_1_to_200000");
    run("INSERT INTO appeal_event (appeal_id,n,seq,action,from_state,to_state,version,actor_kind,actor_id,text,public,notify,at,salt,commitment,mac) "
        "SELECT id,k.seq,CONV(HEX(LEFT(id,6)),16,10)*3+k.seq,1,1,1,1,1,id,'',k.seq<3,0,NOW(6),id,chain,chain FROM appeal JOIN seq_1_to_3 k");
    run("UPDATE appeal_event e JOIN appeal a ON a.id=e.appeal_id SET e.client_id=a.client_id WHERE a.client_id IS NOT NULL");
    run("INSERT INTO client_change SELECT client_id,seq,appeal_id,n FROM appeal_event WHERE client_id IS NOT NULL AND public=1");
    run("INSERT INTO notice (id,kind,person_id,appeal_id,event_n,action,created_at) SELECT id,1,UNHEX(LPAD(HEX(1),32,'0')),id,1,2,NOW(6) FROM appeal LIMIT 20000");
    run("INSERT INTO attachment (id,owner_kind,owner_id,appeal_id,media_type,bytes,sha256,created_at) "
        "SELECT id,1,id,id,1,1,UNHEX(SHA2(HEX(id),256)),NOW(6) FROM appeal LIMIT 20000");
    run("INSERT INTO alike_matter SELECT id,1,NULL,NULL,submitted_at,1,'' FROM appeal LIMIT 5000");
    run("INSERT INTO alike_key SELECT 1,seq,appeal_id,10 FROM alike_matter JOIN seq_1_to_24");
    run("INSERT INTO appeal_part (appeal_id,n,id,event_n,unit_id,asked,due_by,state,made_at,mac) "
        "SELECT id,1,id,2,1+CONV(HEX(LEFT(id,6)),16,10)%3,'请查看',NOW(6)+INTERVAL (CONV(HEX(LEFT(id,6)),16,10)*7919%20000) SECOND,1+CONV(HEX(LEFT(id,6)),16,10)%4,NOW(6),REPEAT('m',32) FROM appeal LIMIT 20000");
    run("INSERT INTO appeal_follower SELECT UNHEX(LPAD(HEX(1+seq%10),32,'0')),a.id,NOW(6),IF(seq%2,NOW(6),NULL) FROM "
        "(SELECT id,CONV(HEX(LEFT(id,6)),16,10) seq FROM appeal LIMIT 5000) a");
    run("UPDATE appeal a JOIN appeal_follower f ON f.follower_id=a.id SET a.state=8,a.lead_id=f.lead_id");
    run("INSERT INTO request SELECT id,1+CONV(HEX(LEFT(id,6)),16,10)%3,1,2,NOW(6)-INTERVAL CONV(HEX(LEFT(id,6)),16,10)*7919%20000 SECOND FROM appeal LIMIT 5000");
    run("UPDATE appeal a JOIN request r ON r.appeal_id=a.id SET a.request=1,a.request_n=r.n");
    run("INSERT INTO search_matter SELECT ROW_NUMBER() OVER (ORDER BY id),id,'','' FROM appeal");
    run("INSERT INTO search_posting SELECT t.seq,b.seq,'12' FROM seq_1_to_5000 t JOIN seq_0_to_12 b");
    run("INSERT INTO trouble (id,unit_id,category_id,title,text,areas,from_at,until_at,state,ended_at,remark,news_n,news,told_to,staff_id,created_at,updated_at) SELECT id,1+CONV(HEX(LEFT(id,6)),16,10)%50,1,'停水','停水','u1',NOW(6),NOW(6)+INTERVAL (CAST(CONV(HEX(LEFT(id,6)),16,10) AS SIGNED)*7919%5000-2500) SECOND,"
        "1+CONV(HEX(LEFT(id,6)),16,10)%3,NULL,'',1,CONV(HEX(LEFT(id,6)),16,10)%50=0,id,id,NOW(6),NOW(6) FROM appeal LIMIT 5000");
    run("UPDATE trouble SET unrestored=state-1,unrestored_at=NOW(6)-INTERVAL 1 HOUR,ended_at=IF(state=1,NULL,NOW(6)-INTERVAL 1 HOUR),forgotten=state=2");
    run("INSERT INTO trouble_joiner SELECT t.id,UNHEX(LPAD(HEX(seq),32,'0')),NULL,NOW(6),seq%3,NULL FROM (SELECT id FROM trouble LIMIT 100) t JOIN seq_1_to_200");
    run("UPDATE notice SET kind=3 WHERE event_n=1 AND CONV(HEX(LEFT(id,6)),16,10)%3=0");
    run("INSERT INTO unit_succession VALUES (3,1003,1,100,1,NOW(6)),(7,1007,1,60,1,NOW(6)),(7,1008,2,40,1,NOW(6))");
    run("ANALYZE TABLE unit_succession, trouble, trouble_joiner, request, search_matter, search_posting, appeal_follower, appeal_part, appeal, appeal_event, notice, attachment, alike_matter, alike_key");
    run("INSERT INTO staff (id,name_sealed,created_at) SELECT id,'x',NOW(6) FROM appeal LIMIT 2000");
    run("INSERT INTO staff_phrase SELECT f.id,n.id,n.n,'请稍候。' FROM (SELECT id FROM staff LIMIT 200) f JOIN (SELECT id,ROW_NUMBER() OVER (ORDER BY id) n FROM appeal LIMIT 50) n");
    run("INSERT INTO post (id,staff_id,unit_id,role,main,started_at) SELECT id,id,1,1,1,NOW(6) FROM staff");
    run("INSERT INTO rota SELECT a.id,1,1+n.seq,a.id,NOW(6)-INTERVAL 1 DAY,NOW(6)+INTERVAL 1 DAY,NULL,a.id,NOW(6) FROM "
        "(SELECT id,ROW_NUMBER() OVER (ORDER BY id) k FROM post) a JOIN seq_0_to_49 n ON n.seq=a.k%50");
    return 0;
}

static int64_t status_of(const char *name) {
    struct str **cells;
    size_t rows, columns;
    int64_t n = 0;
    char *sql = arena_printf(&arena, "SHOW SESSION STATUS WHERE Variable_name = '%s'", name);
    if (!sql || db_query_text(db, str_of(sql), &arena, &cells, &rows, &columns) != RC_OK || rows != 1 ||
        !num_i64(cells[0][1], 0, INT64_MAX, &n))
        fail_msg("no status %s", name);
    return n;
}

static int64_t rows_read(void) {
    return status_of("Handler_read_first") + status_of("Handler_read_key") + status_of("Handler_read_last") +
           status_of("Handler_read_next") + status_of("Handler_read_prev") + status_of("Handler_read_rnd") +
           status_of("Handler_read_rnd_next");
}

static int faults;

/* At least so many rows come, with so many sorts, from reading no more than that many; 0: than three for each that comes. */
static void look_read(enum statement st, const struct db_value *values, size_t n, size_t least, int64_t sorted,
                      int64_t most) {
    void *rows;
    size_t count;
    run("FLUSH STATUS");
    int64_t sorts = status_of("Sort_scan") + status_of("Sort_range") + status_of("Sort_merge_passes"),
            before = rows_read();
    enum rc rc = db_rows(db, st, values, n, &arena, &rows, &count);
    int64_t read = rows_read() - before;
    sorts = status_of("Sort_scan") + status_of("Sort_range") + status_of("Sort_merge_passes") - sorts;
    /* Asking for the status reads a few rows of its own: the same for every statement, found by an empty look. */
    if (!most) most = 3 * (int64_t)count;
    bool good = rc == RC_OK && count >= least && sorts == sorted && read <= most + 40;
    if (!good) {
        faults++;
        print_error("%s: rc %d, %zu rows, %lld sorts, %lld reads\n", db_statement(st)->name, (int)rc, count,
                    (long long)sorts, (long long)read);
    }
    arena_reset(&arena);
}

static void look_sorted(enum statement st, const struct db_value *values, size_t n, size_t least, int64_t sorted) {
    look_read(st, values, n, least, sorted, 0);
}

static void look(enum statement st, const struct db_value *values, size_t n, size_t least) {
    look_sorted(st, values, n, least, 0);
}

/* What is due of two boxes: as many rows of each as a page has, which are sorted. */
static void look_due(int64_t until, int64_t from) {
    uint8_t first[16] = {0};
    const struct db_value box[] = {v_int(BIG_UNIT), v_time(until), v_time(from),
                                   v_time(from),    v_id(first),   v_int(LIMIT)};
    look_sorted(
        ST_box_list_due,
        DB_VALUES(box[0], box[1], box[2], box[3], box[4], box[5], box[0], box[1], box[2], box[3], box[4], box[5]),
        2 * LIMIT, 1);
}

static void lists_walk_an_index(void **state) {
    (void)state;
    uint8_t resident[16] = {[15] = 1}, last[16], first[16] = {0}, post[16], client[16], appeal[16] = {0},
            hash[32] = {1}, lead[16] = {[15] = 1};
    int64_t now = time_now_us(), start = SECOND_US, hour = 3600 * SECOND_US;
    memset(last, 0xff, 16);
    memset(post, 0xbb, 16);
    post[15] = 0x07;
    memset(client, 0xaa, 16);
    client[15] = 0xa2;
    appeal[5] = 100, appeal[6] = 0x70, appeal[8] = 0x80;
    look(ST_resident_appeals_first, DB_VALUES(v_id(resident), v_int(LIMIT)), LIMIT);
    look(ST_cases_before, DB_VALUES(v_id(last), v_int(LIMIT)), LIMIT);
    look(ST_part_box_first, DB_VALUES(v_int(2), v_int(LIMIT)), LIMIT);
    look(ST_part_box, DB_VALUES(v_int(2), v_time(now), v_time(now), v_id(first), v_int(LIMIT)), LIMIT);
    look(ST_parts_to_wake, DB_VALUES(v_time(now + 24 * hour), v_time(start), v_time(start), v_id(first), v_int(LIMIT)),
         LIMIT);
    look(ST_part_to_wake, DB_VALUES(v_id(appeal), v_time(now + 24 * hour)), 1);
    look(ST_parts_after, DB_VALUES(v_id(first), v_id(first), v_int(0), v_int(LIMIT)), LIMIT);
    look(ST_resident_appeals_brief_first, DB_VALUES(v_id(resident), v_int(LIMIT)), LIMIT);
    look(ST_resident_appeals, DB_VALUES(v_id(resident), v_id(last), v_int(LIMIT)), LIMIT);
    look(ST_resident_appeals_state_first, DB_VALUES(v_id(resident), v_int(1), v_int(LIMIT)), 1);
    look(ST_resident_appeals_state, DB_VALUES(v_id(resident), v_int(1), v_id(last), v_int(LIMIT)), 1);
    for (int box = 1; box <= 3; box++) {
        look(ST_box_list_first, DB_VALUES(v_int(BIG_UNIT), v_int(box), v_int(LIMIT)), LIMIT);
        look(ST_box_list_brief_first, DB_VALUES(v_int(BIG_UNIT), v_int(box), v_int(LIMIT)), LIMIT);
        look(ST_box_list,
             DB_VALUES(v_int(BIG_UNIT), v_int(box), v_time(start), v_time(start), v_id(first), v_int(LIMIT)), LIMIT);
    }
    look(ST_box_list, DB_VALUES(v_int(BIG_UNIT), v_int(1), v_time(now), v_time(now), v_id(first), v_int(LIMIT)), LIMIT);
    look(ST_box_list_arrival,
         DB_VALUES(v_int(BIG_UNIT), v_int(2), v_int(1), v_time(start), v_time(start), v_id(first), v_int(LIMIT)),
         LIMIT);
    look(ST_box_list_arrival_first, DB_VALUES(v_int(BIG_UNIT), v_int(2), v_int(1), v_int(LIMIT)), LIMIT);
    for (int weight = 0; weight <= 1;
         weight++) /* none of these is weighed: what is sifted for one, is walked through */
        look_sorted(ST_box_sifted,
                    DB_VALUES(v_int(BIG_UNIT), v_int(1), v_int(0), v_int(0), v_int(weight), v_int(1), v_time(start),
                              v_time(start), v_id(first), v_int(LIMIT)),
                    LIMIT, 0);
    look_due(now, start);
    look_due(now + 24 * hour, now);
    look(ST_box_list_assignee_first, DB_VALUES(v_id(post), v_int(2), v_int(LIMIT)), 0);
    look(ST_box_list_assignee, DB_VALUES(v_id(post), v_int(2), v_time(start), v_time(start), v_id(first), v_int(LIMIT)),
         0);
    look(ST_events_public, DB_VALUES(v_id(appeal), v_int(0), v_int(LIMIT)), 2);
    look(ST_events_all, DB_VALUES(v_id(appeal), v_int(0), v_int(LIMIT)), 3);
    look(ST_notices, DB_VALUES(v_id(resident), v_id(last), v_int(LIMIT)), LIMIT);
    look(ST_staff_phrases, DB_VALUES(v_id(appeal), v_int(50)), 50);
    look(ST_troubles_now, DB_VALUES(v_time(now), v_int(LIMIT)), LIMIT);
    look(ST_troubles_run_out, DB_VALUES(v_time(now), v_int(LIMIT)), LIMIT);
    look(ST_troubles_with_news, DB_VALUES(v_int(LIMIT)), LIMIT);
    look(ST_troubles_joined, DB_VALUES(v_id(resident), v_id(last), v_int(LIMIT)), LIMIT);
    look(ST_troubles_joined_last, DB_VALUES(v_id(resident), v_int(LIMIT)), LIMIT);
    look(ST_joiners_after, DB_VALUES(v_id(appeal), v_id(first), v_int(LIMIT)), LIMIT);
    look(ST_troubles_unrestored, DB_VALUES(v_time(now), v_int(LIMIT)), LIMIT);
    look(ST_troubles_to_forget, DB_VALUES(v_time(now), v_int(LIMIT)), LIMIT);
    look(ST_joiners_first, DB_VALUES(v_id(appeal), v_int(LIMIT)), LIMIT);
    look(ST_trouble_of_resident, DB_VALUES(v_id(resident), v_id(appeal)), 1);
    look(ST_requests_of_unit, DB_VALUES(v_int(2), v_time(SECOND_US), v_time(SECOND_US), v_id(resident), v_int(LIMIT)),
         LIMIT);
    look(ST_attachments_with_hash, DB_VALUES(v_hash(hash)), 1);
    look(ST_appeals_to_wake, DB_VALUES(v_time(now), v_time(start), v_time(start), v_id(first), v_int(LIMIT)), LIMIT);
    look(ST_open_of_unit, DB_VALUES(v_int(BIG_UNIT)), APPEALS / 20);
    look(ST_events_moved, DB_VALUES(v_int(0), v_int(LIMIT)), LIMIT);
    look(ST_lead_events, DB_VALUES(v_int(0), v_int(LIMIT)), LIMIT);
    look(ST_event_behind, DB_VALUES(v_id(appeal), v_int(0), v_int(1)), 1);
    look(ST_followers_late, DB_VALUES(v_time(now + hour), v_int(LIMIT)), LIMIT);
    look(ST_followers_waiting, DB_VALUES(v_id(lead), v_id(first), v_int(LIMIT)), LIMIT);
    look(ST_followers_seen,
         DB_VALUES(v_id(lead), v_id(first), v_int(BIG_UNIT), v_int(BIG_UNIT), v_int(1), v_int(1001), v_int(BIG_UNIT),
                   v_int(LIMIT)),
         LIMIT);
    look(ST_changes_of_client, DB_VALUES(v_id(client), v_int(0), v_int(INT64_MAX), v_int(LIMIT)), LIMIT);
    look(ST_rota_of_unit, DB_VALUES(v_int(BIG_UNIT), v_time(now), v_int(LIMIT)), LIMIT);
    for (int box = 0; box <= 3; box++) look(ST_matters_to_succeed, DB_VALUES(v_int(box), v_int(LIMIT)), LIMIT);
    look(ST_parts_to_succeed, DB_VALUES(v_int(LIMIT)), LIMIT);
    look(ST_alike_of_area, DB_VALUES(v_int(1), v_int(LIMIT)), LIMIT);
    const struct db_value then = v_time(now + 48 * hour); /* all rotas are over: none of them is read */
    look(ST_on_duty, DB_VALUES(then, then, then, then), 0);
    assert_int_equal(faults, 0);
}

/* A search reads the postings of its terms in the blocks asked for, then as many matters as it shows. */
static void searches_read_what_they_ask_for(void **state) {
    (void)state;
    enum { TERMS = 64, DOCS = 32 };
    struct db_value terms[2 + TERMS] = {v_int(0), v_int(12)}, docs[DOCS + 12];
    uint8_t first[16] = {0}, last[16], first_resident[16] = {[15] = 1};
    memset(last, 0xff, 16);
    for (int i = 0; i < TERMS; i++) terms[2 + i] = v_int(1 + i / 8 * 600);
    look(ST_search_read, terms, 2 + TERMS, 13 * TERMS / 8);
    terms[0] = v_int(12);
    look(ST_search_read, terms, 2 + TERMS, TERMS / 8);
    struct db_value many[2 + 3 * TERMS] = {v_int(1), v_int(12)};
    for (int i = 0; i < 3 * TERMS; i++) many[2 + i] = v_int(1 + i * 20);
    look(ST_search_read_many, many, 2 + 3 * TERMS, 12 * 3 * TERMS);
    look(ST_search_last, NULL, 0, 1);
    look(ST_search_states_again, DB_VALUES(v_int(1000), v_int(LIMIT)), LIMIT);
    look(ST_appeals_of_reporter,
         DB_VALUES(v_id(first_resident), v_id(first_resident), v_id(first_resident), v_id(first_resident),
                   v_id(first_resident), v_id(last), v_int(1001), v_int(1001), v_int(1), v_int(1001), v_int(1001),
                   v_int(LIMIT)),
         LIMIT);
    look(ST_search_bounds, DB_VALUES(v_id(first), v_id(first), v_id(last)), 1);
    for (int i = 0; i < DOCS; i++) docs[i] = v_int(5 + i * 5000);
    const struct db_value rest[] = {v_time(SECOND_US), v_time(2 * time_now_us()),
                                    v_int(0),          v_int(0),
                                    v_int(0),          v_int(0),
                                    v_int(0),          v_int(1001),
                                    v_int(1001),       v_int(1),
                                    v_int(1001),       v_int(1001)};
    memcpy(docs + DOCS, rest, sizeof rest);
    look(ST_search_found, docs, DOCS + 12, DOCS);
    struct db_value spots[3 * TERMS + 4];
    for (int i = 0; i < 3 * TERMS; i++) spots[i] = v_int(5 + i * 1000);
    for (int i = 0; i < 4; i++) spots[3 * TERMS + i] = v_int(1);
    look_read(ST_search_spots, spots, 3 * TERMS + 4, 1, 0, 3 * 3 * TERMS);
    assert_int_equal(faults, 0);
}

/* A count reads what it counts, not what was closed over the years (a fourth of these). */
static void counts_leave_out_what_is_closed(void **state) {
    (void)state;
    struct row_box_count *rows;
    size_t n;
    int64_t now = time_now_us(), counted = 0;
    run("FLUSH STATUS");
    int64_t before = rows_read();
    assert_int_equal(
        db_rows(db, ST_box_counts, DB_VALUES(v_time(now), v_time(now), v_int(BIG_UNIT)), &arena, &rows, &n), RC_OK);
    int64_t read = rows_read() - before;
    for (size_t i = 0; i < n; i++) counted += rows[i].total;
    assert_true(counted > APPEALS / 10 && read <= counted + 100);
}

/* Of 24 grams that thousands of matters have, a hundred matters each are read: grouped and sorted, a few reads for each of these. */
static void hints_read_so_much_whatever_is_open(void **state) {
    (void)state;
    struct db_value values[48];
    struct row_alike_candidate *rows;
    size_t n;
    for (int i = 0; i < 24; i++) values[2 * i] = v_int(1), values[2 * i + 1] = v_int(i + 1);
    run("FLUSH STATUS");
    int64_t before = rows_read();
    assert_int_equal(db_rows(db, ST_alike_candidates, values, 48, &arena, &rows, &n), RC_OK);
    int64_t read = rows_read() - before;
    assert_int_equal(n, 40);
    if (read > 5 * 24 * 100) fail_msg("%lld reads", (long long)read);
}

int main(void) {
    struct db_config config;
    if (!database_given(&config, 120, 10)) return NO_DATABASE;
    arena_init(&arena, 64u << 20);
    db = db_open(&config);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_walk_an_index), cmocka_unit_test(searches_read_what_they_ask_for),
        cmocka_unit_test(counts_leave_out_what_is_closed), cmocka_unit_test(hints_read_so_much_whatever_is_open)};
    int failed = cmocka_run_group_tests_name("plans", tests, fill, NULL);
    db_close(db);
    return failed;
}
