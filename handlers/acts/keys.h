/* Third parties' API keys: made, renewed and revoked by the operator. Only a key's hash is kept; its text is shown
 * once. */
#ifndef MINHU_KEYS_H
#define MINHU_KEYS_H

#include "acts/act.h"
#include "base/token.h"

/* What a key may do; the numbers are stored and are those that routes ask for. */
enum key_scope { KEY_SCOPE_POST = 1, KEY_SCOPE_READ = 2, KEY_SCOPE_FEED = 4 };
/* What routes ask for that links of parts are for (links.h), and no key. */
enum { KEY_SCOPE_PART = 8 };
enum { KEY_SCOPES = 3, KEYS_LIVE_MAX = 2, KEY_OVERLAP_SECONDS = 86400 };
/* Bit i is named key_scope_names[i]. */
extern const char *const key_scope_names[KEY_SCOPES];

struct key_request {
    struct str client; /* its name; made when there is none */
    enum channel channel;
    uint32_t scopes;
    struct str units, addresses;       /* comma-separated; empty: all */
    int64_t per_minute, expires_at_us; /* 0: never */
};
struct key_made {
    uint8_t id[16];
    char text[TOKEN_TEXT + 1];
};

/* All within a transaction; the texts of a failure are in act. */

/* RC_LIMIT_REACHED when the client has KEYS_LIVE_MAX live keys; RC_CONFLICT when it comes by another channel. */
enum rc key_create(struct act *act, const struct key_request *r, struct key_made *made) MUST_USE;
/* A key like the one with this id, which itself lives KEY_OVERLAP_SECONDS more at most. */
enum rc key_rotate(struct act *act, const uint8_t id[16], struct key_made *made) MUST_USE;
enum rc key_revoke(struct act *act, const uint8_t id[16]) MUST_USE;

/* "192.0.2.1, 2001:db8::/32": NULL when all are addresses or networks without host bits, else what is wrong, in the
 * arena. */
const char *key_addresses_fault(struct str list, struct arena *a);

#endif
