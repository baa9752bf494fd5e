/* Sessions: token families. Access and refresh tokens of a generation are derived (HMAC of the family and the generation), so
 * that a lost answer can be given again without being stored. */
#ifndef MINHU_SESSIONS_H
#define MINHU_SESSIONS_H

#include "acts/act.h"
#include "base/token.h"

enum session_kind { SESSION_RESIDENT = 1, SESSION_STAFF = 2 };

struct token_lives {
    int64_t access_seconds, refresh_seconds, grace_seconds;
};

struct session_tokens {
    uint8_t session_id[16];
    char access[TOKEN_TEXT + 1], refresh[TOKEN_TEXT + 1];
};

/* Within a transaction: opens a session for a person (and, for staff, a post). agent is cut to 200 bytes. */
enum rc session_open(struct act *act, enum session_kind kind, const uint8_t person_id[16], const uint8_t post_id[16],
                     struct str agent, const struct token_lives *lives, struct session_tokens *out) MUST_USE;
/* Within a transaction: the next generation, or within the grace the same successor again. *reused tells that a spent token came
 * late: the family is revoked then, the caller must commit (RC_OK) and answer RC_BAD_TOKEN. */
enum rc session_refresh(struct act *act, enum session_kind kind, struct str refresh, const struct token_lives *lives,
                        struct session_tokens *out, bool *reused) MUST_USE;
/* Ends one of the asker's own sessions, or all. RC_NOT_FOUND for another's. */
enum rc session_revoke(struct act *act, enum session_kind kind, const uint8_t session_id[16]) MUST_USE;
enum rc session_revoke_all(struct act *act, enum session_kind kind) MUST_USE;

#endif
