/* Commitments, chain MACs and audit lines. */
#include "acts/audit.h"

#include "base/crypto.h"
#include "base/uuid.h"

/* Numbers as 8 bytes big endian, so that a content is the same bytes on every machine. */
static struct str number_part(int64_t n, uint8_t store[8]) {
    uint64_t u = (uint64_t)n;
    for (int i = 7; i >= 0; i--, u >>= 8) store[i] = (uint8_t)u;
    return (struct str){(const char *)store, 8};
}

static struct str bytes_part(const uint8_t *p, size_t n) { return (struct str){(const char *)p, n}; }
static struct str text_part(struct str s) { return s.p ? s : (struct str){"", 0}; }

enum { EVENT_NUMBERS = 15 };

/* In the earlier form, that of schema 4, numbers and client_id have no part. */
enum { EVENT_PARTS = EVENT_NUMBERS + 8, EARLIER_PARTS = EVENT_NUMBERS + 6 };

static bool commit_to(const struct row_event *e, const uint8_t content[32], size_t part_count, uint8_t out[32]) {
    const int64_t numbers[EVENT_NUMBERS] = {
        e->n,          e->action,        e->from_state, e->to_state,     e->version,
        e->actor_kind, e->actor_unit_id, e->unit_id,    e->from_unit_id, e->reason_id,
        e->detail,     e->public,        e->notify,     e->at,           1};
    uint8_t store[EVENT_NUMBERS][8];
    struct str parts[EVENT_PARTS];
    for (int i = 0; i < EVENT_NUMBERS; i++) parts[i] = number_part(numbers[i], store[i]);
    parts[EVENT_NUMBERS] = bytes_part(e->appeal_id, 16);
    parts[EVENT_NUMBERS + 1] = bytes_part(e->actor_id, 16);
    parts[EVENT_NUMBERS + 2] = bytes_part(e->target_id, 16);
    parts[EVENT_NUMBERS + 3] = text_part(e->text);
    parts[EVENT_NUMBERS + 4] = text_part(e->address);
    parts[EVENT_NUMBERS + 5] = bytes_part(content, 32);
    parts[EVENT_NUMBERS + 6] = text_part(e->numbers);
    parts[EVENT_NUMBERS + 7] = bytes_part(e->client_id, 16);
    return hmac_sha256_parts(bytes_part(e->salt, 16), parts, part_count, out);
}

static bool chain(const struct keyring *keys, const struct row_event *e, const uint8_t before[32], uint8_t out[32]) {
    const uint8_t *key = keyring_key(keys, "audit");
    uint8_t n[8];
    struct str parts[] = {bytes_part(before, 32), bytes_part(e->appeal_id, 16), number_part(e->n, n),
                          bytes_part(e->commitment, 32)};
    return key && hmac_sha256_parts(bytes_part(key, 32), parts, 4, out);
}

enum rc audit_chain_event(const struct keyring *keys, struct row_event *e, const uint8_t before[32],
                          const uint8_t content[32]) {
    return commit_to(e, content, EVENT_PARTS, e->commitment) && chain(keys, e, before, e->mac) ? RC_OK : RC_INTERNAL;
}

static bool holds(const struct keyring *keys, const struct row_event *e, const uint8_t before[32],
                  const uint8_t content[32], size_t part_count) {
    uint8_t commitment[32], mac[32];
    return commit_to(e, content, part_count, commitment) && ct_equal(commitment, e->commitment, 32) &&
           chain(keys, e, before, mac) && ct_equal(mac, e->mac, 32);
}

bool audit_event_holds(const struct keyring *keys, const struct row_event *e, const uint8_t before[32],
                       const uint8_t content[32]) {
    return holds(keys, e, before, content, EVENT_PARTS);
}

bool audit_event_is_earlier(const struct keyring *keys, const struct row_appeal *a, const struct row_event *e,
                            const uint8_t before[32]) {
    uint8_t content[32] = {0};
    if (e->n == 1 && !audit_content_digest(a, NULL, content)) return false;
    return holds(keys, e, before, content, EARLIER_PARTS);
}

/* ---- whole rows ---- */

enum { COLUMNS_MAX = 128 };

/* What is NULL, 0 or empty has no part: a column that comes later, and is nothing in the rows that are there, changes none. */
static struct str member_part(const struct db_column *c, const char *row, uint8_t store[8]) {
    static const uint8_t nothing[32];
    const char *at = row + c->offset;
    size_t n = c->type == DB_HASH ? 32 : 16;
    if (c->type == DB_TEXT) {
        struct str text;
        memcpy(&text, at, sizeof text);
        return text_part(text);
    }
    if (c->type == DB_ID || c->type == DB_HASH) return (struct str){at, memcmp(at, nothing, n) ? n : 0};
    int64_t number;
    memcpy(&number, at, sizeof number);
    return number ? number_part(number, store) : STR("");
}

/* HMAC over the table's name and the name and value of every member but mac. */
static bool row_mac(struct str key, const struct db_row_type *t, const void *row, uint8_t out[32]) {
    uint8_t store[COLUMNS_MAX][8];
    struct str parts[1 + 2 * COLUMNS_MAX] = {str_of(t->name)};
    size_t n = 1;
    if (t->count > COLUMNS_MAX) return false;
    for (size_t i = 0; i < t->count; i++) {
        struct str value = member_part(&t->columns[i], row, store[i]);
        if (!value.n || strcmp(t->columns[i].name, "mac") == 0) continue;
        parts[n++] = str_of(t->columns[i].name);
        parts[n++] = value;
    }
    return hmac_sha256_parts(key, parts, n, out);
}

bool audit_appeal_mac(const struct keyring *keys, const struct row_appeal *a, uint8_t out[32]) {
    const uint8_t *key = keyring_key(keys, "audit");
    return key && row_mac(bytes_part(key, 32), &row_type_appeal, a, out);
}

bool audit_appeal_holds(const struct keyring *keys, const struct row_appeal *a) {
    uint8_t mac[32];
    return audit_appeal_mac(keys, a, mac) && ct_equal(mac, a->mac, 32);
}

bool audit_part_mac(const struct keyring *keys, const struct row_part *p, uint8_t out[32]) {
    const uint8_t *key = keyring_key(keys, "audit");
    return key && row_mac(bytes_part(key, 32), &row_type_part_alone, p, out);
}

bool audit_part_holds(const struct keyring *keys, const struct row_part *p) {
    uint8_t mac[32];
    return audit_part_mac(keys, p, mac) && ct_equal(mac, p->mac, 32);
}

bool audit_meeting_mac(const struct keyring *keys, const struct row_meeting *m, uint8_t out[32]) {
    const uint8_t *key = keyring_key(keys, "audit");
    return key && row_mac(bytes_part(key, 32), &row_type_meeting, m, out);
}

bool audit_meeting_holds(const struct keyring *keys, const struct row_meeting *m) {
    uint8_t mac[32];
    return audit_meeting_mac(keys, m, mac) && ct_equal(mac, m->mac, 32);
}

enum rc audit_appeal_untouched(const struct keyring *keys, const struct row_appeal *a, bool *untouched) {
    uint8_t mac[32];
    if (!audit_appeal_mac(keys, a, mac)) return RC_INTERNAL;
    *untouched = ct_equal(mac, a->mac, 32);
    return RC_OK;
}

enum rc audit_part_untouched(const struct keyring *keys, const struct row_part *p, bool *untouched) {
    uint8_t mac[32];
    if (!audit_part_mac(keys, p, mac)) return RC_INTERNAL;
    *untouched = ct_equal(mac, p->mac, 32);
    return RC_OK;
}

enum rc audit_meeting_untouched(const struct keyring *keys, const struct row_meeting *m, bool *untouched) {
    uint8_t mac[32];
    if (!audit_meeting_mac(keys, m, mac)) return RC_INTERNAL;
    *untouched = ct_equal(mac, m->mac, 32);
    return RC_OK;
}

bool audit_ruling_mac(const struct keyring *keys, const struct row_ruling *r, uint8_t out[32]) {
    const uint8_t *key = keyring_key(keys, "audit");
    return key && row_mac(bytes_part(key, 32), &row_type_ruling, r, out);
}

bool audit_ruling_holds(const struct keyring *keys, const struct row_ruling *r) {
    uint8_t mac[32];
    return audit_ruling_mac(keys, r, mac) && ct_equal(mac, r->mac, 32);
}

bool audit_ledger_digest(const struct row_ledger_entry *line, uint8_t out[32]) {
    return row_mac(STR("minhu row"), &row_type_ledger_entry, line, out);
}

bool audit_photo_digest(const struct row_attachment *photo, uint8_t photos[32]) {
    uint8_t both[64];
    memcpy(both, photos, 32);
    return row_mac(STR("minhu row"), &row_type_attachment, photo, both + 32) && sha256(both, sizeof both, photos);
}

bool audit_content_digest(const struct row_appeal *a, const uint8_t photos[32], uint8_t out[32]) {
    uint8_t store[6][8];
    struct str parts[] = {a->number,
                          number_part(a->channel, store[0]),
                          number_part(a->kind, store[1]),
                          text_part(a->title),
                          text_part(a->text),
                          text_part(a->external_id),
                          bytes_part(a->client_id, 16),
                          text_part(a->reporter_name),
                          text_part(a->reporter_phone),
                          number_part(a->about_unit_id, store[2]),
                          number_part(a->withheld, store[3]),
                          number_part(a->first_unit_id, store[4]),
                          number_part(a->submitted_at, store[5]),
                          bytes_part(photos, 32),
                          a->form};
    size_t n = sizeof parts / sizeof *parts - 1;
    /* Without answers it is as it was before there were any; before photos were covered there were none. */
    return hmac_sha256_parts(STR("minhu appeal"), parts, photos ? n + (a->form.n > 0) : n - 1, out);
}

static bool line_mac(const struct keyring *keys, const struct row_audit_line *l, uint8_t out[32]) {
    const uint8_t *key = keyring_key(keys, "audit");
    uint8_t store[3][8];
    struct str parts[] = {bytes_part(l->id, 16),
                          number_part(l->action, store[0]),
                          number_part(l->actor_kind, store[1]),
                          bytes_part(l->actor_id, 16),
                          bytes_part(l->object_id, 16),
                          text_part(l->text),
                          number_part(l->at, store[2]),
                          text_part(l->address)};
    return key && hmac_sha256_parts(bytes_part(key, 32), parts, sizeof parts / sizeof *parts, out);
}

bool audit_line_holds(const struct keyring *keys, const struct row_audit_line *line) {
    uint8_t mac[32];
    return line_mac(keys, line, mac) && ct_equal(mac, line->mac, 32);
}

enum rc audit_write(struct act *act, enum audit_action action, const uint8_t object_id[16], const char *text) {
    struct row_audit_line l = {.action = action,
                               .actor_kind = act->asker.kind,
                               .text = str_of(text),
                               .at = act->now_us,
                               .address = act->address};
    memcpy(l.actor_id, act->asker.id, 16);
    memcpy(l.object_id, object_id, 16);
    if (!uuid_make(act->now_us, l.id) || !line_mac(act->keys, &l, l.mac)) return RC_INTERNAL;
    return db_run(act->db, ST_audit_insert,
                  DB_VALUES(v_id(l.id), v_int(l.action), v_int(l.actor_kind), v_id(l.actor_id), v_id(l.object_id),
                            v_text(l.text), v_time(l.at), v_text(text_part(l.address)), v_hash(l.mac)),
                  NULL);
}
