/* The Merkle tree, a head's signature and line, and the walk over the entries in the order of seq. */
#include "acts/heads.h"

#include "base/crypto.h"
#include "base/encode.h"
#include "base/json_read.h"
#include "base/num.h"
#include "base/timefmt.h"

#include <stdio.h>

enum { PAGE = 2000, LEAF_DATA = 8 + 32 };

static void put_number(int64_t n, uint8_t out[8]) {
    uint64_t u = (uint64_t)n;
    for (int i = 7; i >= 0; i--, u >>= 8) out[i] = (uint8_t)u;
}

/* ---- the tree ---- */

bool merkle_leaf(struct str data, uint8_t out[32]) {
    uint8_t bytes[1 + 256] = {0};
    if (data.n > 256) return false;
    if (data.n) memcpy(bytes + 1, data.p, data.n);
    return sha256(bytes, 1 + data.n, out);
}

static bool node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32]) {
    uint8_t bytes[65] = {1};
    memcpy(bytes + 1, left, 32);
    memcpy(bytes + 33, right, 32);
    return sha256(bytes, sizeof bytes, out);
}

bool merkle_add(struct merkle *m, const uint8_t leaf[32]) {
    uint8_t hash[32];
    int i = 0;
    memcpy(hash, leaf, 32);
    for (; m->leaves >> i & 1; i++)
        if (!node(m->level[i], hash, hash)) return false;
    memcpy(m->level[i], hash, 32);
    m->leaves++;
    return true;
}

bool merkle_root(const struct merkle *m, uint8_t root[32]) {
    if (!m->leaves) return sha256("", 0, root);
    bool begun = false;
    for (int i = 0; i < 64; i++) {
        if (!(m->leaves >> i & 1)) continue;
        if (!begun) memcpy(root, m->level[i], 32);
        else if (!node(m->level[i], root, root)) return false;
        begun = true;
    }
    return true;
}

bool head_leaf(int64_t seq, const uint8_t mac[32], uint8_t out[32]) {
    uint8_t data[LEAF_DATA];
    put_number(seq, data);
    memcpy(data + 8, mac, 32);
    return merkle_leaf((struct str){(const char *)data, sizeof data}, out);
}

/* ---- heads ---- */

static const char title[] = "minhu audit head 1";
enum { SIGNED = sizeof title + 4 * 8 + 2 * 32 };

static void to_sign(const struct head *h, uint8_t out[SIGNED]) {
    uint8_t *p = out;
    memcpy(p, title, sizeof title);
    p += sizeof title;
    const int64_t numbers[] = {h->n, h->first_seq, h->last_seq, h->at};
    for (int i = 0; i < 4; i++, p += 8) put_number(numbers[i], p);
    memcpy(p, h->root, 32);
    memcpy(p + 32, h->previous, 32);
}

bool head_sign(const uint8_t seed[32], struct head *h) {
    uint8_t bytes[SIGNED];
    to_sign(h, bytes);
    return ed25519_sign(seed, (struct str){(const char *)bytes, SIGNED}, h->signature);
}

bool head_holds(const uint8_t public_key[32], const struct head *h) {
    uint8_t bytes[SIGNED];
    to_sign(h, bytes);
    return ed25519_verify(public_key, (struct str){(const char *)bytes, SIGNED}, h->signature);
}

size_t head_format(const struct head *h, char out[HEAD_LINE_MAX]) {
    char root[65], previous[65], signature[129], at[TIME_TEXT_MAX];
    hex_encode(h->root, 32, root);
    hex_encode(h->previous, 32, previous);
    hex_encode(h->signature, 64, signature);
    time_format_beijing(h->at, 0, at);
    int n = snprintf(out, HEAD_LINE_MAX,
                     "{\"n\":%lld,\"first_seq\":%lld,\"last_seq\":%lld,\"at\":\"%s\",\"root\":\"%s\",\"previous\":\"%"
                     "s\",\"signature\":\"%s\"}",
                     (long long)h->n, (long long)h->first_seq, (long long)h->last_seq, at, root, previous, signature);
    return n > 0 && n < HEAD_LINE_MAX ? (size_t)n : 0;
}

static bool read_number(const struct json_value *root, const char *name, int64_t *out) {
    const struct json_value *v = json_at(root, name, NULL);
    return v && v->kind == JSON_NUMBER && num_i64(v->text, 1, INT64_MAX, out);
}

static bool read_hex(const struct json_value *root, const char *name, uint8_t *out, size_t n) {
    struct str text = json_text(json_at(root, name, NULL));
    return text.p && hex_decode(text, out, n);
}

/* Written again it must be the same bytes: nothing hides in a line that isn't signed. */
bool head_parse(struct str line, struct arena *a, struct head *h) {
    struct json_value *root;
    char again[HEAD_LINE_MAX];
    *h = (struct head){0};
    if (line.n >= HEAD_LINE_MAX || json_parse(line, 16, &root, a) != RC_OK) return false;
    struct str at = json_text(json_at(root, "at", NULL));
    if (!read_number(root, "n", &h->n) || !read_number(root, "first_seq", &h->first_seq) ||
        !read_number(root, "last_seq", &h->last_seq) || !at.p || !time_parse(at, &h->at) ||
        !read_hex(root, "root", h->root, 32) || !read_hex(root, "previous", h->previous, 32) ||
        !read_hex(root, "signature", h->signature, 64))
        return false;
    size_t n = head_format(h, again);
    return n && str_eq((struct str){again, n}, line);
}

bool head_from_row(const struct row_audit_head *row, const uint8_t previous[32], struct head *h) {
    if (row->signature.n != 64) return false;
    *h = (struct head){.n = row->n, .first_seq = row->first_seq, .last_seq = row->last_seq, .at = row->at};
    memcpy(h->root, row->root, 32);
    memcpy(h->previous, previous, 32);
    memcpy(h->signature, row->signature.p, 64);
    return true;
}

/* ---- over the database ---- */

/* A page of one of the two tables, from the first entry that isn't in the tree yet. */
static enum rc read_page(struct db *db, struct arena *a, enum statement st, int64_t after, int64_t last,
                         struct row_sequenced_mac **rows, size_t *n) {
    return db_rows(db, st, DB_VALUES(v_int(after), v_int(last), v_int(PAGE)), a, rows, n);
}

/* Merges both pages while the next seq is in one of them; *next moves on. */
static bool merge(struct merkle *m, const struct row_sequenced_mac *x, size_t nx, const struct row_sequenced_mac *y,
                  size_t ny, int64_t *next) {
    size_t i = 0, k = 0;
    for (;;) {
        bool event = i < nx && x[i].seq == *next, line = k < ny && y[k].seq == *next;
        uint8_t leaf[32];
        if (event == line) return true; /* in neither; or, a forgery, in both */
        const uint8_t *mac = event ? x[i++].mac : y[k++].mac;
        if (!head_leaf(*next, mac, leaf) || !merkle_add(m, leaf)) return false;
        *next += 1;
    }
}

enum rc heads_root(struct db *db, struct arena *a, int64_t first, int64_t last, enum rc (*keep)(void *arg), void *arg,
                   uint8_t root[32], int64_t *missing) {
    struct merkle m = {0};
    int64_t next = first;
    *missing = 0;
    while (next <= last) {
        struct row_sequenced_mac *events, *lines;
        size_t n, k;
        int64_t before = next;
        arena_reset(a);
        enum rc rc = read_page(db, a, ST_event_macs, next - 1, last, &events, &n);
        if (rc == RC_OK) rc = read_page(db, a, ST_line_macs, next - 1, last, &lines, &k);
        if (rc == RC_OK && keep) rc = keep(arg);
        if (rc != RC_OK) return rc;
        if (!merge(&m, events, n, lines, k, &next)) return RC_INTERNAL;
        if (next == before) {
            *missing = next;
            return RC_OK;
        }
    }
    return merkle_root(&m, root) ? RC_OK : RC_INTERNAL;
}
