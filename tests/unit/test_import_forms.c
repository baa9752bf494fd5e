/* Tests of the import of forms: what categories ask, and what may be chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <cmocka.h>

#include "import_fixture.h"

#define FORMS \
    "category_code\tcode\tkind\trequired\tlabel\tlabel_en\thelp\thelp_en\tmin\tmax\tunit\tunit_en\tshown_when\n"
#define FORM_CHOICES "category_code\tquestion_code\tcode\tname\tname_en\turgency\tends\ttext\ttext_en\tphone\tlink\n"
#define Q(category, code, kind, min, max, unit, when) \
    category "\t" code "\t" kind "\tno\t问\tAsk\t\t\t" min "\t" max "\t" unit "\t" unit "\t" when "\n"
#define PICK(category, question, code) category "\t" question "\t" code "\t名\tName\t\t\t\t\t\t\n"
#define TWO(category, question) PICK(category, question, "x") PICK(category, question, "y")

static void forms(void **state) {
    (void)state;
    give(IMPORT_CATEGORIES, CATEGORIES "w\t\t水\t\t\t\nv\tw\t漏\t\t\t\n");
    give(IMPORT_FORMS, FORMS Q("w", "a", "yes_no", "", "", "", "") Q("w", "b", "choices", "", "", "", "a=yes,no")
                           Q("v", "c", "number", "", "", "人", "b=x") Q("v", "d", "text", "", "9", "", "")
                               Q("v", "e", "number", "-5", "-1", "", "a=no"));
    give(IMPORT_FORM_CHOICES,
         FORM_CHOICES TWO("w", "b") "w\ta\tyes\t是\tYes\turgent\tyes\t请报警\tCall\t110\thttps://a\n");
    check();
    expect_count(0);
    const struct import_form_question *q = data.tables[IMPORT_FORMS].rows;
    assert_int_equal(q[1].min, 1);
    assert_int_equal(q[1].max, 2);
    assert_int_equal(q[2].min, 0);
    assert_int_equal(q[2].max, 1000000000);
    assert_int_equal(q[3].min, 1);
    assert_int_equal(q[3].max, 9);
    assert_int_equal(q[0].max, 0);
    assert_int_equal(q[0].choice_count, 1);
    assert_true(str_is(q[1].choices->next->code, "y"));
}

static void bad_forms(void **state) {
    (void)state;
    give(IMPORT_CATEGORIES, CATEGORIES "w\t\t水\t\t\t\nv\tw\t漏\t\t\t\n");
    give(IMPORT_FORMS, FORMS Q("w", "a", "yes_no", "1", "", "", "") Q("v", "a", "date", "", "", "", "")
                           Q("w", "b", "choice", "", "", "", "b=x") Q("w", "c", "choices", "1", "3", "", "d=x")
                               Q("w", "d", "choice", "", "", "人", "b=z") Q("w", "d", "text", "0", "", "", "a=x")
                                   Q("x", "e", "number", "9", "8", "", "nope=1") Q("v", "f", "text", "", "501", "", "f")
                                       Q("v", "g", "maybe", "x", "", "", "h=x") Q("w", "h", "time", "", "", "", "v=x")
                                           Q("v", "i", "phone", "", "", "", "h=x"));
    give(IMPORT_FORM_CHOICES,
         FORM_CHOICES TWO("w", "c") PICK("w", "b", "x") PICK("w", "d", "x") PICK("w", "d", "x") PICK("w", "a", "x")
             PICK("v", "b", "x")
                 PICK("w", "h", "x") "w\tb\ty\t名\tName\t\tyes\t\t\t\t\nw\tb\tz\t名\tName\t\t\t说\t\t一\thttp://a\n");
    check();
    size_t n = 0;
    const struct {
        enum import_file file;
        int64_t line;
        int column;
        const char *reason;
    } wanted[] = {
        {IMPORT_FORMS, 2, 9, "only numbers, texts and choices have min and max"},
        {IMPORT_FORMS, 3, 2, "a category above asks this in line 2"},
        {IMPORT_FORMS, 4, 13, "\"b\" is not asked before this question"},
        {IMPORT_FORMS, 5, 10, "is not from 1 to its 2 choices"},
        {IMPORT_FORMS, 5, 13, "\"d\" is not asked before this question"},
        {IMPORT_FORMS, 6, 11, "only numbers have one"},
        {IMPORT_FORMS, 7, 2, "is the same as in line 6"},
        {IMPORT_FORMS, 7, 9, "is not from 1 to 500"},
        {IMPORT_FORMS, 7, 13, "\"a\" has no choice \"x\""},
        {IMPORT_FORMS, 8, 1, "no category"},
        {IMPORT_FORMS, 8, 10, "is less than min"},
        {IMPORT_FORMS, 9, 10, "is not from 1 to 500"},
        {IMPORT_FORMS, 9, 13, "is not like"},
        {IMPORT_FORMS, 10, 3, "is not one of yes_no, choice"},
        {IMPORT_FORMS, 10, 9, "is not a whole number"},
        {IMPORT_FORMS, 10, 13, "nothing is chosen in \"h\""},
        {IMPORT_FORMS, 11, 13, "neither this category nor one above asks \"v\""},
        {IMPORT_FORMS, 12, 13, "nothing is chosen in \"h\""},
        {IMPORT_FORM_CHOICES, 6, 3, "is the same as in line 5"},
        {IMPORT_FORM_CHOICES, 7, 3, "is neither yes nor no"},
        {IMPORT_FORM_CHOICES, 8, 2, "forms.tsv has no question \"b\" of this category"},
        {IMPORT_FORM_CHOICES, 9, 2, "nothing is chosen in a question of this kind"},
        {IMPORT_FORM_CHOICES, 10, 8, "say what to do instead"},
        {IMPORT_FORM_CHOICES, 11, 9, "is empty, but the other language is not"},
        {IMPORT_FORM_CHOICES, 11, 10, "digits"},
        {IMPORT_FORM_CHOICES, 11, 11, "https://"},
    };
    for (; n < sizeof wanted / sizeof *wanted; n++)
        expect(n, wanted[n].file, wanted[n].line, wanted[n].column, wanted[n].reason);
    expect_count(n);
}

static void forms_without_measure(void **state) {
    (void)state;
    static char text[5000];
    give(IMPORT_FORM_CHOICES, FORM_CHOICES);
    check();
    expect(0, IMPORT_FORM_CHOICES, 1, 0, "comes with forms.tsv");
    expect_count(1);
    teardown(state);
    setup(state);
    give(IMPORT_CATEGORIES, CATEGORIES "w\t\t水\t\t\t\nv\tw\t漏\t\t\t\n");
    size_t n = (size_t)snprintf(text, sizeof text, "%s", FORMS);
    for (int i = 0; i < 21; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\tq%d\tdate\tno\t问\tAsk\t\t\t\t\t\t\t\n",
                              i < 10 ? "w" : "v", i);
    give(IMPORT_FORMS, text);
    check();
    expect(0, IMPORT_FORMS, 12, 0, "its category asks 21 questions");
    expect_count(11);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(forms_without_measure, setup, teardown),
    };
    return cmocka_run_group_tests_name("import of forms", tests, NULL, NULL);
}
