/* The product's settings: one ini file for the worker, the jobs and minhuctl; the table of keys is settings.c. */
#ifndef MINHU_SETTINGS_H
#define MINHU_SETTINGS_H

#include "base/arena.h"
#include "acts/act.h"
#include "base/config.h"
#include "db/db.h"
#include "hosts/zlb.h"
#include "hosts/zzd.h"
#include "rules/clock.h"

#include <stdio.h>

enum { ENTRY_ZLB, ENTRY_ZZD, ENTRY_OPEN, ENTRY__MAX };

/* What each entry's worker pool has for itself. */
struct entry_settings {
    int64_t processes, threads, address_per_minute, address_burst, principal_per_minute, principal_burst;
};

struct settings {
    bool production, sandbox;
    const char *path; /* of the file itself */
    struct config_sources sources;
    const char *run_folder, *log_file, *upload_folder, *head_file, *data_folder, *key_file, *socket_group, *work_hours,
        *classifier_model;
    int log_level;
    const char *db_hosts, *db_socket, *db_user, *db_password, *db_name, *db_tls_ca;
    int64_t db_connect_seconds, db_io_seconds, db_lock_wait_seconds, db_statement_seconds, db_request_seconds,
        db_busy_statements;
    bool accept_weak_durability;
    int64_t idle_seconds, io_seconds, drain_seconds, connections_max, request_memory_mb;
    const char *trusted_proxies, *cors_origins;
    bool gateway_flatten;
    struct entry_settings entries[ENTRY__MAX];
    int64_t host_calls_max, host_seconds;
    const char *zlb_gateway, *zlb_access_key, *zlb_secret_key, *zlb_app_id, *zlb_ticket_component, *zlb_user_component,
        *zlb_token_component, *zlb_info_component, *zlb_sms_component, *zlb_connect_to, *zlb_sms_sign_code;
    const char *zzd_host, *zzd_connect_to, *zzd_app_key, *zzd_app_secret, *zzd_tenant_id, *zzd_message_url,
        *zzd_qr_app_key, *zzd_qr_app_secret;
    int64_t notice_gather_seconds, notice_batch_gap_seconds, notice_daily_max;
    const char *answer_within_text, *contact_within_text, *silent_within_text;
    struct handling handling;
    int64_t classifier_sure_percent;
    int64_t access_seconds, refresh_seconds, grace_seconds, recheck_seconds;
};

/* Reads and checks the file; all errors go to errors with file and line. In production mode stand-in addresses (loopback hosts,
 * plain http), sample keys and demonstration secrets are errors too. NULL on failure; lives in the arena. */
struct settings *settings_load(const char *path, struct arena *a, FILE *errors);
void settings_print_sample(FILE *out);
/* What the database needs of them; points into s. */
struct db_config settings_db(const struct settings *s);
/* What the host clients need; points into s. */
struct zlb_config settings_zlb(const struct settings *s);
struct zzd_config settings_zzd(const struct settings *s);
/* Entry by name ("zlb", "zzd", "open"), or -1. */
int settings_entry(const char *name);
extern const char *const entry_names[ENTRY__MAX + 1];

#endif
