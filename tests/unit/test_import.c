/* Tests of the import's reading and checking: every kind of bad line is told, with its place, and all of them at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "acts/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "import_fixture.h"

#define PLACES "code\tname\tunit_code\tlng\tlat\n"
#define ROUTES_HEAD "category_code\tarea_code\ttier\tunit_code"
#define ROUTES ROUTES_HEAD "\n"
#define RULES ROUTES_HEAD "\tplace_code\tchannel\tkind\tvalid_from\tvalid_until\tbasis\n"
#define INTERESTS "unit_code\twith_code\n"
#define ADDRESSES "text\tplace_code\n"
#define AREAS "place_code\toutline\n"
#define CLOCKS "tier\tcategory_code\turgency\trespond\tresolve\tstep\n"
#define REASONS "purpose\tcode\tname\tname_en\tbasis\n"
#define URGENT_WORDS "word\turgency\tdanger\tunless\n"
#define UNIT_GROUPS "code\tkind\tname\tname_en\tlead_code\tarea_code\tmembers\torganisations\n"
#define TREE \
    UNITS "d\t区\tD\tdistrict\tgovernment\t\n" \
          "t\t镇\t\ttown\ttown\td\n" \
          "v\t村\t\tvillage\tvillage\tt\n" \
          "c\t小区\t\tcompound\tcompound\tv\n"

static void a_good_district_has_no_fault(void **state) {
    (void)state;
    give(IMPORT_UNITS,
         TREE "dep\t水务局\tWater\tdistrict\tdepartment\td\r\n# a note\n\nshop\t店\t\tcompound\tmerchant\tv");
    give(IMPORT_PLACES, PLACES "p1\t某苑\tc\t120.123456\t30.5\np2\t某路\tt\t-0.5\t0\n");
    give(IMPORT_CATEGORIES, CATEGORIES "w\t\t水\tWater\t\t\nw.out\tw\t停水\t\turgent\t停水,没水\n");
    give(IMPORT_ROUTES, ROUTES "w\t\t\tdep\nw\tt\ttown\t\n\t\tcompound\t\n");
    give(IMPORT_CLOCKS, CLOCKS "\t\t\t2wh\t5wd\t1wd\ntown\tw\temergency\t15m\t4h\t30s\n");
    give(IMPORT_REASONS, REASONS "reject\ta\t甲\tA\t某条例\nreturn\ta\t甲\tA\t\n");
    give(IMPORT_STAFF, STAFF "GE_1\t张三\t13800000001\nGE_2\t李四\t\n\t王五\t13800000003\n");
    give(IMPORT_POSTS,
         POSTS "GE_1\td\tdistrict_supervisor\tyes\nGE_1\tt\thandler\tno\n13800000003\tc\tdispatcher\tyes\n");
    check();
    expect_count(0);
    const struct import_unit *units = data.tables[IMPORT_UNITS].rows;
    assert_int_equal(data.tables[IMPORT_UNITS].n, 6);
    assert_int_equal(units[5].line, 9);
    assert_ptr_equal(units[1].entry->parent, units[0].entry);
    const struct import_place *places = data.tables[IMPORT_PLACES].rows;
    assert_int_equal(places[0].lng, 120123456);
    assert_int_equal(places[1].lng, -500000);
    const struct import_clock *clocks = data.tables[IMPORT_CLOCKS].rows;
    assert_int_equal(clocks[0].urgency, -1);
    assert_int_equal(clocks[1].urgency, URGENCY_EMERGENCY);
    const struct import_post *posts = data.tables[IMPORT_POSTS].rows;
    const struct import_staff *staff = data.tables[IMPORT_STAFF].rows;
    assert_ptr_equal(posts[2].person, staff[2].person);
}

static void nothing_at_all_is_no_fault(void **state) {
    (void)state;
    check();
    expect_count(0);
}

static void headers(void **state) {
    (void)state;
    give(IMPORT_UNITS, "");
    give(IMPORT_PLACES, "\xEF\xBB\xBF" PLACES);
    give(IMPORT_STAFF, "employee_code\tname\nGE_1\tx\n");
    give(IMPORT_POSTS, POSTS "GE_1\tnowhere\thandler\tyes\n");
    check();
    expect(0, IMPORT_UNITS, 1, 0, "code TAB name TAB name_en TAB tier TAB kind TAB parent_code");
    expect(1, IMPORT_PLACES, 1, 0, "byte order mark");
    expect(2, IMPORT_STAFF, 1, 0, "the first line must be");
    expect_count(3); /* what an unreadable file may hold is not told as missing */
}

static void cells(void **state) {
    (void)state;
    static const char bad[] = TREE "a b\tx\t\ttown\ttown\td\n"
                                   "\tx\t\ttown\ttown\td\n"
                                   "x1\t\t\ttown\ttown\td\n"
                                   "x2\tx\t\tcity\tfirm\td\n"
                                   "x3\t x\t\ttown\ttown\td\n"
                                   "x4\t\xC0\xAF\t\ttown\ttown\td\n"
                                   "x5\tx\x01\t\ttown\ttown\td\n"
                                   "x6\tx\t\ttown\ttown\n"
                                   "x7\tx\t\ttown\ttown\td\t\n"
                                   "x8\t\xE2\x80\xAE"
                                   "x\t\ttown\ttown\td\n"
                                   "x9\tx\0y\t\ttown\ttown\td\n";
    parse(IMPORT_UNITS, bad, sizeof bad - 1);
    check();
    expect(0, IMPORT_UNITS, 6, 1, "a code has");
    expect(1, IMPORT_UNITS, 7, 1, "is empty");
    expect(2, IMPORT_UNITS, 8, 2, "is empty");
    expect(3, IMPORT_UNITS, 9, 4, "compound, village, town or district");
    expect(4, IMPORT_UNITS, 9, 5, "\"firm\" is not one of");
    expect(5, IMPORT_UNITS, 10, 2, "white space");
    expect(6, IMPORT_UNITS, 11, 2, "UTF-8");
    expect(7, IMPORT_UNITS, 12, 2, "control character");
    expect(8, IMPORT_UNITS, 13, 0, "has 5 columns where 6 are needed");
    expect(9, IMPORT_UNITS, 14, 0, "has 7 columns where 6 are needed");
    expect(10, IMPORT_UNITS, 15, 2, "writing direction");
    expect(11, IMPORT_UNITS, 16, 2, "control character");
    expect_count(12);
}

static void lengths(void **state) {
    (void)state;
    char text[1000], name[400] = "";
    for (int i = 0; i < 101; i++) memcpy(name + strlen(name), "区", sizeof "区");
    snprintf(text, sizeof text, UNITS "%.*s\t%s\t\tdistrict\tgovernment\t\nx\t%s\t\ttown\ttown\t\n", 33,
             "abcdefghijklmnopqrstuvwxyz0123456789", name + 3, name);
    give(IMPORT_UNITS, text);
    expect(0, IMPORT_UNITS, 2, 1, "1 to 32");
    expect(1, IMPORT_UNITS, 3, 2, "has 101 characters, at most 100");
    expect_count(2);
}

static void trees(void **state) {
    (void)state;
    give(IMPORT_UNITS, TREE "t\tx\t\ttown\ttown\td\n"
                            "a\tx\t\ttown\ttown\tnowhere\n"
                            "b\tx\t\ttown\ttown\tt\n"
                            "e\tx\t\tdistrict\tdepartment\tt\n"
                            "f\tx\t\ttown\ttown\t\n"
                            "g\tx\t\tdistrict\tgovernment\t\n"
                            "h\tx\t\tdistrict\tdepartment\ti\n"
                            "i\tx\t\tdistrict\tdepartment\th\n"
                            "j\tx\t\tdistrict\tdepartment\tj\n"
                            "k\tx\t\ttown\ttown\tj\n");
    give(IMPORT_CATEGORIES,
         CATEGORIES "a\tb\tx\t\t\t\nb\ta\tx\t\t\t\nc\tnone\tx\t\t\t\nc\t\tx\t\t\t\nd\t\tx\t\t\t水，电\n");
    check();
    expect(0, IMPORT_UNITS, 6, 1, "is the same as in line 3");
    expect(1, IMPORT_UNITS, 7, 6, "no unit has the code \"nowhere\"");
    expect(2, IMPORT_UNITS, 8, 6, "\"t\" is of tier town, which is not above town");
    expect(3, IMPORT_UNITS, 9, 6, "is not above district");
    expect(4, IMPORT_UNITS, 10, 6, "only the district itself");
    expect(5, IMPORT_UNITS, 11, 6, "\"d\" is the district's top already");
    expect(6, IMPORT_UNITS, 12, 6, "\"h\" is above itself");
    expect(7, IMPORT_UNITS, 13, 6, "\"i\" is above itself");
    expect(8, IMPORT_UNITS, 14, 6, "\"j\" is above itself");
    expect(9, IMPORT_CATEGORIES, 2, 2, "\"a\" is above itself");
    expect(10, IMPORT_CATEGORIES, 3, 2, "\"b\" is above itself");
    expect(11, IMPORT_CATEGORIES, 4, 2, "no category has the code \"none\"");
    expect(12, IMPORT_CATEGORIES, 5, 1, "is the same as in line 4");
    expect(13, IMPORT_CATEGORIES, 6, 6, "not by \"，\"");
    expect_count(14);
}

static void no_top(void **state) {
    (void)state;
    give(IMPORT_UNITS, UNITS);
    check();
    expect(0, IMPORT_UNITS, 1, 0, "no unit is the district itself");
    expect_count(1);
}

static void places_and_rules(void **state) {
    (void)state;
    give(IMPORT_UNITS, TREE);
    give(IMPORT_PLACES,
         PLACES "p\tx\tc\t120\t30\np\tx\tzz\t180.000001\t-90.1\nq\tx\tc\t1e2\t30.1234567\nr\tx\tc\t\t30\n");
    give(IMPORT_ROUTES, ROUTES "zz\tyy\t\tc\n\t\ttown\tc\n\t\t\t\n\t\ttown\t\n\t\tvillage\t\n\t\tcity\t\n");
    give(IMPORT_CLOCKS, CLOCKS "\t\t\t2wh\t5wd\t1wd\n\t\t\t2wh\t5wd\t1wd\nx\tzz\ty\t5d\t0m\t\n");
    give(IMPORT_REASONS, REASONS "reject\ta\tx\tx\t\nreject\ta\tx\tx\t\nwhy\tb\t\tx\t\n");
    check();
    expect(0, IMPORT_PLACES, 3, 1, "is the same as in line 2");
    expect(1, IMPORT_PLACES, 3, 3, "no unit has the code \"zz\"");
    expect(2, IMPORT_PLACES, 3, 4, "is outside -180 to 180");
    expect(3, IMPORT_PLACES, 3, 5, "is outside -90 to 90");
    expect(4, IMPORT_PLACES, 4, 4, "is not a number of degrees");
    expect(5, IMPORT_PLACES, 4, 5, "is not a number of degrees");
    expect(6, IMPORT_PLACES, 5, 4, "is empty");
    expect(7, IMPORT_ROUTES, 2, 1, "no category");
    expect(8, IMPORT_ROUTES, 2, 2, "no unit");
    expect(9, IMPORT_ROUTES, 3, 3, "either tier or unit_code");
    expect(10, IMPORT_ROUTES, 4, 0, "on the same days");
    expect(11, IMPORT_ROUTES, 4, 3, "either tier or unit_code");
    expect(12, IMPORT_ROUTES, 5, 0, "on the same days");
    expect(13, IMPORT_ROUTES, 6, 0, "on the same days");
    expect(14, IMPORT_ROUTES, 7, 3, "is not one of");
    expect(15, IMPORT_CLOCKS, 3, 0, "same tier, category and urgency as line 2");
    expect(16, IMPORT_CLOCKS, 4, 1, "is not one of");
    expect(17, IMPORT_CLOCKS, 4, 2, "no category");
    expect(18, IMPORT_CLOCKS, 4, 3, "normal, urgent or emergency");
    expect(19, IMPORT_CLOCKS, 4, 4, "is not a duration");
    expect(20, IMPORT_CLOCKS, 4, 5, "is not a duration");
    expect(21, IMPORT_CLOCKS, 4, 6, "is empty");
    expect(22, IMPORT_REASONS, 3, 2, "is the same as in line 2");
    expect(23, IMPORT_REASONS, 4, 1, "is not one of");
    expect(24, IMPORT_REASONS, 4, 3, "is empty");
    expect_count(25);
}

static void stoppers(void **state) {
    (void)state;
    give(IMPORT_CATEGORIES, CATEGORIES "w\t\t水\t\t\t\nv\t\t电\t\t\t\n");
    give(IMPORT_STOPPERS, "category_code\ttext\ttext_en\tphone\tlink\nw\t请报警\tCall the police\t110\t\n"
                          "x\t请报警\tCall\t一一〇\thttp://a\nv\t\tCall\t0571-110\thttps://a\nw\t请\tGo\t\t\n");
    check();
    expect(0, IMPORT_STOPPERS, 3, 1, "no category");
    expect(1, IMPORT_STOPPERS, 3, 4, "digits");
    expect(2, IMPORT_STOPPERS, 3, 5, "https://");
    expect(3, IMPORT_STOPPERS, 4, 2, "is empty");
    expect(4, IMPORT_STOPPERS, 5, 1, "is the same as in line 2");
    expect_count(5);
}

static void templates(void **state) {
    (void)state;
    give(IMPORT_CATEGORIES, CATEGORIES "w\t\t水\t\t\t\n");
    give(
        IMPORT_TEMPLATES,
        "kind\tcategory_code\tunit_code\tname\ttext\nresolve\tw\t\t办结\t{reporter}：已【请填写措施】。{unit} {today}\n"
        "resolve\tx\t\t办结\t{name}\nanswer\t\ty\t\t【措施】\n");
    check();
    expect(0, IMPORT_TEMPLATES, 3, 2, "no category");
    expect(1, IMPORT_TEMPLATES, 3, 5, "field that there isn't");
    expect(2, IMPORT_TEMPLATES, 4, 1, "");
    expect(3, IMPORT_TEMPLATES, 4, 3, "no unit");
    expect(4, IMPORT_TEMPLATES, 4, 4, "is empty");
    expect(5, IMPORT_TEMPLATES, 4, 5, "gap");
    expect_count(6);
}

static void weights_of_categories(void **state) {
    (void)state;
    give(IMPORT_CATEGORIES, "code\tparent_code\tname\tname_en\turgency\twords\treview\tweight\n"
                            "w\t\t水\t\t\t\t\thard\nv\t\t电\t\t\t\tyes\t\nu\t\t气\t\t\t\t\theavy\n");
    check();
    expect(0, IMPORT_CATEGORIES, 4, 8, "micro, small or hard");
    expect_count(1);
    const struct import_category *rows = data.tables[IMPORT_CATEGORIES].rows;
    assert_int_equal(rows[0].weight, WEIGHT_HARD);
    assert_int_equal(rows[0].review, 0);
    assert_int_equal(rows[1].weight, WEIGHT_NONE);
    assert_int_equal(rows[1].review, 1);
}

static void urgent_words(void **state) {
    (void)state;
    give(IMPORT_URGENT_WORDS,
         URGENT_WORDS "着火\temergency\tfire\t已灭火,演练\n火\turgent\tfire\t\n着火\turgent\tfire\t\n"
                      "漏水\tnormal\twater\t\n\turgent\tfire\t\n触电\tsoon\tnothing\t以免，防止\n");
    check();
    expect(0, IMPORT_URGENT_WORDS, 3, 1, "at least two are needed");
    expect(1, IMPORT_URGENT_WORDS, 4, 1, "is the same as in line 2");
    expect(2, IMPORT_URGENT_WORDS, 5, 2, "is normal");
    expect(3, IMPORT_URGENT_WORDS, 6, 1, "is empty");
    expect(4, IMPORT_URGENT_WORDS, 7, 2, "is not one of");
    expect(5, IMPORT_URGENT_WORDS, 7, 3, "is not one of");
    expect(6, IMPORT_URGENT_WORDS, 7, 4, "not by \"，\"");
    expect_count(7);
}

static void standing_groups(void **state) {
    (void)state;
    give(IMPORT_UNITS, TREE);
    give(IMPORT_GROUPS, UNIT_GROUPS "g1\tjoint_committee\t社区大党委\tC\tv\tv\tc,t\t某电信,某移动\n"
                                    "g2\tpairing\t组团\t\tt\tv\t\t\n"
                                    "g1\tpairing\t组团\t\tx\tv\tc,,c\t\n"
                                    "g3\tclub\t组团\t\tt\ty\tz\t某电信\n");
    check();
    const struct import_group *g = data.tables[IMPORT_GROUPS].rows;
    assert_true(str_is(g[0].lead->code, "v") && str_is(g[0].area->code, "v"));
    expect(0, IMPORT_GROUPS, 3, 7, "1 to 30 members");
    expect(1, IMPORT_GROUPS, 4, 1, "is the same as in line 2");
    expect(2, IMPORT_GROUPS, 4, 5, "no unit has the code");
    expect(3, IMPORT_GROUPS, 4, 7, "nothing between two commas");
    expect(4, IMPORT_GROUPS, 4, 7, "twice");
    expect(5, IMPORT_GROUPS, 5, 2, "not one of");
    expect(6, IMPORT_GROUPS, 5, 6, "no unit has the code");
    expect(7, IMPORT_GROUPS, 5, 7, "no unit has the code");
    expect_count(8);
}

/* A file of an earlier release has four columns; what it doesn't say is "any". */
static void rules_with_all_their_columns(void **state) {
    (void)state;
    give(IMPORT_UNITS, TREE);
    give(IMPORT_PLACES, PLACES "p1\t某苑\tc\t120.1\t30.5\n");
    give(IMPORT_CATEGORIES, CATEGORIES "w\t\t水\t\t\t\n");
    give(IMPORT_ROUTES, RULES "w\t\t\tt\t\t\t\t\t2026-06-30\t\n"
                              "w\t\t\tv\t\t\t\t2026-07-01\t\t某条例\n"
                              "w\t\t\tv\tp1\thotline_12345\tcomplain\t\t\t\n");
    give(IMPORT_INTERESTS, INTERESTS "c\tv\n");
    check();
    expect_count(0);
    const struct import_route *r = data.tables[IMPORT_ROUTES].rows;
    assert_int_equal(r[0].valid_from, 0);
    assert_int_equal(r[0].valid_until + 1, r[1].valid_from);
    assert_int_equal(r[2].channel, CHANNEL_HOTLINE);
    assert_int_equal(r[2].kind, KIND_COMPLAIN);
    assert_non_null(r[2].place_id);
    assert_null(r[1].place_id);
    assert_true(str_is(r[1].basis, "某条例"));
}

static void rules_that_leave_a_doubt(void **state) {
    (void)state;
    give(IMPORT_UNITS, TREE);
    give(IMPORT_PLACES, PLACES "p1\t某苑\tc\t120.1\t30.5\n");
    give(IMPORT_ROUTES, RULES "\t\t\tt\t\t\task\t2026-01-01\t2026-03-31\t\n"
                              "\t\t\tv\t\t\task\t2026-05-01\t\t\n"
                              "\t\t\tv\t\t\task\t2026-03-31\t2026-04-01\t\n" /* line 4: one day with line 2 */
                              "\t\t\tv\t\t\task\t\t2025-12-31\t\n"
                              "\t\t\tv\t\t\task\t2030-01-01\t2030-01-01\t\n" /* line 6: with line 3 */
                              "\tt\t\tv\tp1\t\t\t\t\t\n"
                              "\t\t\tv\tp9\tradio\t\t2026-02-30\t\t\n"
                              "\t\t\tv\tp1\t\t\t2026-02-02\t2026-02-01\t\n"
                              "\t\t\tv\n");
    give(IMPORT_INTERESTS, INTERESTS "c\tv\nv\tc\nc\tc\nx\tc\n");
    check();
    expect(0, IMPORT_ROUTES, 4, 0, "as line 2, on the same days");
    expect(1, IMPORT_ROUTES, 6, 0, "as line 3, on the same days");
    expect(2, IMPORT_ROUTES, 7, 5, "either area_code or place_code");
    expect(3, IMPORT_ROUTES, 8, 5, "no place has the code");
    expect(4, IMPORT_ROUTES, 8, 6, "is not one of");
    expect(5, IMPORT_ROUTES, 8, 8, "is not a date");
    expect(6, IMPORT_ROUTES, 9, 9, "is before valid_from");
    expect(7, IMPORT_ROUTES, 10, 0, "has 4 columns where 10 are needed");
    expect(8, IMPORT_INTERESTS, 3, 0, "the same pair as line 2");
    expect(9, IMPORT_INTERESTS, 4, 2, "is the unit itself");
    expect(10, IMPORT_INTERESTS, 5, 1, "no unit");
    expect_count(11);
}

static void addresses_and_areas(void **state) {
    (void)state;
    give(IMPORT_UNITS, TREE);
    give(IMPORT_PLACES, PLACES "p1\t某苑\tc\t120.1\t30.5\n");
    give(IMPORT_ADDRESSES, ADDRESSES "某路１号\tp1\n某路一号\tp1\n（苑）\tp1\n某苑\tp2\n\tp1\n");
    give(IMPORT_AREAS,
         AREAS "p1\tPOLYGON((120 30,120.1 30,120.1 30.1,120 30))\np3\tPOLYGON((1 1,2 1,2 2,1 1))\np1\tCIRCLE(1 1 1)\n");
    check();
    expect(0, IMPORT_ADDRESSES, 3, 1, "is the same as in line 2");
    expect(1, IMPORT_ADDRESSES, 4, 1, "is too short");
    expect(2, IMPORT_ADDRESSES, 5, 2, "no place has the code");
    expect(3, IMPORT_ADDRESSES, 6, 1, "is empty");
    expect(4, IMPORT_AREAS, 3, 1, "no place has the code");
    expect(5, IMPORT_AREAS, 4, 2, "no POLYGON");
    expect_count(6);
    const struct import_address *a = data.tables[IMPORT_ADDRESSES].rows;
    assert_true(str_is(a[0].text, "某路1号"));
    assert_non_null(a[0].place_id);
}

static void people_and_posts(void **state) {
    (void)state;
    give(IMPORT_UNITS, TREE);
    give(IMPORT_STAFF, STAFF "GE_1\t甲\t13800000001\nGE_1\t乙\t\nGE_2\t丙\t13800000001\n\t丁\t\nGE_"
                             "3\t戊\t1380000000\nGE_4\t己\t23800000000\n"
                             "GE_5\t庚\t13８00000000\n");
    give(IMPORT_POSTS, POSTS
         "GE_9\tt\thandler\tyes\nGE_1\tzz\thandler\tyes\nGE_1\tt\tdistrict_supervisor\tyes\nGE_1\tt\thandler\tyes\n"
         "GE_1\tt\thandler\tno\nGE_1\tt\tboss\tmaybe\n");
    check();
    expect(0, IMPORT_STAFF, 3, 1, "is the same as in line 2");
    expect(1, IMPORT_STAFF, 4, 3, "is the same as in line 2");
    expect(2, IMPORT_STAFF, 5, 1, "an employee code or a mobile");
    expect(3, IMPORT_STAFF, 6, 3, "11 digits");
    expect(4, IMPORT_STAFF, 7, 3, "starts with 1");
    expect(5, IMPORT_STAFF, 8, 3, "11 digits");
    expect(6, IMPORT_POSTS, 2, 1, "nobody has");
    expect(7, IMPORT_POSTS, 3, 2, "no unit");
    expect(8, IMPORT_POSTS, 4, 3, "no district_supervisor at tier town");
    expect(9, IMPORT_POSTS, 5, 4, "main post is in line 4");
    expect(10, IMPORT_POSTS, 6, 0, "the same post as in line 5");
    expect(11, IMPORT_POSTS, 7, 3, "is not one of");
    expect(12, IMPORT_POSTS, 7, 4, "yes nor no");
    expect_count(13);
    for (size_t i = 0; i < problems.n; i++) assert_null(strstr(problems.list[i].reason, "1380000"));
}

/* ---- together with a database ---- */

static struct import_person old_people[] = {
    {.id = {1}, .code = Z("GE_1"), .mobile = Z("13800000001"), .name = Z("甲")},
    {.id = {2}, .mobile = Z("13800000002"), .name = Z("乙")},
    {.id = {3}, .code = Z("GE_3"), .mobile = Z("13800000003"), .name = Z("丙"), .disabled = true},
};

static void have_database(void) {
    known.units = old_units;
    known.unit_count = 3;
    known.people = old_people;
    known.person_count = 3;
}

static void what_the_database_has_counts(void **state) {
    (void)state;
    have_database();
    give(IMPORT_UNITS, UNITS "c\t小区\t\tcompound\tcompound\tv\nv\t村\t\tvillage\tvillage\tt\n");
    give(IMPORT_STAFF, STAFF "GE_2\t乙\t13800000002\nGE_4\t丁\t13800000003\n\t甲\t13800000001\n");
    give(IMPORT_POSTS, POSTS "GE_1\td\tadministrator\tyes\nGE_2\tc\thandler\tyes\n");
    check();
    expect_count(0);
    const struct import_unit *units = data.tables[IMPORT_UNITS].rows;
    assert_int_equal(units[0].entry->id, 0);
    assert_int_equal(units[1].entry->id, 7);
    assert_int_equal(units[0].entry->parent->id, 7);
    const struct import_staff *staff = data.tables[IMPORT_STAFF].rows;
    assert_int_equal(staff[0].person->id[0], 2); /* by mobile: the person had no code */
    assert_int_equal(staff[1].person->id[0], 0); /* a new person with the number of one who is disabled */
    assert_int_equal(staff[2].person->id[0], 1);
}

static void what_the_database_has_can_clash(void **state) {
    (void)state;
    have_database();
    give(IMPORT_UNITS, UNITS "t\t镇\t\tcompound\tcompound\td\nd2\t区\t\tdistrict\tgovernment\t\n");
    give(IMPORT_STAFF, STAFF "GE_4\t丁\t13800000001\n");
    check();
    expect(0, IMPORT_UNITS, 2, 4, "the unit \"v\" in the database");
    expect(1, IMPORT_UNITS, 3, 6, "\"d\" is the district's top already");
    expect(2, IMPORT_STAFF, 2, 3, "another person in the database");
    expect_count(3);
}

static void memory_that_runs_out_is_told(void **state) {
    (void)state;
    for (long after = 0; after < 60; after++) {
        arena_reset(&arena);
        problems = (struct import_problems){.arena = &arena};
        data = (struct import_data){0};
        arena.fail_after = after;
        import_parse(IMPORT_UNITS, STR(TREE "x\ty\n"), &data, &problems, &arena);
        import_parse(IMPORT_STAFF, STR(STAFF "GE_1\t甲\t1\n"), &data, &problems, &arena);
        bool checked = import_check(&known, &data, &problems, &arena);
        arena.fail_after = -1;
        assert_true(!checked || problems.n == 2);
    }
}

/* Any bytes: nothing is read beyond the text, and what is told lies within it. */
static void noise(void **state) {
    (void)state;
    static const char pieces[][12] = {"\t", "\n", "d", "t", "town", "\r", "#", "\xE5", "区", "district", "", "1"};
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        char text[600] = UNITS;
        size_t n = strlen(text);
        while (n < 400) {
            seed = seed * 1664525u + 1013904223u;
            const char *piece = pieces[(seed >> 24) % 12];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece) + (piece[0] == '\0');
            if ((seed & 0xff) == 0) break;
        }
        arena_reset(&arena);
        problems = (struct import_problems){.arena = &arena};
        data = (struct import_data){0};
        parse(IMPORT_UNITS, text, n);
        check();
        for (size_t i = 0; i < problems.n; i++) assert_in_range(problems.list[i].line, 1, 600);
    }
}

static void key_addresses(void **state) {
    (void)state;
    assert_null(key_addresses_fault(STR(""), &arena));
    assert_null(key_addresses_fault(STR("192.0.2.1,10.0.0.0/8,2001:db8::/32,::1/128,0.0.0.0/0"), &arena));
    static const char *const bad[] = {"192.0.2.1/24", "10.0.0.0/33",    "10.0.0.0/",  "10.0.0.0/-1", "host", ",",
                                      "1.2.3",        "2001:db8::1/32", "10.0.0.0/08"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_non_null(key_addresses_fault(str_of(bad[i]), &arena));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_district_has_no_fault, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_at_all_is_no_fault, setup, teardown),
        cmocka_unit_test_setup_teardown(headers, setup, teardown),
        cmocka_unit_test_setup_teardown(cells, setup, teardown),
        cmocka_unit_test_setup_teardown(lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(trees, setup, teardown),
        cmocka_unit_test_setup_teardown(no_top, setup, teardown),
        cmocka_unit_test_setup_teardown(places_and_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(stoppers, setup, teardown),
        cmocka_unit_test_setup_teardown(templates, setup, teardown),
        cmocka_unit_test_setup_teardown(weights_of_categories, setup, teardown),
        cmocka_unit_test_setup_teardown(urgent_words, setup, teardown),
        cmocka_unit_test_setup_teardown(standing_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(rules_with_all_their_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(rules_that_leave_a_doubt, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses_and_areas, setup, teardown),
        cmocka_unit_test_setup_teardown(people_and_posts, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_database_has_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_database_has_can_clash, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_that_runs_out_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(noise, setup, teardown),
        cmocka_unit_test_setup_teardown(key_addresses, setup, teardown),
    };
    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
