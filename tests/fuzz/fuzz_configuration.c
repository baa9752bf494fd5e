/* Configuration files, read as --check-config reads them, and the lines of any ini file. */
#include "acts/settings.h"
#include "address.h"
#include "base/crypto.h"
#include "base/inifile.h"
#include "base/seal.h"
#include "fuzz.h"
#include "object.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MEMORY = 8 << 20, LINES_MAX = 4096 };

static struct arena arena;
static int fd = -1;
static char path[64];

static void setup(void) {
    if (fd >= 0) return;
    CHECK(crypto_init());
    arena_init(&arena, MEMORY);
    fd = memfd_create("configuration", MFD_CLOEXEC);
    CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
}

/* ---- every line is told once ---- */

struct told {
    unsigned line, events[LINES_MAX];
    unsigned lost_from; /* the first line below a broken header, until the next good one */
    struct str lines[LINES_MAX];
    size_t count;
};

static void tell(struct told *t, unsigned line) {
    CHECK(line >= 1 && line <= t->count && line >= t->line);
    t->line = line;
    CHECK(++t->events[line - 1] == 1);
}

static void on_section(void *user, unsigned line, const char *section) {
    struct told *t = user;
    tell(t, line);
    struct str text = t->lines[line - 1];
    CHECK(section[0] && text.n > strlen(section) + 1 && text.p[0] == '[');
    CHECK(memcmp(text.p + 1, section, strlen(section)) == 0 && text.p[1 + strlen(section)] == ']');
}

static void on_pair(void *user, unsigned line, const char *section, const char *name, const char *value) {
    struct told *t = user;
    (void)section;
    tell(t, line);
    struct str text = t->lines[line - 1];
    CHECK(name[0] && text.n >= strlen(name) && memcmp(text.p, name, strlen(name)) == 0);
    CHECK(memmem(text.p, text.n, value, strlen(value)));
}

static void on_broken(void *user, unsigned line, const char *why) {
    CHECK(why[0]);
    tell(user, line);
}

static bool means_nothing(struct str line) {
    while (line.n && strchr(" \t\r\v\f", line.p[line.n - 1]) && line.p[line.n - 1]) line.n--;
    return line.n == 0 || line.p[0] == ';' || line.p[0] == '#';
}

static void check_lines(struct str text) {
    static struct told t;
    t = (struct told){0};
    struct str rest = text;
    if (str_starts(text, "\xEF\xBB\xBF")) rest = (struct str){text.p + 3, text.n - 3};
    while (rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        struct str line = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        size_t used = line.n + (end ? 1 : 0);
        rest = (struct str){rest.p + used, rest.n - used};
        if (t.count == LINES_MAX) return;
        t.lines[t.count++] = line;
    }
    const struct inifile_visitor visitor = {on_section, on_pair, on_broken, &t};
    unsigned last = inifile_parse(text, &visitor);
    CHECK(last == (t.count ? t.count : 1));
    /* Nothing is passed over in silence but blank lines, comments, and what stands below a header that was told. */
    bool below_broken = false;
    for (size_t i = 0; i < t.count; i++) {
        if (means_nothing(t.lines[i])) CHECK(t.events[i] == 0);
        else CHECK(t.events[i] == 1 || (below_broken && t.lines[i].p[0] != '['));
        if (t.lines[i].n && t.lines[i].p[0] == '[') below_broken = true; /* may be */
    }
}

/* ---- the product's settings ---- */

static bool is_between(int64_t v, int64_t min, int64_t max) { return v >= min && v <= max; }

static void check_settings(const struct settings *s) {
    const char *const texts[] = {s->run_folder,     s->log_file,       s->upload_folder,   s->head_file,
                                 s->data_folder,    s->key_file,       s->socket_group,    s->work_hours,
                                 s->db_hosts,       s->db_socket,      s->db_user,         s->db_password,
                                 s->db_name,        s->db_tls_ca,      s->trusted_proxies, s->cors_origins,
                                 s->zlb_gateway,    s->zlb_access_key, s->zlb_secret_key,  s->zlb_app_id,
                                 s->zzd_host,       s->zzd_app_key,    s->zzd_app_secret,  s->zzd_tenant_id,
                                 s->zlb_connect_to, s->zzd_connect_to, s->zzd_message_url, s->zlb_sms_sign_code};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK(texts[i] && is_clean_text(str_of(texts[i])) && strlen(texts[i]) < 10000);
    const char *const paths[] = {s->run_folder, s->upload_folder, s->head_file, s->data_folder, s->key_file};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) CHECK(paths[i][0] == '/' || paths[i][0] == '\0');
    CHECK(s->zlb_access_key[0] && s->zlb_secret_key[0] && s->zzd_app_key[0] && s->zzd_app_secret[0]);
    CHECK(is_between(s->db_lock_wait_seconds, 1, 50) && is_between(s->idle_seconds, 5, 3600));
    CHECK(is_between(s->connections_max, 16, 65536) && is_between(s->request_memory_mb, 1, 256));
    CHECK(is_between(s->access_seconds, 60, 86400) && is_between(s->host_calls_max, 1, 64));
    for (int i = 0; i < ENTRY__MAX; i++)
        CHECK(is_between(s->entries[i].processes, 1, 64) && is_between(s->entries[i].threads, 1, 256));
    if (s->production)
        CHECK(strncmp(s->zlb_gateway, "https://", 8) == 0 && strncmp(s->zzd_host, "https://", 8) == 0 &&
              !s->accept_weak_durability && !strstr(s->zlb_access_key, "demo") && !strstr(s->zzd_app_key, "demo"));
    struct address_list list;
    char error[200] = "";
    CHECK(address_list_parse(s->trusted_proxies, &list, error, sizeof error) == (error[0] == '\0'));
}

/* Secrets are not told; looked for are those that no message would hold by chance, and that stand in the file once. */
struct secrets {
    struct str text;
    const char *errors;
};

static void no_section(void *user, unsigned line, const char *section) { (void)user, (void)line, (void)section; }

static void check_secret(void *user, unsigned line, const char *section, const char *name, const char *value) {
    static const char *const secret[][2] = {{"database", "password"},
                                            {"zheliban", "secret_key"},
                                            {"zhezhengding", "app_secret"},
                                            {"zhezhengding", "qr_app_secret"}};
    const struct secrets *s = user;
    size_t n = strlen(value);
    (void)line;
    if (n < 16 || strpbrk(value, " []:/")) return;
    const char *first = memmem(s->text.p, s->text.n, value, n);
    if (!first || memmem(first + 1, s->text.n - (size_t)(first + 1 - s->text.p), value, n)) return;
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        if (strcmp(section, secret[i][0]) == 0 && strcmp(name, secret[i][1]) == 0) CHECK(!strstr(s->errors, value));
}

/* Each message begins with the file, and those about a line with its number. */
static void check_errors(const char *errors, struct str text) {
    struct secrets s = {text, errors};
    const struct inifile_visitor visitor = {no_section, check_secret, no_section, &s};
    inifile_parse(text, &visitor);
    for (const char *p = errors; *p; p = strchr(p, '\n') + 1) {
        CHECK(strncmp(p, path, strlen(path)) == 0 && p[strlen(path)] == ':');
        CHECK(strchr(p, '\n'));
    }
}

static void check_load(struct str text) {
    char *errors = NULL;
    size_t told = 0;
    FILE *out = open_memstream(&errors, &told);
    CHECK(out);
    const struct settings *s = settings_load(path, &arena, out);
    CHECK(fclose(out) == 0 && (s != NULL) == (told == 0));
    if (s) check_settings(s);
    check_errors(errors, text);
    free(errors);
}

/* The key file is an ini file too, and never half loaded. */
static void check_keys(void) {
    char error[200] = "";
    struct keyring *keys = NULL;
    enum rc rc = keyring_load(path, &keys, error, sizeof error);
    CHECK((rc == RC_OK) == (keys != NULL) && (rc == RC_OK) == (error[0] == '\0'));
    keyring_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    setup();
    struct str text = {(const char *)data, size};
    CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    check_lines(text);
    check_load(text);
    check_keys();
    arena_reset(&arena);
    return 0;
}
