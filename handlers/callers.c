/* Principals: residents and staff by session token, third parties by API key. */
#include "callers.h"

#include "address.h"
#include "base/timefmt.h"
#include "base/token.h"
#include "shared.h"

#include <stddef.h>

/* Where a caller's row comes from, and what every kind of row has: whose it is, and until when it counts (0: for ever). */
#define CALLER(row) \
    { ST_##row, &row_type_##row, offsetof(struct row_##row, id), offsetof(struct row_##row, expires_at) }
static const struct caller_kind {
    enum statement statement;
    const struct db_row_type *type;
    size_t id, expires_at;
} kinds[ENTRY__MAX] = {
    [ENTRY_ZLB] = CALLER(resident_caller),
    [ENTRY_ZZD] = CALLER(staff_caller),
    [ENTRY_OPEN] = CALLER(client_caller),
};

void callers_forget(const uint8_t person_id[16]) {
    if (shared_here) caller_forget(&shared_here->callers, person_id);
}

/* ---- finding the row ---- */

static int64_t expires_at(int entry, const void *row) {
    int64_t us;
    memcpy(&us, (const char *)row + kinds[entry].expires_at, sizeof us);
    return us;
}

static void *remembered(struct request *req, int entry, const uint8_t hash[32]) {
    uint64_t value[CALLER_WORDS];
    size_t n = caller_find(&shared_here->callers, hash, req->now_us, value);
    return n ? row_unpack(kinds[entry].type, value, n, req->arena) : NULL;
}

static void remember(const struct request *req, int entry, const uint8_t hash[32], uint64_t epoch, const void *row) {
    uint64_t value[CALLER_WORDS];
    int64_t until = req->now_us + app_of(req)->settings->recheck_seconds * SECOND_US;
    size_t n = row_pack(kinds[entry].type, row, value, sizeof value);
    const uint8_t *owner = (const uint8_t *)row + kinds[entry].id;
    if (n) caller_keep(&shared_here->callers, epoch, hash, owner, until, value, n);
}

static enum rc find_row(struct request *req, int entry, const uint8_t hash[32], void **row) {
    bool caching = shared_here && app_of(req)->settings->recheck_seconds > 0;
    *row = caching ? remembered(req, entry, hash) : NULL;
    if (*row) return RC_OK;
    uint64_t epoch = caching ? caller_epoch(&shared_here->callers) : 0;
    struct db_value values[] = {v_hash(hash), v_time(req->now_us)};
    size_t count = strlen(db_statement(kinds[entry].statement)->params);
    enum rc rc = db_row(thread_of(req)->db, kinds[entry].statement, values, count, req->arena, row);
    if (rc == RC_OK && *row && caching) remember(req, entry, hash, epoch, *row);
    return rc;
}

/* ---- what the row says ---- */

static enum rc resident_principal(struct request *req, void *found, struct principal *p) {
    const struct row_resident_caller *row = found;
    (void)req;
    p->asker.kind = ACTOR_RESIDENT;
    memcpy(p->asker.id, row->id, 16);
    memcpy(p->session_id, row->session_id, 16);
    p->resident = row;
    return RC_OK;
}

static enum rc staff_principal(struct request *req, void *found, struct principal *p) {
    const struct row_staff_caller *row = found;
    (void)req;
    p->asker.kind = ACTOR_STAFF;
    memcpy(p->asker.id, row->id, 16);
    memcpy(p->asker.post_id, row->post_id, 16);
    p->asker.role = (enum role)row->role;
    p->asker.unit = unit_by_id(app_district(), row->unit_id);
    memcpy(p->session_id, row->session_id, 16);
    p->staff = row;
    return p->asker.unit ? RC_OK : RC_NO_POST;
}

static enum rc check_address(struct str allowed, struct str from, struct arena *a) {
    struct address_list *list = ARENA_NEW(a, struct address_list);
    char *text = arena_dup(a, allowed), error[100];
    struct address address;
    if (!list || !text) return RC_INTERNAL;
    bool there = address_list_parse(text, list, error, sizeof error) && address_parse(from, &address) &&
                 address_list_has(list, &address);
    return there ? RC_OK : RC_ADDRESS;
}

static enum rc client_principal(struct request *req, void *found, struct principal *p) {
    const struct row_client_caller *row = found;
    enum rc rc = row->addresses.n ? check_address(row->addresses, req->address, req->arena) : RC_OK;
    if (rc != RC_OK) return rc;
    p->asker.kind = ACTOR_CLIENT;
    memcpy(p->asker.id, row->id, 16);
    memcpy(p->session_id, row->key_id, 16);
    p->client = row;
    return RC_OK;
}

static enum rc (*const principals[ENTRY__MAX])(struct request *, void *, struct principal *) = {
    [ENTRY_ZLB] = resident_principal, [ENTRY_ZZD] = staff_principal, [ENTRY_OPEN] = client_principal};

/* A link of a part. Never remembered: few call by one, and a revoked one ends at once. */
static enum rc guest(struct request *req, const uint8_t hash[32]) {
    struct row_guest_caller *row;
    struct principal *p = ARENA_NEW(req->arena, struct principal);
    enum rc rc = db_row(thread_of(req)->db, ST_guest_caller, DB_VALUES(v_hash(hash), v_time(req->now_us)), req->arena,
                        &row);
    if (rc != RC_OK || !p) return rc == RC_OK ? RC_INTERNAL : rc;
    if (!row) return RC_BAD_TOKEN;
    p->asker.kind = ACTOR_GUEST;
    p->asker.part = row->part_n;
    memcpy(p->asker.id, row->id, 16);
    memcpy(p->session_id, row->id, 16);
    p->guest = row;
    req->principal = p;
    return RC_OK;
}

enum rc callers_authenticate(struct request *req) {
    int entry = app_of(req)->entry;
    const char *prefix = entry == ENTRY_OPEN ? "mhk_" : "mha_";
    uint8_t secret[32], hash[32];
    void *row;
    if (!req->bearer.p) return RC_NO_TOKEN;
    bool by_link = entry == ENTRY_OPEN && token_parse(req->bearer, "mhp_", secret);
    if (!by_link && !token_parse(req->bearer, prefix, secret)) return RC_BAD_TOKEN;
    if (!app_district()) return RC_UNAVAILABLE;
    if (by_link) return token_hash(req->bearer, hash) ? guest(req, hash) : RC_INTERNAL;
    struct principal *p = ARENA_NEW(req->arena, struct principal);
    if (!p || !token_hash(req->bearer, hash)) return RC_INTERNAL;
    enum rc rc = find_row(req, entry, hash, &row);
    if (rc != RC_OK) return rc;
    if (!row || (expires_at(entry, row) && expires_at(entry, row) <= req->now_us)) return RC_BAD_TOKEN;
    req->principal = p;
    return principals[entry](req, row, p);
}
