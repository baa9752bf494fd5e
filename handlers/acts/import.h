/* Importing a district: TSV files are parsed and checked as pure functions over text, then written in one transaction.
 *
 * Every fault is told with its file, line, column and reason; with one fault nothing is written. What the database has
 * and the files don't name stays as it is, except rules, interests, stoppers,
 * forms, templates, tags, addresses, areas and urgent words, which a file replaces as a whole. */
#ifndef MINHU_IMPORT_H
#define MINHU_IMPORT_H

#include "acts/act.h"

enum import_file {
    IMPORT_UNITS,
    IMPORT_PLACES,
    IMPORT_CATEGORIES,
    IMPORT_STOPPERS,
    IMPORT_ROUTES,
    IMPORT_INTERESTS,
    IMPORT_TAGS,
    IMPORT_ADDRESSES,
    IMPORT_AREAS,
    IMPORT_CLOCKS,
    IMPORT_REASONS,
    IMPORT_TEMPLATES,
    IMPORT_URGENT_WORDS,
    IMPORT_GROUPS,
    IMPORT_STAFF,
    IMPORT_POSTS,
    IMPORT_FORMS,
    IMPORT_FORM_CHOICES,
    IMPORT_ROTA,
    IMPORT__MAX,
    IMPORT_REORGANISATION = IMPORT__MAX, /* no part of an import: acts/reorganise.h */
    IMPORT__FORMATS
};
/* "units.tsv" and so on. */
const char *import_file_name(enum import_file file);

struct import_problem {
    enum import_file file;
    int64_t line;       /* from 1 */
    int column;         /* from 1; 0: the whole line */
    const char *name;   /* of the column, "" for the whole line */
    const char *reason; /* English; holds no mobile and no name */
    size_t order;       /* in which they were found */
};
struct import_problems {
    struct arena *arena;
    struct import_problem *list;
    size_t n, cap;
    bool failed; /* memory: the list is not complete */
};
/* column: its name in the header, NULL for the whole line. */
void import_complain(struct import_problems *p, enum import_file file, int64_t line, const char *column,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));
/* By file, line and column. */
void import_sort_problems(struct import_problems *p);

/* ---- keys to things ---- */

struct import_slot {
    struct str key; /* p == NULL: free */
    void *value;
};
struct import_index {
    struct import_slot *slots;
    size_t mask, n;
};
/* Room for n keys. */
bool import_index_init(struct import_index *x, struct arena *a, size_t n);
/* NULL when there is none. */
void *import_index_get(const struct import_index *x, struct str key);
/* Keeps the first: returns what was there before, else NULL. The key's text must stay. */
void *import_index_put(struct import_index *x, struct str key, void *value);

/* ---- what the files say ---- */

/* A unit or a category as it will be: from the file, the database, or both. */
struct import_entry {
    struct str code;
    int64_t id;   /* 0: new, until it is saved */
    int64_t tier; /* of a unit */
    int64_t line; /* 0: only in the database */
    bool lost;    /* its parent is not known */
    bool ended;   /* a unit that a reorganisation has ended */
    const struct import_entry *parent;
};
struct import_person {
    uint8_t id[16];                /* zero: new */
    struct str code, mobile, name; /* as in the database; absent or empty where it has none */
    bool disabled;
    const struct import_staff *row; /* NULL: only in the database */
};

/* Each row starts with its line and how many of its cells are bad; texts point into the file's text. What is resolved
 * by the check stands last. */
struct import_unit {
    int64_t line, faults;
    struct str code, name, name_en, parent_code;
    int64_t tier, kind, review;
    struct import_entry *entry;
};
struct import_place {
    int64_t line, faults;
    struct str code, name, unit_code;
    int64_t lng, lat;
    int64_t id;
    const struct import_entry *unit;
};
struct import_category {
    int64_t line, faults;
    struct str code, parent_code, name, name_en, words;
    int64_t urgency, review, weight; /* weight 0: as the category above */
    struct import_entry *entry;
};
struct import_route {
    int64_t line, faults;
    struct str category_code, area_code, unit_code, place_code, basis;
    int64_t tier, channel, kind, valid_from, valid_until; /* 0: any; days, 0: none */
    const struct import_entry *category, *area, *unit;
    const int64_t *place_id;         /* NULL: any; set when places are saved */
    const struct import_route *same; /* another row for the same, on other days */
};
struct import_interest {
    int64_t line, faults;
    struct str unit_code, with_code;
    const struct import_entry *unit, *with;
};
struct import_tag {
    int64_t line, faults;
    struct str code, name, place_code, category_code, address;
    int64_t kind;
    const int64_t *place_id;
    const struct import_entry *category;
};
struct import_address {
    int64_t line, faults;
    struct str text, place_code;
    const int64_t *place_id;
};
struct import_area {
    int64_t line, faults;
    struct str place_code, outline;
    const int64_t *place_id;
};
struct import_clock {
    int64_t line, faults;
    struct str category_code, respond, resolve, step, contact;
    int64_t tier, urgency; /* 0 and -1: any */
    const struct import_entry *category;
};
struct import_reason {
    int64_t line, faults;
    struct str code, name, name_en, basis;
    int64_t purpose, id;
};
struct import_stopper {
    int64_t line, faults;
    struct str category_code, text, text_en, phone, link;
    const struct import_entry *category;
};
struct import_form_choice {
    int64_t line, faults;
    struct str category_code, question_code, code, name, name_en, text, text_en, phone, link;
    int64_t urgency, ends;
    const struct import_entry *category;
    struct import_form_choice *next; /* of the same question */
};
struct import_form_question {
    int64_t line, faults;
    struct str category_code, code, label, label_en, help, help_en, unit, unit_en, shown_when;
    int64_t kind, required, min, max; /* IMPORT_NO_NUMBER where the cell is empty, until it is checked */
    const struct import_entry *category;
    struct import_form_choice *choices, **last;
    size_t choice_count;
};
#define IMPORT_NO_NUMBER INT64_MIN
struct import_template {
    int64_t line, faults;
    struct str category_code, unit_code, name, text;
    int64_t kind;
    const struct import_entry *category, *unit;
};
struct import_urgent_word {
    int64_t line, faults;
    struct str word, unless;
    int64_t urgency, danger;
};
struct import_group {
    int64_t line, faults;
    struct str code, name, name_en, lead_code, area_code, members, organisations;
    int64_t kind;
    const struct import_entry *lead, *area;
};
struct import_staff {
    int64_t line, faults;
    struct str employee_code, name, mobile;
    struct import_person *person;
};
struct import_post {
    int64_t line, faults;
    struct str employee_code, unit_code;
    int64_t role, main;
    const struct import_person *person;
    const struct import_entry *unit;
    uint8_t id[16]; /* of one that is new, when it is saved */
};
/* A post as it will be: the database's, or one of posts.tsv. */
struct import_rota_post {
    const struct import_person *person;
    const struct import_entry *unit;
    int64_t role;
    const uint8_t *id;
    struct import_rota_post *next; /* of the same person there */
};
struct import_rota {
    int64_t line, faults;
    struct str employee_code, unit_code, substitute_code;
    int64_t kind, role, from, until; /* role 0: the one post that he has there */
    const struct import_entry *unit;
    const struct import_rota_post *post, *substitute; /* substitute NULL: none */
    const struct row_rota_span *same;                 /* what the database has of it; NULL: it is new */
};

struct import_reorganisation {
    int64_t line, faults, act;
    struct str code, to_code, name, name_en, share;
};

struct import_table {
    bool present;
    bool broken; /* its header is wrong: nothing of it was read, and what it may hold is unknown */
    void *rows;  /* of the file's type */
    size_t n;
};
struct import_data {
    struct import_table tables[IMPORT__FORMATS];
};

/* Reads a file's text; every fault is added to p. Faulty rows are kept as far as they could be read, so that references
 * to them are not told as faults too. */
void import_parse(enum import_file file, struct str text, struct import_data *data, struct import_problems *p,
                  struct arena *a);

/* What the database has. */
struct import_known {
    const struct row_unit *units;
    const struct row_place *places;
    const struct row_category *categories;
    const struct row_reason *reasons;
    const struct row_post *posts; /* those that haven't ended */
    const struct row_unit_succession *successions;
    const struct row_rota_span *rotas; /* only where a rota is imported: those of the last month and ahead */
    struct import_person *people;
    int64_t now_us;
    size_t rota_count, unit_count, place_count, category_count, reason_count, post_count, succession_count,
        person_count;
};
/* Checks all tables together with what the database has, and resolves their references; faults are added to p.
 * False only when memory is used up. */
bool import_check(const struct import_known *known, struct import_data *data, struct import_problems *p,
                  struct arena *a) MUST_USE;

/* import_forms.c, for import_check.c: the forms, whose categories are resolved already. False only when memory is used up. */
bool import_check_forms(struct import_data *data, struct import_problems *p, struct arena *a) MUST_USE;
/* The phone and link of a stopper or an advice, which may be empty. */
void import_check_where(struct import_problems *p, enum import_file file, int64_t line, struct str phone,
                        struct str link);
/* For import_save.c, when categories are saved. */
enum rc import_save_forms(struct act *act, const struct import_data *data) MUST_USE;
/* import_rota.c, for import_save.c, when posts are saved; *fresh counts what is new. */
enum rc import_save_rota(struct act *act, const struct import_data *data, size_t *fresh) MUST_USE;

/* ---- acts ---- */

/* What the database has but people. */
enum rc import_known_things(struct act *act, struct import_known *k) MUST_USE;
/* And what the rota has ahead or had in the last month. */
enum rc import_known_rota(struct act *act, struct import_known *k) MUST_USE;
/* How what writes a file begins, within its transaction: as the only importer, with the version before (import_lock_version), all that
 * the database has, people with their names and mobiles too, and nothing read of files. Both lie in the act's arena. */
enum rc import_begin(struct act *act, int64_t *version, struct import_known **known,
                     struct import_data **data) MUST_USE;
/* Reads a routes.tsv as an import would and makes its rules those of *proposed, a copy of the act's district; each rule's id is its
 * line in the file. Writes nothing. RC_INVALID with the problems. */
enum rc import_propose_routes(struct act *act, struct str text, struct import_problems *p,
                              struct district *proposed) MUST_USE;

struct import_counts {
    size_t rows, fresh; /* in the file; of them new to the database */
};
struct import_result {
    struct import_problems problems;
    struct import_counts counts[IMPORT__MAX];
    size_t disabled; /* people in staff.tsv who are disabled and stay so, without posts */
    int64_t version;
};
/* Within a transaction. texts[i].p == NULL: there is no such file. RC_INVALID with the problems; RC_OK when all is
 * written. */
enum rc import_run(struct act *act, const struct str texts[IMPORT__MAX], struct import_result *result) MUST_USE;

/* Within a transaction: days of the calendar. The years they lie in count as known from now on; a year of which ten or
 * more days are given is replaced, else the days are added. *years: what is known afterwards, "2025, 2026". */
enum rc import_calendar(struct act *act, const struct calendar_exception *days, size_t n, struct str *years) MUST_USE;

/* Within a transaction: what units' working time differs in, which replaces all that was said of each unit named. RC_INVALID, with
 * the text in act->en, when a unit would be left without a working day. */
struct import_own_calendar {
    int64_t unit_id;
    struct str unit_code, day, hours, name;
    enum calendar_way way;
};
enum { OWN_CALENDARS_MAX = 100 }; /* units: each takes 150 KB of every process's memory, twice */
enum rc import_own_calendars(struct act *act, const struct import_own_calendar *rows, size_t n) MUST_USE;
/* Within a transaction: the unit has no calendar of its own any more. RC_NOT_FOUND when it had none. */
enum rc import_forget_calendar(struct act *act, const struct unit *unit) MUST_USE;

/* Settings with the version of the data that brought calendars, and rules that running clocks are to take: due times are then
 * computed anew (jobs/provisional.c). import_note_version says so of the version that is about to be raised. */
#define CALENDAR_VERSION "calendar_version"
#define RULES_VERSION "clock_rules_version"
enum rc import_note_version(struct act *act, const char *setting, int64_t version) MUST_USE;

/* Every unit with those above it, anew. A rule with a new number. Both within a transaction. */
enum rc import_build_ancestors(struct act *act) MUST_USE;
enum rc import_put_route(struct act *act, int64_t id, const struct row_route_rule *r) MUST_USE;

/* Within a transaction: makes every worker load the reference data anew within seconds. import_lock_version comes
 * first: it lets one importer at a time go on. */
enum rc import_lock_version(struct act *act, int64_t *version) MUST_USE;
enum rc import_raise_version(struct act *act, int64_t version) MUST_USE;

#endif
