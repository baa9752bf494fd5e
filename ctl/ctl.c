/* What the commands share: opening things, telling failures, masking. */
#include "ctl.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

/* A migration or import may well take longer than a request may. */
enum { IO_SECONDS = 3600 };

int ctl_fail(int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("minhuctl: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

static int exit_code(enum rc rc) {
    if (rc == RC_OK) return EX_OK;
    if (rc == RC_UNAVAILABLE || rc == RC_HOST_APP) return EX_UNAVAILABLE;
    if (rc == RC_UNCERTAIN) return EX_TEMPFAIL;
    return rc == RC_INTERNAL ? EX_SOFTWARE : EX_DATAERR;
}

int ctl_fail_rc(const char *what, enum rc rc, const char *text) {
    static const char *const own[RC__MAX] = {
        [RC_UNAVAILABLE] = "the database does not answer; nothing was changed",
        [RC_UNCERTAIN] = "the connection was lost at the end: look whether it was done before doing it again",
        [RC_INTERNAL] = "it failed; the log lines above say why. Nothing was changed",
    };
    const char *why = text ? text : own[rc] ? own[rc] : rc_info(rc)->detail_en;
    return ctl_fail(exit_code(rc), "%s: %s", what, why);
}

int ctl_need_settings(struct ctl *c) {
    if (!c->settings) c->settings = settings_load(c->config_path, c->arena, stderr);
    if (!c->settings) return ctl_fail(EX_CONFIG, "the configuration %s can't be used", c->config_path);
    c->db_config = settings_db(c->settings);
    c->db_config.statement_seconds = 0;
    c->db_config.io_seconds = IO_SECONDS;
    return EX_OK;
}

int ctl_need_db(struct ctl *c) {
    int code = ctl_need_settings(c);
    if (code != EX_OK || c->db) return code;
    c->db = db_open(&c->db_config);
    if (!c->db) return ctl_fail(EX_OSERR, "no memory for a database connection");
    if (db_ping(c->db) == RC_OK) return EX_OK;
    return ctl_fail(EX_UNAVAILABLE, "the database %s does not answer, as user %s on %s", c->settings->db_name,
                    c->settings->db_user, *c->settings->db_hosts ? c->settings->db_hosts : c->settings->db_socket);
}

int ctl_need_keys(struct ctl *c) {
    int code = ctl_need_settings(c);
    if (code != EX_OK || c->keys) return code;
    char why[400];
    if (keyring_load(c->settings->key_file, &c->keys, why, sizeof why) != RC_OK)
        return ctl_fail(EX_CONFIG, "%s (minhuctl init makes a key file)", why);
    if (c->settings->production && keyring_is_sample(c->keys))
        return ctl_fail(EX_CONFIG, "%s holds sample keys, which production mode refuses", c->settings->key_file);
    return EX_OK;
}

int ctl_need_all(struct ctl *c) {
    int code = ctl_need_keys(c);
    return code == EX_OK ? ctl_need_db(c) : code;
}

struct act ctl_act(struct ctl *c) {
    return (struct act){.db = c->db,
                        .arena = c->arena,
                        .keys = c->keys,
                        .handling = &c->settings->handling,
                        .now_us = c->now_us,
                        .asker = {.kind = ACTOR_SYSTEM}};
}

const char *ctl_read_file(struct ctl *c, const char *path, size_t max, struct str *text) {
    FILE *f = fopen(path, "re");
    if (!f) return strerror(errno);
    struct stat is;
    const char *why = NULL;
    char *p = NULL;
    if (fstat(fileno(f), &is) != 0) why = strerror(errno);
    else if (S_ISDIR(is.st_mode)) why = "it is a folder";
    else if (!S_ISREG(is.st_mode)) why = "it is no regular file";
    else if (is.st_size < 0 || (uintmax_t)is.st_size > max) why = "it is too large";
    else if (!(p = arena_alloc(c->arena, (size_t)is.st_size + 1))) why = "no memory";
    if (p) {
        *text = (struct str){p, fread(p, 1, (size_t)is.st_size, f)};
        if (ferror(f) || text->n != (size_t)is.st_size) why = "it can't be read";
    }
    fclose(f);
    return why;
}

struct str ctl_mask_name(struct ctl *c, struct str name) {
    if (!name.p || !name.n) return STR("");
    struct str first = utf8_prefix(name, 1);
    char *p = arena_printf(c->arena, "%.*s%s", (int)first.n, first.p, utf8_count(name) > 2 ? "**" : "*");
    return str_of(p ? p : "*");
}

struct str ctl_mask_mobile(struct ctl *c, struct str mobile) {
    if (!mobile.p || mobile.n != 11) return STR("");
    char *p = arena_printf(c->arena, "%.3s****%.4s", mobile.p, mobile.p + 7);
    return str_of(p ? p : "");
}

int ctl_print_json(const struct buf *b) {
    if (b->failed) return ctl_fail(EX_OSERR, "no memory for the list");
    struct str s = buf_str(b);
    printf("%.*s\n", (int)s.n, s.p);
    return EX_OK;
}
