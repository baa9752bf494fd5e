/* The table of keys, and what production mode refuses. */
#include "acts/settings.h"

#include <string.h>

/* Where make install puts them. */
#ifdef MINHU_DATADIR
#define DATA_FOLDER MINHU_DATADIR
#else
#define DATA_FOLDER "/usr/share/minhu"
#endif

#define AT(member) offsetof(struct settings, member)
#define TEXT(section, name, member, standard, help) \
    { section, name, C_TEXT, AT(member), 0, 1000, standard, NULL, false, false, help }
#define SECRET(section, name, member, standard, help) \
    { section, name, C_TEXT, AT(member), 0, 1000, standard, NULL, false, true, help }
/* Issued by a host app: there is no default, and an empty one is none. */
#define ISSUED(section, name, member, secret, help) \
    { section, name, C_TEXT, AT(member), 1, 1000, NULL, NULL, false, secret, help }
#define PATH(section, name, member, standard, help) \
    { section, name, C_PATH, AT(member), 0, 1000, standard, NULL, false, false, help }
#define INT(section, name, member, min, max, standard, help) \
    { section, name, C_INT, AT(member), min, max, standard, NULL, false, false, help }
#define LIVE(section, name, member, min, max, standard, help) \
    { section, name, C_INT, AT(member), min, max, standard, NULL, true, false, help }
#define ENTRY(name, index) \
    INT(name, "processes", entries[index].processes, 1, 64, "2", "worker processes of this entry"), \
        INT(name, "threads", entries[index].threads, 1, 256, "16", \
            "handler threads a process, each with one database connection"), \
        LIVE(name, "address_per_minute", entries[index].address_per_minute, 0, 10000000, "600", \
             "requests a minute from one address; 0: no limit"), \
        LIVE(name, "address_burst", entries[index].address_burst, 1, 1000000, "200", "… and at once"), \
        LIVE(name, "principal_per_minute", entries[index].principal_per_minute, 0, 10000000, "240", \
             "requests a minute of one signed-in person; 0: no limit"), \
        LIVE(name, "principal_burst", entries[index].principal_burst, 1, 1000000, "60", "… and at once")

const char *const entry_names[ENTRY__MAX + 1] = {"zlb", "zzd", "open", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

static const struct config_key keys[] = {
    {"minhu", "production", C_BOOL, AT(production), 0, 0, "on", NULL, false, false,
     "refuses stand-ins, sample keys and a database that may lose acknowledged work"},
    {"minhu", "sandbox", C_BOOL, AT(sandbox), 0, 0, "on", NULL, false, false,
     "worker processes and jobs can't start programs, nor reach other files and ports than they need"},
    PATH("minhu", "run_folder", run_folder, "/run/minhu", "sockets of the workers"),
    PATH("minhu", "log_file", log_file, "", "empty: standard error"),
    {"minhu", "log_level", C_ENUM, AT(log_level), 0, 0, "info", levels, true, false, "debug, info, warn or error"},
    PATH("minhu", "upload_folder", upload_folder, "/var/lib/minhu/files", "photos, by content"),
    PATH("minhu", "head_file", head_file, "/var/lib/minhu/audit-heads",
         "the signed audit heads, one line a minute; copy it off this machine"),
    PATH("minhu", "data_folder", data_folder, DATA_FOLDER, "migrations and other data of the product"),
    PATH("minhu", "key_file", key_file, "/etc/minhu/keys", "made by minhuctl init"),
    PATH("minhu", "classifier_model", classifier_model, "",
         "made by minhuctl train or init; a new file is taken over at once; empty: no classifier"),
    TEXT("minhu", "socket_group", socket_group, "", "group that nginx runs in; empty: unchanged"),
    TEXT("minhu", "work_hours", work_hours, CALENDAR_HOURS_DEFAULT, "hours of a working day"),
    TEXT("database", "hosts", db_hosts, "", "host:port, comma-separated, the writer first; empty: the socket"),
    PATH("database", "socket", db_socket, "/run/mysqld/mysqld.sock", "Unix socket of the server"),
    TEXT("database", "user", db_user, "minhu", "account"),
    SECRET("database", "password", db_password, "", "its password; file:PATH reads it from a file"),
    TEXT("database", "name", db_name, "minhu", "database"),
    PATH("database", "tls_ca", db_tls_ca, "",
         "certificate authority of a server elsewhere; its certificate is checked"),
    INT("database", "connect_seconds", db_connect_seconds, 1, 60, "2", "longest wait for a connection"),
    INT("database", "io_seconds", db_io_seconds, 1, 60, "4", "longest wait for an answer"),
    INT("database", "lock_wait_seconds", db_lock_wait_seconds, 1, 50, "1", "longest wait for a row lock"),
    INT("database", "statement_seconds", db_statement_seconds, 0, 60, "4", "longest run of a statement; 0: no limit"),
    INT("database", "busy_statements", db_busy_statements, 0, 10000, "8",
        "with more than this under way, jobs that nobody waits for give way; 0: never"),
    INT("database", "request_seconds", db_request_seconds, 1, 60, "4",
        "a request that the database holds up for longer is answered 503"),
    {"database", "accept_weak_durability", C_BOOL, AT(accept_weak_durability), 0, 0, "off", NULL, false, false,
     "serve although the server may lose acknowledged work"},
    INT("server", "idle_seconds", idle_seconds, 5, 3600, "75",
        "an idle connection of nginx is closed after this; longer than nginx's own"),
    INT("server", "io_seconds", io_seconds, 1, 300, "10", "longest silence of nginx within a request"),
    INT("server", "drain_seconds", drain_seconds, 1, 300, "10", "how long SIGTERM waits for requests under way"),
    INT("server", "connections_max", connections_max, 16, 65536, "4096", "kept connections a process"),
    INT("server", "request_memory_mb", request_memory_mb, 1, 256, "24", "most memory one request may use"),
    {"server", "trusted_proxies", C_TEXT, AT(trusted_proxies), 0, 1000, "", NULL, true, false,
     "addresses and networks of gateways in front, whose X-Forwarded-For counts"},
    {"server", "cors_origins", C_TEXT, AT(cors_origins), 0, 1000, "", NULL, true, false,
     "origins of the host apps' pages, comma-separated"},
    {"server", "gateway_flatten", C_BOOL, AT(gateway_flatten), 0, 0, "off", NULL, true, false,
     "by-name calls always answer 200; the real status is inside"},
    ENTRY("zlb", ENTRY_ZLB),
    ENTRY("zzd", ENTRY_ZZD),
    ENTRY("open", ENTRY_OPEN),
    INT("hosts", "calls_max", host_calls_max, 1, 64, "4",
        "sign-ins a process may have waiting at a host app; each has a thread and a database connection more"),
    INT("hosts", "seconds", host_seconds, 1, 30, "5", "longest wait for a host app's answer"),
    TEXT("zheliban", "gateway", zlb_gateway, "https://ibcdsg.zj.gov.cn:8443", "component gateway"),
    ISSUED("zheliban", "access_key", zlb_access_key, false, "issued to the application"),
    ISSUED("zheliban", "secret_key", zlb_secret_key, true, "issued to the application"),
    TEXT("zheliban", "app_id", zlb_app_id, "", "issued to the application, for the WeChat way"),
    TEXT("zheliban", "ticket_component", zlb_ticket_component, "IC33000020220228000002",
         "ticket validation (App, Alipay)"),
    TEXT("zheliban", "user_component", zlb_user_component, "IC33000020220228000004", "user information (App, Alipay)"),
    TEXT("zheliban", "token_component", zlb_token_component, "IC33000020220329000007", "ticket to token (WeChat)"),
    TEXT("zheliban", "info_component", zlb_info_component, "IC33000020220329000008", "user information (WeChat)"),
    TEXT("zheliban", "sms_component", zlb_sms_component, "IC33000020220322000001", "text messages"),
    TEXT("zheliban", "connect_to", zlb_connect_to, "", "address to connect to instead of the gateway's own"),
    TEXT("zheliban", "sms_sign_code", zlb_sms_sign_code, "", "sign code of text messages; empty: none"),
    TEXT("zhezhengding", "host", zzd_host, "https://openplatform-pro.ding.zj.gov.cn", "open platform"),
    TEXT("zhezhengding", "connect_to", zzd_connect_to, "", "address to connect to instead of the host's own"),
    ISSUED("zhezhengding", "app_key", zzd_app_key, false, "issued to the application"),
    ISSUED("zhezhengding", "app_secret", zzd_app_secret, true, "issued to the application"),
    TEXT("zhezhengding", "tenant_id", zzd_tenant_id, "196729", "tenant"),
    TEXT("zhezhengding", "qr_app_key", zzd_qr_app_key, "", "of the application for QR sign-in; empty: the same"),
    SECRET("zhezhengding", "qr_app_secret", zzd_qr_app_secret, "", "of the application for QR sign-in"),
    TEXT("zhezhengding", "message_url", zzd_message_url, "", "page that a work notice opens; empty: none"),
    INT("notices", "gather_seconds", notice_gather_seconds, 0, 86400, "600",
        "how long a person's notices are gathered into one message"),
    INT("notices", "batch_gap_seconds", notice_batch_gap_seconds, 0, 3600, "600",
        "wait after the host refused a message for its limits"),
    INT("notices", "daily_max", notice_daily_max, 1, 100, "90", "most messages a person and day"),
    TEXT(
        "appeals", "answer_within", answer_within_text, "5wd",
        "how long a question to the resident stops the clocks at most: 5wd is five working days, 48h hours round the clock"),
    TEXT(
        "appeals", "contact_within", contact_within_text, "8wh",
        "when the reporter has to be called first, from acceptance on, what is urgent sooner: 8wh is eight working hours"),
    TEXT("appeals", "silent_within", silent_within_text, "5wd",
         "how long the reporter may hear nothing before the holder is reminded"),
    INT("appeals", "extension_days_max", handling.extension_days_max, 1, 60, "10",
        "the most working days that an extension may give"),
    INT("appeals", "suspension_days_max", handling.suspension_days_max, 1, 730, "90",
        "the most days that a suspension may last"),
    INT("appeals", "classifier_sure_percent", classifier_sure_percent, 51, 100, "90",
        "a category guessed at least so surely is taken; else a dispatcher chooses"),
    INT("tokens", "access_seconds", access_seconds, 60, 86400, "1800", "life of an access token"),
    INT("tokens", "refresh_seconds", refresh_seconds, 3600, 31536000, "2592000", "life of a refresh token"),
    INT("tokens", "grace_seconds", grace_seconds, 0, 600, "60",
        "a spent refresh token gives the same successor again for so long"),
    INT("tokens", "recheck_seconds", recheck_seconds, 0, 60, "10",
        "a token or key found good is looked up again after this; 0: at each request"),
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

/* What only a place without the real hosts has. */
static bool is_stand_in(const char *url) {
    return strncmp(url, "https://", 8) != 0 || strstr(url, "127.0.0.1") || strstr(url, "localhost") ||
           strstr(url, "[::1]");
}

static bool check_production(const struct settings *s, const char *path, FILE *errors) {
    const struct {
        const char *what, *value;
        bool bad;
    } checks[] = {
        {"zheliban gateway", s->zlb_gateway, is_stand_in(s->zlb_gateway)},
        {"zhezhengding host", s->zzd_host, is_stand_in(s->zzd_host)},
        {"zheliban access_key", s->zlb_access_key, strstr(s->zlb_access_key, "demo") != NULL},
        {"zhezhengding app_key", s->zzd_app_key, strstr(s->zzd_app_key, "demo") != NULL},
    };
    bool good = true;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].bad) {
            fprintf(errors, "%s: production mode refuses the stand-in or sample value \"%s\" of %s\n", path,
                    checks[i].value, checks[i].what);
            good = false;
        }
    if (s->accept_weak_durability) {
        fprintf(errors, "%s: production mode refuses accept_weak_durability\n", path);
        good = false;
    }
    if (!s->sandbox) {
        fprintf(errors, "%s: production mode refuses sandbox = off\n", path);
        good = false;
    }
    return good;
}

/* A time without end would be none: 30 days, working or not, are the longest. */
static bool read_within(const char *path, const char *key, const char *text, struct duration *d, FILE *errors) {
    static const int32_t longest[DURATION_UNIT__MAX] = {[DURATION_MINUTES] = 30 * 24 * 60,
                                                        [DURATION_WORK_MINUTES] = 30 * 24 * 60,
                                                        [DURATION_WORKDAYS] = 30,
                                                        [DURATION_SECONDS] = 30 * 24 * 3600};
    if (duration_parse(str_of(text), d) && d->n <= longest[d->unit]) return true;
    fprintf(errors, "%s: %s \"%s\" is no duration like \"5wd\" (working days) or \"48h\", at most 30 days\n", path, key,
            text);
    return false;
}

static bool read_handling(struct settings *s, const char *path, FILE *errors) {
    struct handling *h = &s->handling;
    return read_within(path, "answer_within", s->answer_within_text, &h->answer_within, errors) &&
           read_within(path, "contact_within", s->contact_within_text, &h->contact_within, errors) &&
           read_within(path, "silent_within", s->silent_within_text, &h->silent_within, errors);
}

struct settings *settings_load(const char *path, struct arena *a, FILE *errors) {
    struct settings *s = ARENA_NEW(a, struct settings);
    if (!s || config_load(path, keys, KEY_COUNT, s, a, errors, &s->sources) != RC_OK) return NULL;
    s->path = path;
    struct calendar *hours = ARENA_NEW(a, struct calendar);
    if (!hours || !calendar_init(hours, str_of(s->work_hours))) {
        fprintf(errors, "%s: work_hours \"%s\" is not like \"08:30-12:00,13:30-17:00\"\n", path, s->work_hours);
        return NULL;
    }
    if (!read_handling(s, path, errors)) return NULL;
    return s->production && !check_production(s, path, errors) ? NULL : s;
}

void settings_print_sample(FILE *out) { config_print_sample(keys, KEY_COUNT, out); }

struct db_config settings_db(const struct settings *s) {
    return (struct db_config){.hosts = s->db_hosts,
                              .socket = s->db_socket,
                              .user = s->db_user,
                              .password = s->db_password,
                              .database = s->db_name,
                              .tls_ca = s->db_tls_ca,
                              .connect_seconds = (int)s->db_connect_seconds,
                              .io_seconds = (int)s->db_io_seconds,
                              .lock_wait_seconds = (int)s->db_lock_wait_seconds,
                              .statement_seconds = (int)s->db_statement_seconds};
}

int settings_entry(const char *name) {
    for (int i = 0; i < ENTRY__MAX; i++)
        if (strcmp(name, entry_names[i]) == 0) return i;
    return -1;
}

struct zlb_config settings_zlb(const struct settings *s) {
    return (struct zlb_config){.gateway = s->zlb_gateway,
                               .access_key = s->zlb_access_key,
                               .secret_key = s->zlb_secret_key,
                               .app_id = s->zlb_app_id,
                               .connect_to = s->zlb_connect_to,
                               .sms_sign_code = s->zlb_sms_sign_code,
                               .components = {[ZLB_TICKET] = {.id = s->zlb_ticket_component},
                                              [ZLB_USER] = {.id = s->zlb_user_component},
                                              [ZLB_TOKEN] = {.id = s->zlb_token_component},
                                              [ZLB_INFO] = {.id = s->zlb_info_component},
                                              [ZLB_SMS] = {.id = s->zlb_sms_component}},
                               .connect_ms = 2000,
                               .total_ms = s->host_seconds * 1000};
}

struct zzd_config settings_zzd(const struct settings *s) {
    return (struct zzd_config){.host = s->zzd_host,
                               .connect_to = s->zzd_connect_to,
                               .app_key = s->zzd_app_key,
                               .app_secret = s->zzd_app_secret,
                               .qr_app_key = s->zzd_qr_app_key,
                               .qr_app_secret = s->zzd_qr_app_secret,
                               .tenant_id = s->zzd_tenant_id,
                               .connect_ms = 2000,
                               .total_ms = s->host_seconds * 1000};
}
