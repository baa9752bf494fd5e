/* Writes: one transaction with the answer of its Idempotency-Key in it, so that a repeat gets the first answer again. */
#ifndef MINHU_WRITE_H
#define MINHU_WRITE_H

#include "app.h"

/* Does the work in the open transaction and writes the whole answer into res. May run several times: res is emptied before. */
typedef enum rc write_fn(struct request *req, struct response *res, struct act *act, void *arg);

/* Runs fn so that it happens once for a key: replays (Idempotent-Replayed: true), RC_OTHER_BODY, RC_KEY_RUNNING. */
enum rc write_run(struct request *req, struct response *res, write_fn *fn, void *arg) MUST_USE;

#endif
