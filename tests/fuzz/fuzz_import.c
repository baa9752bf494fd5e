/* The files of an import. The input is several, each each begun by a byte FF and one that chooses which; what stands before the first is tried
 * as every one.
 * Whatever they say, each fault has its place, what is left fits together, and the same text says the same. */
#include "acts/import.h"
#include "fuzz.h"

#include <string.h>

enum { MEMORY = 64 << 20 };

static struct arena arena;

static size_t lines_of(struct str text) {
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

static void check_problems(const struct import_problems *p, const struct str texts[IMPORT__MAX]) {
    CHECK(!p->failed);
    for (size_t i = 0; i < p->n; i++) {
        const struct import_problem *one = &p->list[i];
        CHECK((size_t)one->file < IMPORT__MAX && texts[one->file].p && one->reason[0] && one->column >= 0);
        CHECK(one->line >= 0 && one->line <= (int64_t)lines_of(texts[one->file]));
    }
}

/* Every row starts with its line and how many of its cells are bad. */
static void check_rows(const struct import_table *t, struct str text, size_t row_size) {
    int64_t before = 1;
    CHECK(!t->broken || t->n == 0);
    for (size_t i = 0; i < t->n && row_size; i++) {
        const int64_t *head = (const int64_t *)(const void *)((const char *)t->rows + i * row_size);
        CHECK(head[0] > before && head[0] <= (int64_t)lines_of(text) && head[1] >= 0);
        before = head[0];
    }
}

static const size_t row_sizes[IMPORT__MAX] = {
    [IMPORT_UNITS] = sizeof(struct import_unit),
    [IMPORT_PLACES] = sizeof(struct import_place),
    [IMPORT_CATEGORIES] = sizeof(struct import_category),
    [IMPORT_ROUTES] = sizeof(struct import_route),
    [IMPORT_CLOCKS] = sizeof(struct import_clock),
    [IMPORT_GROUPS] = sizeof(struct import_group),
    [IMPORT_TAGS] = sizeof(struct import_tag),
    [IMPORT_AREAS] = sizeof(struct import_area),
    [IMPORT_ROTA] = sizeof(struct import_rota),
    [IMPORT_FORMS] = sizeof(struct import_form_question),
    [IMPORT_FORM_CHOICES] = sizeof(struct import_form_choice),
};

static size_t try_files(const struct str texts[IMPORT__MAX]) {
    struct import_problems p = {.arena = &arena};
    struct import_data data = {0};
    const struct import_known nothing = {0};
    for (enum import_file file = 0; file < IMPORT__MAX; file++) {
        if (!texts[file].p) continue;
        import_parse(file, texts[file], &data, &p, &arena);
        check_rows(&data.tables[file], texts[file], row_sizes[file]);
    }
    size_t read = p.n;
    CHECK(import_check(&nothing, &data, &p, &arena));
    CHECK(p.n >= read);
    import_sort_problems(&p);
    check_problems(&p, texts);
    for (size_t i = 1; i < p.n; i++)
        CHECK(p.list[i - 1].file < p.list[i].file ||
              (p.list[i - 1].file == p.list[i].file && p.list[i - 1].line <= p.list[i].line));
    return p.n;
}

/* What stands before the next mark, which no text can hold; past it, where there is one. */
static struct str cut(struct str *left) {
    const char *end = left->n ? memchr(left->p, 0xFF, left->n) : NULL;
    struct str part = {left->p, end ? (size_t)(end - left->p) : left->n};
    *left = (struct str){part.p + part.n + (end != NULL), left->n - part.n - (end != NULL)};
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str texts[IMPORT__MAX] = {{NULL, 0}}, left = {(const char *)data, size}, alone = cut(&left);
    arena_init(&arena, MEMORY);
    for (int file = 0; alone.n && file < IMPORT__MAX; file++) {
        texts[file] = alone;
        try_files(texts);
        texts[file] = (struct str){NULL, 0};
        arena_reset(&arena);
    }
    while (left.n) {
        struct str part = cut(&left);
        if (part.n > 1) texts[(unsigned char)part.p[0] % IMPORT__MAX] = (struct str){part.p + 1, part.n - 1};
    }
    size_t faults = try_files(texts);
    CHECK(try_files(texts) == faults);
    arena_free(&arena);
    return 0;
}
