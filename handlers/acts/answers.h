/* Idempotency: what was answered to a key, kept sealed for 24 hours, written in the transaction of the work itself. */
#ifndef MINHU_ANSWERS_H
#define MINHU_ANSWERS_H

#include "acts/act.h"

/* Whose key for which operation, and what was asked. */
struct answer_key {
    uint8_t caller_id[16]; /* resident, staff or client */
    const char *operation;
    uint8_t key_hash[16], body_hash[32];
};

struct answer {
    int status;
    struct str text; /* as the caller of answer_keep made it */
};

bool answer_key_make(struct answer_key *k, const uint8_t caller_id[16], const char *operation, struct str key,
                     struct str path, struct str version, struct str body);
/* RC_OK with found true when it was answered before; RC_OTHER_BODY when the key was used for something else. */
enum rc answer_find(struct act *act, const struct answer_key *k, bool *found, struct answer *out) MUST_USE;
/* Within the work's transaction. RC_CONFLICT: somebody was faster with the same key. A status of 0 only claims the key, for what is
 * done in more than one transaction; then answer_finish keeps its answer, unless (*kept false) somebody did before. */
enum rc answer_keep(struct act *act, const struct answer_key *k, const struct answer *answer) MUST_USE;
enum rc answer_finish(struct act *act, const struct answer_key *k, const struct answer *answer, bool *kept) MUST_USE;

enum { ANSWER_HOURS = 24 };

#endif
