/* The common start of the long-running programs. */
#include "acts/startup.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/num.h"
#include "db/migrate.h"

#include <arpa/inet.h>
#include <sysexits.h>

enum { CHECK_MEMORY = 1 << 20 };

static int load_keys(const char *program, const struct settings *s, struct keyring **keys) {
    char error[400];
    if (keyring_load(s->key_file, keys, error, sizeof error) != RC_OK) {
        fprintf(stderr, "%s: %s\n", program, error);
        return EX_CONFIG;
    }
    if (s->production && keyring_is_sample(*keys)) {
        fprintf(stderr, "%s: %s: production mode refuses the sample keys\n", program, s->key_file);
        return EX_CONFIG;
    }
    return EX_OK;
}

int startup(const char *program, const struct settings *s, struct keyring **keys) {
    log_set_program(program);
    if (!log_open(s->log_file, (enum log_level)s->log_level)) {
        fprintf(stderr, "%s: cannot open the log %s\n", program, s->log_file);
        return EX_CANTCREAT;
    }
    if (!crypto_init() || !db_library_init()) return EX_SOFTWARE;
    return load_keys(program, s, keys);
}

static enum rc check_durable(struct db *db, const struct settings *s, struct arena *a) {
    const char *reason = NULL;
    enum rc rc = db_check_durable(db, a, &reason);
    if (rc != RC_INVALID) return rc;
    log_event(s->accept_weak_durability ? LOG_WARN : LOG_ERROR, "start", "%s", reason ? reason : "");
    return s->accept_weak_durability ? RC_OK : RC_INVALID;
}

enum rc startup_check_database(struct db *db, const struct settings *s) {
    struct arena a;
    const char *reason = NULL;
    arena_init(&a, CHECK_MEMORY);
    enum rc rc = db_ping(db);
    if (rc == RC_OK && !schema_is_current(db, &a, &reason)) {
        log_event(LOG_ERROR, "start", "%s", reason ? reason : "the schema is not this build's");
        rc = RC_INVALID;
    }
    if (rc == RC_OK) rc = check_durable(db, s, &a);
    arena_free(&a);
    return rc;
}

/* ---- bounds ---- */

struct endpoint {
    struct str host;
    uint16_t port;
};

/* Of "host", "host:port" or "[address]:port", before any path. */
static struct endpoint endpoint_of(struct str text, uint16_t standard) {
    const char *slash = memchr(text.p, '/', text.n);
    if (slash) text.n = (size_t)(slash - text.p);
    const char *bracket = memrchr(text.p, ']', text.n), *colon = memrchr(text.p, ':', text.n);
    struct endpoint e = {text, standard};
    int64_t port;
    if (colon && !(bracket && colon < bracket)) {
        e.host.n = (size_t)(colon - text.p);
        if (num_i64((struct str){colon + 1, text.n - e.host.n - 1}, 1, UINT16_MAX, &port)) e.port = (uint16_t)port;
    }
    if (e.host.n > 2 && e.host.p[0] == '[') e.host = (struct str){e.host.p + 1, e.host.n - 2};
    return e;
}

/* Where calls to this URL go: connect_to, if given, names another address and maybe another port. */
static struct endpoint endpoint_of_url(const char *url, const char *connect_to) {
    const char *host = strstr(url, "://");
    struct endpoint e = endpoint_of(str_of(host ? host + 3 : url), strncmp(url, "https:", 6) == 0 ? 443 : 80);
    return *connect_to ? endpoint_of(str_of(connect_to), e.port) : e;
}

static bool is_address(struct str host) {
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];
    if (host.n >= sizeof text) return false;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static void allow(struct sandbox *box, size_t *n, struct endpoint e) {
    box->ports[(*n)++] = e.port;
    box->names = box->names || !is_address(e.host);
}

static void allow_database(struct sandbox *box, size_t *n, const char *hosts, size_t max) {
    for (const char *end; *hosts && *n < max; hosts = *end ? end + 1 : end) {
        end = strchrnul(hosts, ',');
        struct endpoint e = endpoint_of((struct str){hosts, (size_t)(end - hosts)}, 3306);
        allow(box, n, e);
        box->local = box->local || str_is(e.host, "localhost"); /* by which the connector understands a socket */
    }
}

/* The folder, as a file may be moved away, or replaced by another of its name. */
static const char *folder_of(const char *file, struct arena *a) {
    const char *slash = file ? strrchr(file, '/') : NULL;
    if (!slash) return "";
    return slash == file ? "/" : arena_dup(a, (struct str){file, (size_t)(slash - file)});
}

const struct sandbox *startup_sandbox(const struct settings *s, unsigned needs, struct arena *a) {
    struct sandbox *box = ARENA_NEW(a, struct sandbox);
    if (!box) return NULL;
    const char *readable[] = {s->path, s->sources.folder, s->db_tls_ca, folder_of(s->db_tls_ca, a),
                              needs & NEEDS_CLASSIFIER ? folder_of(s->classifier_model, a) : ""};
    const char *writable[] = {s->upload_folder, folder_of(s->log_file, a),
                              needs & NEEDS_HEAD_FILE ? folder_of(s->head_file, a) : ""};
    enum { READABLE = sizeof readable / sizeof *readable };
    memcpy(box->readable, readable, sizeof readable);
    memcpy(box->writable, writable, sizeof writable);
    for (size_t i = 0; i < CONFIG_SECRET_FILES_MAX; i++)
        box->readable[READABLE + i] = folder_of(s->sources.secret_files[i], a);
    size_t n = 0;
    box->local = !*s->db_hosts || needs & NEEDS_MANAGER;
    allow_database(box, &n, s->db_hosts, SANDBOX_PORTS_MAX - 2);
    if (needs & NEEDS_ZLB) allow(box, &n, endpoint_of_url(s->zlb_gateway, s->zlb_connect_to));
    if (needs & NEEDS_ZZD) allow(box, &n, endpoint_of_url(s->zzd_host, s->zzd_connect_to));
    return box;
}
