/* The worker as an application: what all its threads share, what each has for itself, and who is asking. */
#ifndef MINHU_APP_H
#define MINHU_APP_H

#include "acts/act.h"
#include "acts/reference.h"
#include "acts/sessions.h"
#include "acts/settings.h"
#include "http.h"

/* Shared by all threads, read-only after start. */
struct app {
    const struct settings *settings;
    const struct keyring *keys;
    struct db_config db;
    struct zlb_config zlb;
    struct zzd_config zzd;
    struct zzd_tokens *zzd_tokens; /* the only part that changes; locks itself */
    struct token_lives lives;
    int entry; /* enum of settings.h */
};

/* One handler thread's own. */
struct thread {
    const struct app *app;
    struct db *db;
    struct http_client http; /* usable when has_http */
    bool has_http;
};

/* Who is asking, as the token or key said. */
struct principal {
    struct asker asker;
    uint8_t session_id[16];                     /* or the API key's id */
    const struct row_resident_caller *resident; /* one of these four */
    const struct row_staff_caller *staff;
    const struct row_client_caller *client;
    const struct row_guest_caller *guest;
    const struct unit *limit_unit; /* third parties: the unit they are bound to, NULL for none */
};

/* Reads the reloadable settings again, on SIGHUP; set by main.c. */
extern void (*app_reload)(const void *app);

const struct server_app *app_server(const struct app *app, const struct route *routes, size_t count);

static inline const struct app *app_of(const struct request *req) { return req->app; }
static inline struct thread *thread_of(const struct request *req) { return req->thread; }
static inline const struct principal *principal_of(const struct request *req) { return req->principal; }
/* The district in use; NULL before it could be loaded (then nothing but meta is served). */
const struct district *app_district(void);

/* An act for this request's caller (asker zeroed when there is none), on this thread's connection. */
struct act act_for(const struct request *req);
/* Takes an act's texts over into the request and returns rc, for `return act_result(req, &act, rc)`. */
enum rc act_result(struct request *req, const struct act *act, enum rc rc);

/* A call to a host app may start: at most so many wait in this process at once, while spare threads serve in their place. Every host_call_begin that was true needs its end,
 * from which the request has its whole time with the database. */
bool host_call_begin(const struct app *app);
void host_call_end(const struct request *req);
/* The thread's HTTP client; NULL when memory is used up. */
struct http_client *thread_http(const struct request *req);

#endif
