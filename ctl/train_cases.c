/* minhuctl train: reads past cases, and judges guesses of their categories. */
#include "train.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 << 20, COLUMNS_MAX = 32, LINES_TOLD = 20, CONFUSED_SHOWN = 12 };

/* ---- reading ---- */

enum column { CATEGORY, TITLE, TEXT, COLUMN__COUNT };
static const char *const column_names[COLUMN__COUNT] = {"category", "title", "text"};

struct reader {
    const char *path;
    size_t line, faults;
    int place[COLUMN__COUNT]; /* the column's number, or -1 */
};

static struct str cut(struct str *rest, char at) {
    const char *end = rest->n ? memchr(rest->p, at, rest->n) : NULL;
    struct str first = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t skip = first.n + (end ? 1 : 0);
    *rest = (struct str){rest->p + skip, rest->n - skip};
    return first;
}

static struct str cut_line(struct str *rest) {
    struct str line = cut(rest, '\n');
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    return line;
}

static void tell(struct reader *r, const char *why) {
    if (r->faults++ < LINES_TOLD) ctl_fail(EX_DATAERR, "%s:%zu: %s", r->path, r->line, why);
}

static bool read_header(struct reader *r, struct str line) {
    for (int i = 0; i < COLUMN__COUNT; i++) r->place[i] = -1;
    for (int at = 0; at < COLUMNS_MAX && line.n; at++) {
        struct str name = cut(&line, '\t');
        for (int i = 0; i < COLUMN__COUNT; i++)
            if (str_is(name, column_names[i])) r->place[i] = at;
    }
    if (r->place[CATEGORY] >= 0 && r->place[TEXT] >= 0) return true;
    tell(r, "the first line must name the columns category and text; title may be there too");
    return false;
}

static const char *read_row(const struct reader *r, struct str line, struct case_row *row) {
    struct str cells[COLUMN__COUNT] = {STR(""), STR(""), STR("")};
    if (!utf8_valid(line)) return "it is not valid UTF-8";
    for (int at = 0; at < COLUMNS_MAX && line.n; at++) {
        struct str cell = cut(&line, '\t');
        for (int i = 0; i < COLUMN__COUNT; i++)
            if (r->place[i] == at) cells[i] = utf8_trim(cell);
    }
    *row = (struct case_row){.category = cells[CATEGORY], .title = cells[TITLE], .text = cells[TEXT]};
    if (!row->category.n || row->category.n >= CLASSIFIER_CODE_MAX) return "a category is 1 to 63 bytes long";
    if (!row->title.n && !row->text.n) return "there is no text";
    return row->title.n + row->text.n > MESSAGE_MAX ? "the text is too long" : NULL;
}

static size_t count_lines(struct str text) {
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

static int read_file(const char *path, struct str text, struct case_row *rows, size_t *n) {
    struct reader r = {.path = path, .line = 1};
    if (!read_header(&r, cut_line(&text))) return EX_DATAERR;
    while (text.n) {
        struct str line = cut_line(&text);
        r.line++;
        if (!line.n || line.p[0] == '#') continue;
        const char *why = read_row(&r, line, &rows[*n]);
        if (why) tell(&r, why);
        else ++*n;
    }
    return r.faults ? ctl_fail(EX_DATAERR, "%s: %zu bad line%s", path, r.faults, r.faults == 1 ? "" : "s") : EX_OK;
}

static int by_category(const void *a, const void *b) {
    const struct str *x = a, *y = b;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

static bool number_categories(struct arena *a, struct cases *cs) {
    struct str *all = arena_array(a, cs->n + 1, sizeof *all);
    cs->codes = arena_array(a, CLASSIFIER_CATEGORIES, sizeof *cs->codes);
    if (!all || !cs->codes) return false;
    for (size_t i = 0; i < cs->n; i++) all[i] = cs->rows[i].category;
    qsort(all, cs->n, sizeof *all, by_category);
    for (size_t i = 0; i < cs->n; i++) {
        if (i && str_eq(all[i - 1], all[i])) continue;
        if (cs->categories == CLASSIFIER_CATEGORIES) return false;
        all[cs->categories] = all[i];
        memcpy(cs->codes[cs->categories++], all[i].p, all[i].n);
    }
    for (size_t i = 0; i < cs->n; i++) {
        struct str *known = bsearch(&cs->rows[i].category, all, cs->categories, sizeof *all, by_category);
        cs->rows[i].label = (uint32_t)(known - all);
    }
    return true;
}

int cases_read(struct ctl *c, const struct case_files *files, struct cases *out) {
    *out = (struct cases){0};
    int code = EX_OK;
    size_t lines = 0;
    struct str *texts = arena_array(c->arena, files->n, sizeof *texts);
    for (size_t i = 0; i < files->n && texts; i++) {
        const char *why = ctl_read_file(c, files->paths[i], FILE_MAX, &texts[i]);
        if (why) return ctl_fail(EX_NOINPUT, "%s: %s", files->paths[i], why);
        lines += count_lines(texts[i]);
    }
    if (lines > TRAIN_ROWS_MAX) return ctl_fail(EX_DATAERR, "at most %d cases can be taken", TRAIN_ROWS_MAX);
    out->rows = arena_array(c->arena, lines + 1, sizeof *out->rows);
    if (!texts || !out->rows) return ctl_fail(EX_OSERR, "no memory");
    for (size_t i = 0; i < files->n; i++) {
        int bad = read_file(files->paths[i], texts[i], out->rows, &out->n);
        if (bad != EX_OK) code = bad;
        if (i < files->judged) out->judged = out->n;
    }
    if (code != EX_OK) return code;
    if (!out->judged) return ctl_fail(EX_DATAERR, "there is no case in the files");
    return number_categories(c->arena, out)
               ? EX_OK
               : ctl_fail(EX_DATAERR, "there are more than %d categories", CLASSIFIER_CATEGORIES);
}

/* ---- judging ---- */

bool judged_init(struct arena *a, struct judged *j, const struct cases *cases) {
    *j = (struct judged){.cases = cases};
    j->guess = arena_array(a, cases->judged, sizeof *j->guess);
    j->probability = arena_array(a, cases->judged, sizeof *j->probability);
    return j->guess && j->probability;
}

bool judge(struct arena *a, struct judged *j) {
    const struct cases *cs = j->cases;
    struct tally {
        size_t is, guessed, right;
    } *by = arena_array(a, cs->categories, sizeof *by);
    if (!by) return false;
    size_t right = 0, sure = 0, sure_right = 0, seen = 0;
    for (size_t i = 0; i < cs->judged; i++) {
        uint32_t is = cs->rows[i].label, guess = j->guess[i];
        bool good = is == guess, certain = j->probability[i] >= CLASSIFIER_SURE;
        right += good;
        sure += certain;
        sure_right += good && certain;
        by[is].is++;
        by[is].right += good;
        by[guess].guessed++;
    }
    j->accuracy = (double)right / (double)cs->judged;
    j->sure_share = (double)sure / (double)cs->judged;
    j->sure_accuracy = sure ? (double)sure_right / (double)sure : 0;
    j->macro_f1 = 0;
    for (size_t k = 0; k < cs->categories; k++) {
        if (!by[k].is) continue; /* nothing was asked about it */
        j->macro_f1 += 2 * (double)by[k].right / (double)(by[k].is + by[k].guessed);
        seen++;
    }
    j->macro_f1 /= (double)seen;
    return true;
}

struct confused {
    size_t times, is, guess;
};

static int most_first(const void *a, const void *b) {
    const struct confused *x = a, *y = b;
    if (x->times != y->times) return x->times < y->times ? 1 : -1;
    return x->is != y->is ? (x->is > y->is) - (x->is < y->is) : (x->guess > y->guess) - (x->guess < y->guess);
}

void judged_print_confused(struct arena *a, const struct judged *j) {
    const struct cases *cs = j->cases;
    size_t pairs = cs->categories * cs->categories;
    struct confused *all = arena_array(a, pairs, sizeof *all);
    if (!all) return;
    for (size_t i = 0; i < pairs; i++)
        all[i] = (struct confused){.is = i / cs->categories, .guess = i % cs->categories};
    for (size_t i = 0; i < cs->judged; i++)
        if (cs->rows[i].label != j->guess[i]) all[cs->rows[i].label * cs->categories + j->guess[i]].times++;
    qsort(all, pairs, sizeof *all, most_first);
    if (all[0].times) puts("confused most often (times, is, was taken for):");
    for (size_t i = 0; i < pairs && i < CONFUSED_SHOWN && all[i].times; i++)
        printf("%6zu  %s  %s\n", all[i].times, cs->codes[all[i].is], cs->codes[all[i].guess]);
}
