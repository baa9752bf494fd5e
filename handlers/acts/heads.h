/* Audit heads: signed Merkle roots over the MACs of all sequenced entries, kept in the database and in a file outside
 * of it.
 *
 * The tree is that of RFC 6962: leaf = SHA-256(0x00 ‖ seq ‖ mac), node = SHA-256(0x01 ‖ left ‖ right). Each head covers
 * the next range of seq and, by its signature (Ed25519, key "head"), the root before it; so no head can be left out or
 * put in later. */
#ifndef MINHU_HEADS_H
#define MINHU_HEADS_H

#include "base/arena.h"
#include "base/rc.h"
#include "base/str.h"
#include "db/db.h"

#include <stdint.h>

/* ---- the tree ---- */

/* Takes any number of leaves in constant memory. */
struct merkle {
    uint64_t leaves;
    uint8_t level[64][32]; /* the full subtrees so far: one of 2^i leaves where bit i of leaves is set */
};

/* All return false only when the digest fails. */
bool merkle_leaf(struct str data, uint8_t out[32]) MUST_USE;
bool merkle_add(struct merkle *m, const uint8_t leaf[32]) MUST_USE;
/* Of no leaves: the digest of nothing. */
bool merkle_root(const struct merkle *m, uint8_t root[32]) MUST_USE;
bool head_leaf(int64_t seq, const uint8_t mac[32], uint8_t out[32]) MUST_USE;

/* ---- heads ---- */

struct head {
    int64_t n, first_seq, last_seq, at; /* at: microseconds, whole seconds */
    uint8_t root[32], previous[32];     /* previous: the root of head n-1; zero for the first */
    uint8_t signature[64];
};

enum { HEAD_LINE_MAX = 640 };

bool head_sign(const uint8_t seed[32], struct head *h) MUST_USE;
bool head_holds(const uint8_t public_key[32], const struct head *h) MUST_USE;
/* As the file has it: one JSON object, without the newline. Returns its length, 0 when it doesn't fit. */
size_t head_format(const struct head *h, char out[HEAD_LINE_MAX]);
/* False unless it is exactly what head_format writes. */
bool head_parse(struct str line, struct arena *a, struct head *h);
/* From a row, whose root before is told. False when the row's signature has another length. */
bool head_from_row(const struct row_audit_head *row, const uint8_t previous[32], struct head *h);

/* ---- over the database ---- */

/* The root over the entries first..last as the database has them now. *missing: the first seq that isn't there, or is
 * there twice, else 0; the root is then of no use. keep, called now and then with arg, may stop it by another rc than
 * RC_OK; NULL: nothing. Resets a. */
enum rc heads_root(struct db *db, struct arena *a, int64_t first, int64_t last, enum rc (*keep)(void *arg), void *arg,
                   uint8_t root[32], int64_t *missing) MUST_USE;

#endif
