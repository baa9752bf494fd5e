/* minhuctl train --export: what staff chose or confirmed, and what was handled to its end, as cases to learn from. */
#include "train.h"

#include "base/utf8.h"

#include <string.h>

/* Fewer than can be learnt from, so that a corpus has its place beside them. */
enum { CASES_MAX = 40000, PAGE = 500, PAGE_MEMORY = 32 << 20, EXPORT_MAX = 256 << 20 };
enum { EXPORT_MODE = 0600 /* texts may name people */ };
_Static_assert((int)CASES_MAX < (int)TRAIN_ROWS_MAX, "what is exported can be learnt from");

struct exporting {
    struct ctl *c;
    const struct row_category *categories;
    size_t category_count;
    struct buf out;
    struct arena arena; /* of a page */
    uint8_t before[16];
    size_t page, cases, by_staff;
};

/* Who handled a matter to its end under a category has confirmed it, whoever had found it. Followers say what their lead says. */
static bool is_settled(const struct row_case *r) {
    if (r->state == STATE_WITHDRAWN || r->state == STATE_REJECTED || r->state == STATE_MERGED) return false;
    return r->classified_by == CLASSIFIED_BY_STAFF || r->state == STATE_RESOLVED || r->state == STATE_CLOSED;
}

static const struct row_category *category_of(const struct exporting *e, int64_t id) {
    for (size_t i = 0; i < e->category_count; i++)
        if (e->categories[i].id == id) return e->categories[i].active ? &e->categories[i] : NULL;
    return NULL;
}

static char on_one_line(char c) { return c == '\n' || c == '\t' || c == '\r' ? ' ' : c; }

/* A title that the text begins with was made from it, and no reporter's. */
static bool is_from_text(struct str title, struct str text) {
    text = utf8_trim(text);
    if (title.n > text.n) return false;
    for (size_t i = 0; i < title.n; i++)
        if (title.p[i] != on_one_line(text.p[i])) return false;
    return true;
}

static void add_cell(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.n; i++) buf_add_char(b, on_one_line(s.p[i]));
}

static void take_case(struct exporting *e, const struct row_case *r) {
    const struct row_category *category = is_settled(r) ? category_of(e, r->category_id) : NULL;
    if (!category || e->cases == CASES_MAX) return;
    buf_add_str(&e->out, category->code);
    buf_add_char(&e->out, '\t');
    if (!is_from_text(r->title, r->text)) add_cell(&e->out, r->title);
    buf_add_char(&e->out, '\t');
    add_cell(&e->out, r->text);
    buf_add_char(&e->out, '\n');
    e->cases++;
    e->by_staff += r->classified_by == CLASSIFIED_BY_STAFF;
}

static enum rc export_page(struct exporting *e) {
    struct row_case *rows;
    arena_reset(&e->arena);
    enum rc rc = db_rows(e->c->db, ST_cases_before, DB_VALUES(v_id(e->before), v_int(PAGE)), &e->arena, &rows,
                         &e->page);
    for (size_t i = 0; rc == RC_OK && i < e->page; i++) take_case(e, &rows[i]);
    if (rc == RC_OK && e->page) memcpy(e->before, rows[e->page - 1].id, 16);
    return rc == RC_OK && e->out.failed ? RC_INTERNAL : rc;
}

int cases_export(struct ctl *c, const char *path) {
    struct exporting e = {.c = c};
    struct row_category *categories;
    int code = ctl_need_db(c);
    if (code != EX_OK) return code;
    buf_init(&e.out, c->arena, EXPORT_MAX);
    buf_add_z(&e.out, "category\ttitle\ttext\n");
    memset(e.before, 0xff, sizeof e.before);
    arena_init(&e.arena, PAGE_MEMORY);
    enum rc rc = db_rows(c->db, ST_categories, NULL, 0, c->arena, &categories, &e.category_count);
    e.categories = categories;
    do {
        if (rc == RC_OK) rc = export_page(&e);
    } while (rc == RC_OK && e.page == PAGE && e.cases < CASES_MAX);
    arena_free(&e.arena);
    if (rc != RC_OK) return ctl_fail_rc("train", rc, NULL);
    const char *why = train_write(c, path, EXPORT_MODE, buf_str(&e.out));
    if (why) return ctl_fail(EX_CANTCREAT, "%s: %s", path, why);
    printf("%zu cases, %zu of them with a category that staff chose or confirmed\n", e.cases, e.by_staff);
    return EX_OK;
}
