/* The import's TSV files: one table of columns a file says how its text becomes rows. Pure. */
#include "acts/import.h"
#include "acts/reorganise.h"
#include "acts/rota.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "rules/address.h"
#include "rules/area.h"
#include "rules/clock.h"
#include "rules/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum cell_type {
    CELL_TEXT,
    CELL_CODE,
    CELL_WORD,
    CELL_LNG,
    CELL_LAT,
    CELL_DURATION,
    CELL_MOBILE,
    CELL_YES_NO,
    CELL_WORDS,
    CELL_DATE,
    CELL_MINUTE,
    CELL_ADDRESS,
    CELL_OUTLINE,
    CELL_NUMBER
};

struct column {
    const char *name;
    enum cell_type type;
    size_t offset;
    bool required;
    int64_t max; /* characters; of CELL_WORD what an empty cell means */
    const struct word *words;
    int word_count;
};
struct format {
    const char *file;
    size_t row_size;
    const struct column *columns;
    size_t count,
        needed; /* from needed on, columns may be missing at the end of all lines: files of an earlier release */
};

enum { COLUMNS_MAX = 16 };

#define CODE(row, member, needed) \
    { #member, CELL_CODE, offsetof(struct row, member), needed, 32, NULL, 0 }
#define LONG_CODE(row, member, needed) \
    { #member, CELL_CODE, offsetof(struct row, member), needed, 64, NULL, 0 }
#define TEXT(row, member, needed, max) \
    { #member, CELL_TEXT, offsetof(struct row, member), needed, max, NULL, 0 }
#define WORD(row, member, needed, absent, words, count) \
    { #member, CELL_WORD, offsetof(struct row, member), needed, absent, words, count }
#define CELL(row, member, type, needed, max) \
    { #member, type, offsetof(struct row, member), needed, max, NULL, 0 }

static const struct column units[] = {CODE(import_unit, code, true),
                                      TEXT(import_unit, name, true, 100),
                                      TEXT(import_unit, name_en, false, 150),
                                      WORD(import_unit, tier, true, 0, tier_words, TIER__MAX),
                                      WORD(import_unit, kind, true, 0, unit_kind_words, UNIT__MAX),
                                      CODE(import_unit, parent_code, false),
                                      CELL(import_unit, review, CELL_YES_NO, false, 0)};
static const struct column places[] = {CODE(import_place, code, true), TEXT(import_place, name, true, 100),
                                       CODE(import_place, unit_code, true), CELL(import_place, lng, CELL_LNG, true, 0),
                                       CELL(import_place, lat, CELL_LAT, true, 0)};
static const struct column categories[] = {
    CODE(import_category, code, true),
    CODE(import_category, parent_code, false),
    TEXT(import_category, name, true, 100),
    TEXT(import_category, name_en, false, 150),
    WORD(import_category, urgency, false, URGENCY_NORMAL, urgency_words, URGENCY__MAX),
    CELL(import_category, words, CELL_WORDS, false, 500),
    CELL(import_category, review, CELL_YES_NO, false, 0),
    WORD(import_category, weight, false, WEIGHT_NONE, weight_words, WEIGHT__MAX)};
static const struct column routes[] = {CODE(import_route, category_code, false),
                                       CODE(import_route, area_code, false),
                                       WORD(import_route, tier, false, 0, tier_words, TIER__MAX),
                                       CODE(import_route, unit_code, false),
                                       CODE(import_route, place_code, false),
                                       WORD(import_route, channel, false, 0, channel_words, CHANNEL__MAX),
                                       WORD(import_route, kind, false, 0, kind_words, KIND__MAX),
                                       CELL(import_route, valid_from, CELL_DATE, false, 0),
                                       CELL(import_route, valid_until, CELL_DATE, false, 0),
                                       TEXT(import_route, basis, false, 300)};
static const struct column interests[] = {CODE(import_interest, unit_code, true),
                                          CODE(import_interest, with_code, true)};
static const struct column clocks[] = {WORD(import_clock, tier, false, 0, tier_words, TIER__MAX),
                                       CODE(import_clock, category_code, false),
                                       WORD(import_clock, urgency, false, -1, urgency_words, URGENCY__MAX),
                                       CELL(import_clock, respond, CELL_DURATION, true, 0),
                                       CELL(import_clock, resolve, CELL_DURATION, true, 0),
                                       CELL(import_clock, step, CELL_DURATION, true, 0),
                                       CELL(import_clock, contact, CELL_DURATION, false, 0)};
static const struct column reasons[] = {WORD(import_reason, purpose, true, 0, purpose_words, PURPOSE__MAX),
                                        CODE(import_reason, code, true), TEXT(import_reason, name, true, 200),
                                        TEXT(import_reason, name_en, true, 200),
                                        TEXT(import_reason, basis, false, 300)};
static const struct column stoppers[] = {
    CODE(import_stopper, category_code, true), TEXT(import_stopper, text, true, 200),
    TEXT(import_stopper, text_en, true, 300), TEXT(import_stopper, phone, false, 20),
    TEXT(import_stopper, link, false, 300)};
static const struct column forms[] = {CODE(import_form_question, category_code, true),
                                      CODE(import_form_question, code, true),
                                      WORD(import_form_question, kind, true, 0, form_kind_words, FORM__MAX),
                                      CELL(import_form_question, required, CELL_YES_NO, true, 0),
                                      TEXT(import_form_question, label, true, 60),
                                      TEXT(import_form_question, label_en, true, 120),
                                      TEXT(import_form_question, help, false, 200),
                                      TEXT(import_form_question, help_en, false, 300),
                                      CELL(import_form_question, min, CELL_NUMBER, false, FORM_NUMBER_MAX),
                                      CELL(import_form_question, max, CELL_NUMBER, false, FORM_NUMBER_MAX),
                                      TEXT(import_form_question, unit, false, 20),
                                      TEXT(import_form_question, unit_en, false, 40),
                                      TEXT(import_form_question, shown_when, false, 700)};
static const struct column form_choices[] = {
    CODE(import_form_choice, category_code, true),
    CODE(import_form_choice, question_code, true),
    CODE(import_form_choice, code, true),
    TEXT(import_form_choice, name, true, 40),
    TEXT(import_form_choice, name_en, true, 80),
    WORD(import_form_choice, urgency, false, URGENCY_NORMAL, urgency_words, URGENCY__MAX),
    CELL(import_form_choice, ends, CELL_YES_NO, false, 0),
    TEXT(import_form_choice, text, false, 200),
    TEXT(import_form_choice, text_en, false, 300),
    TEXT(import_form_choice, phone, false, 20),
    TEXT(import_form_choice, link, false, 300)};
static const struct column templates[] = {
    WORD(import_template, kind, true, 0, template_words, TEMPLATE__MAX), CODE(import_template, category_code, false),
    CODE(import_template, unit_code, false), TEXT(import_template, name, true, 60),
    TEXT(import_template, text, true, 1000)};
static const struct column urgent_words[] = {TEXT(import_urgent_word, word, true, 40),
                                             WORD(import_urgent_word, urgency, true, 0, urgency_words, URGENCY__MAX),
                                             WORD(import_urgent_word, danger, true, 0, danger_words, DANGER__MAX),
                                             CELL(import_urgent_word, unless, CELL_WORDS, false, 500)};
static const struct column groups[] = {CODE(import_group, code, true),
                                       WORD(import_group, kind, true, 0, group_words, GROUP__MAX),
                                       TEXT(import_group, name, true, 100),
                                       TEXT(import_group, name_en, false, 150),
                                       CODE(import_group, lead_code, true),
                                       CODE(import_group, area_code, true),
                                       CELL(import_group, members, CELL_WORDS, false, 1000),
                                       CELL(import_group, organisations, CELL_WORDS, false, 1000)};
static const struct column staff[] = {LONG_CODE(import_staff, employee_code, false), TEXT(import_staff, name, true, 60),
                                      CELL(import_staff, mobile, CELL_MOBILE, false, 0)};
static const struct column posts[] = {LONG_CODE(import_post, employee_code, true), CODE(import_post, unit_code, true),
                                      WORD(import_post, role, true, 0, role_words, ROLE__MAX),
                                      CELL(import_post, main, CELL_YES_NO, true, 0)};
static const struct column rota[] = {WORD(import_rota, kind, true, 0, rota_words, ROTA__MAX),
                                     LONG_CODE(import_rota, employee_code, true),
                                     CODE(import_rota, unit_code, true),
                                     CELL(import_rota, from, CELL_MINUTE, true, 0),
                                     CELL(import_rota, until, CELL_MINUTE, true, 0),
                                     LONG_CODE(import_rota, substitute_code, false),
                                     WORD(import_rota, role, false, 0, role_words, ROLE__MAX)};

static const struct column reorganisation[] = {
    WORD(import_reorganisation, act, true, 0, reorganise_words, REORGANISE__MAX),
    LONG_CODE(import_reorganisation, code, true),
    CODE(import_reorganisation, to_code, false),
    TEXT(import_reorganisation, name, false, 100),
    TEXT(import_reorganisation, name_en, false, 150),
    TEXT(import_reorganisation, share, false, 3)};

static const struct column tags[] = {
    CODE(import_tag, code, true),           WORD(import_tag, kind, true, 0, tag_kind_words, TAG__MAX),
    TEXT(import_tag, name, true, 100),      CODE(import_tag, place_code, true),
    CODE(import_tag, category_code, false), TEXT(import_tag, address, false, 200)};
static const struct column addresses[] = {CELL(import_address, text, CELL_ADDRESS, true, ADDRESS_MAX),
                                          CODE(import_address, place_code, true)};
static const struct column areas[] = {CODE(import_area, place_code, true),
                                      CELL(import_area, outline, CELL_OUTLINE, true, 0)};

#define FORMAT_IN(file, columns, row, needed) \
    { file, sizeof(struct row), columns, sizeof columns / sizeof *columns, needed }
#define FORMAT_OF(columns, row, needed) FORMAT_IN(#columns ".tsv", columns, row, needed)
#define FORMAT_AS(file, columns, row) FORMAT_IN(file, columns, row, sizeof columns / sizeof *columns)
#define FORMAT(columns, row) FORMAT_AS(#columns ".tsv", columns, row)
static const struct format formats[IMPORT__FORMATS] = {
    [IMPORT_UNITS] = FORMAT_OF(units, import_unit, 6),
    [IMPORT_PLACES] = FORMAT(places, import_place),
    [IMPORT_CATEGORIES] = FORMAT_OF(categories, import_category, 6),
    [IMPORT_ROUTES] = FORMAT_OF(routes, import_route, 4),
    [IMPORT_STOPPERS] = FORMAT(stoppers, import_stopper),
    [IMPORT_TEMPLATES] = FORMAT(templates, import_template),
    [IMPORT_INTERESTS] = FORMAT(interests, import_interest),
    [IMPORT_TAGS] = FORMAT(tags, import_tag),
    [IMPORT_ADDRESSES] = FORMAT(addresses, import_address),
    [IMPORT_AREAS] = FORMAT(areas, import_area),
    [IMPORT_CLOCKS] = FORMAT_OF(clocks, import_clock, 6),
    [IMPORT_REASONS] = FORMAT(reasons, import_reason),
    [IMPORT_FORMS] = FORMAT(forms, import_form_question),
    [IMPORT_FORM_CHOICES] = FORMAT_AS("form-choices.tsv", form_choices, import_form_choice),
    [IMPORT_URGENT_WORDS] = FORMAT_AS("urgent-words.tsv", urgent_words, import_urgent_word),
    [IMPORT_GROUPS] = FORMAT(groups, import_group),
    [IMPORT_STAFF] = FORMAT(staff, import_staff),
    [IMPORT_POSTS] = FORMAT(posts, import_post),
    [IMPORT_ROTA] = FORMAT_OF(rota, import_rota, 6),
    [IMPORT_REORGANISATION] = FORMAT(reorganisation, import_reorganisation),
};

const char *import_file_name(enum import_file file) { return formats[file].file; }

/* ---- problems ---- */

static struct import_problem *next_problem(struct import_problems *p) {
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 64;
        struct import_problem *grown = arena_array(p->arena, cap, sizeof *grown);
        if (!grown) return NULL;
        if (p->n) memcpy(grown, p->list, p->n * sizeof *grown);
        p->list = grown;
        p->cap = cap;
    }
    return &p->list[p->n++];
}

static int column_number(enum import_file file, const char *column) {
    for (size_t i = 0; column && i < formats[file].count; i++)
        if (strcmp(formats[file].columns[i].name, column) == 0) return (int)i + 1;
    return 0;
}

void import_complain(struct import_problems *p, enum import_file file, int64_t line, const char *column,
                     const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    char *reason = arena_dup(p->arena, str_of(text));
    struct import_problem *problem = reason ? next_problem(p) : NULL;
    if (!problem) {
        p->failed = true;
        return;
    }
    *problem = (struct import_problem){file, line, column_number(file, column), column ? column : "", reason, p->n};
}

static int compare_problems(const void *a, const void *b) {
    const struct import_problem *x = a, *y = b;
    if (x->file != y->file) return x->file < y->file ? -1 : 1;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void import_sort_problems(struct import_problems *p) {
    if (p->n) qsort(p->list, p->n, sizeof *p->list, compare_problems);
}

/* ---- cells ---- */

struct reading {
    enum import_file file;
    int64_t line;
    size_t columns; /* that the header names */
    struct import_problems *problems;
};

#define BAD(r, column, ...) import_complain((r)->problems, (r)->file, (r)->line, (column)->name, __VA_ARGS__)

static bool is_code(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                    c == '-' || c == '.';
        if (!good) return false;
    }
    return s.n > 0;
}

static void put_text(void *row, const struct column *c, struct str s) { memcpy((char *)row + c->offset, &s, sizeof s); }
static void put_number(void *row, const struct column *c, int64_t n) { memcpy((char *)row + c->offset, &n, sizeof n); }

static void read_text(struct reading *r, const struct column *c, struct str s, void *row) {
    size_t n = utf8_count(s);
    if ((int64_t)n > c->max) BAD(r, c, "has %zu characters, at most %lld are possible", n, (long long)c->max);
    else put_text(row, c, s);
}

static void read_code(struct reading *r, const struct column *c, struct str s, void *row) {
    if (s.n && (!is_code(s) || (int64_t)s.n > c->max))
        BAD(r, c, "a code has 1 to %lld letters A-Z a-z, digits, \"-\", \"_\" or \".\"", (long long)c->max);
    else put_text(row, c, s);
}

/* "a, b or c": what may stand in such a cell. */
static const char *choices(const struct column *c, struct arena *a) {
    struct buf b;
    buf_init(&b, a, 1000);
    for (int i = 0; i < c->word_count; i++)
        if (c->words[i].code[0]) {
            if (buf_str(&b).n) buf_add_z(&b, i + 1 < c->word_count ? ", " : " or ");
            buf_add_z(&b, c->words[i].code);
        }
    char *text = arena_dup(a, buf_str(&b));
    return text ? text : "";
}

static void read_word(struct reading *r, const struct column *c, struct str s, void *row) {
    if (!s.n) {
        put_number(row, c, c->max);
        return;
    }
    for (int i = 0; i < c->word_count; i++)
        if (c->words[i].code[0] && str_is(s, c->words[i].code)) {
            put_number(row, c, i);
            return;
        }
    BAD(r, c, "\"%.*s\" is not one of %s", (int)(s.n > 60 ? 60 : s.n), s.p, choices(c, r->problems->arena));
}

static void read_degrees(struct reading *r, const struct column *c, struct str s, void *row) {
    int64_t v, limit = c->type == CELL_LNG ? 180 : 90;
    if (!num_millionths(s, &v)) BAD(r, c, "is not a number of degrees like 120.123456 (at most 6 decimals)");
    else if (v < -limit * 1000000 || v > limit * 1000000)
        BAD(r, c, "is outside -%lld to %lld degrees", (long long)limit, (long long)limit);
    else put_number(row, c, v);
}

static void read_duration(struct reading *r, const struct column *c, struct str s, void *row) {
    struct duration d;
    if (s.n && !duration_parse(s, &d))
        BAD(r, c, "is not a duration like 30m, 4h, 45s (round the clock) or 30wm, 2wh, 5wd (working time)");
    else put_text(row, c, s);
}

static void read_mobile(struct reading *r, const struct column *c, struct str s, void *row) {
    bool good = s.n == 11 && s.p[0] == '1';
    for (size_t i = 0; good && i < s.n; i++) good = s.p[i] >= '0' && s.p[i] <= '9';
    if (s.n && !good) BAD(r, c, "a mobile has 11 digits and starts with 1");
    else put_text(row, c, s);
}

static void read_yes_no(struct reading *r, const struct column *c, struct str s, void *row) {
    if (s.n && !str_is(s, "yes") && !str_is(s, "no")) BAD(r, c, "is neither yes nor no");
    else put_number(row, c, str_is(s, "yes"));
}

static void read_words(struct reading *r, const struct column *c, struct str s, void *row) {
    if (memmem(s.p, s.n, "，", strlen("，")) || memmem(s.p, s.n, "、", strlen("、")))
        BAD(r, c, "words are parted by \",\", not by \"，\" or \"、\"");
    else read_text(r, c, s, row);
}

static void read_date(struct reading *r, const struct column *c, struct str s, void *row) {
    int32_t day = 0;
    if (s.n && (!date_parse(s, &day) || day <= 0)) BAD(r, c, "is not a date like 2026-11-24");
    else put_number(row, c, day);
}

/* Beijing time. */
static void read_minute(struct reading *r, const struct column *c, struct str s, void *row) {
    enum { DATE = 10, WHOLE = 16 };
    char text[TIME_TEXT_MAX];
    int64_t us = 0;
    bool good = s.n == WHOLE && s.p[DATE] == ' ';
    if (good) {
        int n = snprintf(text, sizeof text, "%.*sT%.*s:00+08:00", DATE, s.p, WHOLE - DATE - 1, s.p + DATE + 1);
        good = time_parse((struct str){text, (size_t)n}, &us);
    }
    if (good) put_number(row, c, us);
    else BAD(r, c, "is not a time like 2026-11-24 08:30, in Beijing");
}

/* Kept as it is spelt one way. */
static void read_address(struct reading *r, const struct column *c, struct str s, void *row) {
    struct str spelt = address_spelling(r->problems->arena, s);
    if (!spelt.p) r->problems->failed = true;
    else if (utf8_count(spelt) < ADDRESS_MIN) BAD(r, c, "is too short: it would stand in every text");
    else if ((int64_t)utf8_count(s) > c->max) read_text(r, c, s, row);
    else put_text(row, c, spelt);
}

static void read_outline(struct reading *r, const struct column *c, struct str s, void *row) {
    struct outline o;
    const char *why = outline_parse(s, r->problems->arena, &o);
    if (why) BAD(r, c, "%s", why);
    else put_text(row, c, s);
}

static void read_number(struct reading *r, const struct column *c, struct str s, void *row) {
    int64_t n = IMPORT_NO_NUMBER;
    if (s.n && !num_i64(s, -c->max, c->max, &n))
        BAD(r, c, "is not a whole number from -%lld to %lld", (long long)c->max, (long long)c->max);
    else put_number(row, c, n);
}

static void (*const readers[])(struct reading *, const struct column *, struct str, void *) = {
    [CELL_TEXT] = read_text,       [CELL_CODE] = read_code,     [CELL_WORD] = read_word,
    [CELL_LNG] = read_degrees,     [CELL_LAT] = read_degrees,   [CELL_DURATION] = read_duration,
    [CELL_MOBILE] = read_mobile,   [CELL_YES_NO] = read_yes_no, [CELL_WORDS] = read_words,
    [CELL_DATE] = read_date,       [CELL_MINUTE] = read_minute, [CELL_ADDRESS] = read_address,
    [CELL_OUTLINE] = read_outline, [CELL_NUMBER] = read_number,
};

static void read_cell(struct reading *r, const struct column *c, struct str s, void *row) {
    if (!utf8_valid(s)) BAD(r, c, "is not valid UTF-8");
    else if (!utf8_is_text(s))
        BAD(r, c, "holds a control character, a byte order mark or a character that changes the writing direction");
    else if (utf8_trim(s).n != s.n) BAD(r, c, "has white space at its start or end");
    else if (!s.n && c->required) BAD(r, c, "is empty");
    else readers[c->type](r, c, s, row);
}

/* ---- lines ---- */

static struct str next_line(struct str *text) {
    const char *end = memchr(text->p, '\n', text->n);
    size_t n = end ? (size_t)(end - text->p) : text->n, skip = end ? n + 1 : n;
    struct str line = {text->p, n};
    *text = (struct str){text->p + skip, text->n - skip};
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    return line;
}

/* Returns how many cells there are; keeps at most COLUMNS_MAX. */
static size_t split(struct str line, struct str cells[COLUMNS_MAX]) {
    for (size_t n = 0;; n++) {
        const char *tab = memchr(line.p, '\t', line.n);
        size_t length = tab ? (size_t)(tab - line.p) : line.n;
        if (n < COLUMNS_MAX) cells[n] = (struct str){line.p, length};
        if (!tab) return n + 1;
        line = (struct str){tab + 1, line.n - length - 1};
    }
}

/* How many columns it names; 0 when they aren't the format's. */
static size_t header_columns(const struct format *f, struct str line) {
    struct str cells[COLUMNS_MAX];
    size_t n = split(line, cells);
    bool fits = n >= f->needed && n <= f->count;
    for (size_t i = 0; fits && i < n; i++) fits = str_is(cells[i], f->columns[i].name);
    return fits ? n : 0;
}

static void complain_header(struct reading *r, const struct format *f, struct str line) {
    struct buf b;
    buf_init(&b, r->problems->arena, 1000);
    for (size_t i = 0; i < f->count; i++) buf_printf(&b, "%s%s", i ? " TAB " : "", f->columns[i].name);
    bool mark = line.n >= 3 && memcmp(line.p, "\xEF\xBB\xBF", 3) == 0;
    import_complain(r->problems, r->file, 1, NULL, "%sthe first line must be: %.*s",
                    mark ? "save it without a byte order mark; " : "", (int)buf_str(&b).n, buf_str(&b).p);
}

/* What a cell means that is missing or could not be read. */
static void prepare_row(const struct format *f, void *row) {
    for (size_t i = 0; i < f->count; i++) {
        const struct column *c = &f->columns[i];
        if (c->type == CELL_WORD) put_number(row, c, c->max);
        else if (c->type == CELL_NUMBER) put_number(row, c, IMPORT_NO_NUMBER);
        else if (c->type != CELL_LNG && c->type != CELL_LAT && c->type != CELL_YES_NO && c->type != CELL_DATE &&
                 c->type != CELL_MINUTE)
            put_text(row, c, STR(""));
    }
}

static void read_line(struct reading *r, const struct format *f, struct str line, void *row) {
    struct str cells[COLUMNS_MAX];
    size_t n = split(line, cells), before = r->problems->n;
    prepare_row(f, row);
    if (n != r->columns) {
        import_complain(r->problems, r->file, r->line, NULL, "has %zu columns where %zu are needed", n, r->columns);
        n = n < r->columns ? n : r->columns;
    }
    for (size_t i = 0; i < n; i++) read_cell(r, &f->columns[i], cells[i], row);
    const int64_t head[] = {r->line, (int64_t)(r->problems->n - before)};
    memcpy(row, head, sizeof head);
}

static size_t count_lines(struct str text) {
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

void import_parse(enum import_file file, struct str text, struct import_data *data, struct import_problems *p,
                  struct arena *a) {
    const struct format *f = &formats[file];
    struct import_table *t = &data->tables[file];
    struct reading r = {.file = file, .line = 1, .problems = p};
    *t = (struct import_table){.present = true, .rows = arena_array(a, count_lines(text), f->row_size)};
    if (!t->rows) {
        p->failed = true;
        return;
    }
    struct str header = next_line(&text);
    r.columns = header_columns(f, header);
    if (!r.columns) {
        complain_header(&r, f, header);
        t->broken = true;
        return;
    }
    while (text.n) {
        struct str line = next_line(&text);
        r.line++;
        if (line.n && line.p[0] != '#') read_line(&r, f, line, (char *)t->rows + t->n++ * f->row_size);
    }
}
