/* A view that staff keep. An input that begins with "{" is the body that makes one: what is accepted can be kept, reads back the
 * same and is looked for as it was then. Any other is what is in the database, maybe by another release: it makes no list fail. */
#include "../unit/district_fixture.h"
#include "base/json_read.h"
#include "filters.h"
#include "fuzz.h"
#include "object.h"

enum { MEMORY = 8 << 20, KEPT_MAX = 1000 /* staff_view.filters */ };

static struct arena arena;
static struct district district;

/* For app_district, which the linker gives to nobody here: no worker runs. */
const struct district *__wrap_app_district(void);
const struct district *__wrap_app_district(void) { return &district; }

static void check_search(const struct search *s) {
    CHECK(s->terms.n <= TERM_GROUPS_MAX);
    for (size_t i = 0; i < s->terms.n; i++) CHECK(s->terms.groups[i].n > 0 && s->terms.groups[i].n <= TERM_ANY_MAX);
    CHECK(!s->has_box || (s->west <= s->east && s->south <= s->north));
}

static void check_written(const struct query_filters *f) {
    struct buf out;
    struct json_out w;
    struct json_value *root;
    buf_init(&out, &arena, MEMORY);
    jw_init(&w, &out);
    jw_begin_object(&w);
    filters_write(&w, f);
    jw_end_object(&w);
    CHECK(!out.failed && json_parse(buf_str(&out), FILTER__MAX + 1, &root, &arena) == RC_OK);
    for (size_t i = 0; i < FILTER__MAX; i++) CHECK(json_at(root, schema_filters.fields[i].name, NULL));
}

/* Both ask for the same, apart from what lies in no millisecond. */
static bool same_search(const struct search *a, const struct search *b) {
    bool same = a->terms.n == b->terms.n && a->days == b->days && a->has_box == b->has_box &&
                a->from_us / 1000 == b->from_us / 1000 && a->until_us / 1000 == b->until_us / 1000 &&
                a->west == b->west && a->south == b->south && a->east == b->east && a->north == b->north;
    for (size_t i = 0; same && i < a->terms.n; i++) {
        const struct term_group *x = &a->terms.groups[i], *y = &b->terms.groups[i];
        same = x->n == y->n && memcmp(x->any, y->any, x->n * sizeof *x->any) == 0;
    }
    return same;
}

static void check_kept(struct str text, const struct query_filters *as, const struct search *search) {
    struct query_filters kept;
    struct search again;
    CHECK(filters_unpack(&arena, text, &kept) == RC_OK);
    object_check(&schema_filters, &kept);
    check_written(&kept);
    CHECK(filters_kept_search(&district, &kept, &again) == RC_OK);
    check_search(&again);
    if (as) CHECK(object_same(&schema_filters, as, &kept) && same_search(search, &again));
}

static void make(struct str text) {
    struct request req = {.arena = &arena};
    struct body_view in;
    struct search search;
    violations_init(&req.violations, &arena);
    enum rc rc = json_read(text, &schema_view, &in, &req.violations, &arena);
    CHECK(rc != RC_INTERNAL);
    if (rc != RC_OK) return;
    const struct query_filters f = {.seen = in.seen >> 1, .filters = in.filters};
    rc = filters_search(&req, "/", &f.filters, f.seen, &search);
    CHECK(rc == RC_OK || rc == RC_INVALID);
    CHECK((rc == RC_INVALID) == (req.violations.count > 0));
    violations_check(&req.violations);
    if (rc != RC_OK) return;
    check_search(&search);
    struct str packed = filters_pack(&arena, &f.filters, f.seen);
    CHECK(packed.p && packed.n <= KEPT_MAX);
    check_kept(packed, &f, &search);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str text = {(const char *)data, size};
    arena_init(&arena, MEMORY);
    district = fixture_district();
    if (size && *data == '{') make(text);
    else if (size <= KEPT_MAX) check_kept(text, NULL, NULL);
    arena_free(&arena);
    return 0;
}
