/* The key file: reading it strictly, holding its keys in memory that nobody writes, and making a new one. */
#include "base/keyring_private.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/inifile.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024, KEY_HEX = 2 * KEY_BYTES, ARENA_MAX = 256 * 1024 };

static const struct {
    const char *name, *use;
} named[NAMED_KEYS] = {
    {"token", "derives access and refresh tokens"},
    {"audit", "chains the entries of each dossier"},
    {"cursor", "signs the cursors of lists"},
    {"head", "signs the audit heads (an Ed25519 seed)"},
    {"answer", "seals the answers that are kept for repeated requests"},
};

static const char *const suite_names[] = {[SUITE_AES] = "aes", [SUITE_SM] = "sm"};

/* The lines in which things were given; 0: not yet. */
struct loading {
    struct keyring *kr;
    const char *path;
    char *error;
    size_t error_size;
    bool failed;
    int64_t current;
    unsigned current_line, suite_line, sample_line, index_line, named_line[NAMED_KEYS], seal_line[SEAL_KEYS_MAX];
};

/* Keeps the first thing that is wrong; line 0 is none. Never says a key. */
static void complain(struct loading *l, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void complain(struct loading *l, unsigned line, const char *format, ...) {
    if (l->failed) {
        return;
    }
    l->failed = true;
    char what[256], place[16] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (line > 0) {
        snprintf(place, sizeof place, "%u:", line);
    }
    snprintf(l->error, l->error_size, "%s:%s %s", l->path, place, what);
}

/* ---- what the file says ---- */

static bool first_time(struct loading *l, unsigned *given, unsigned line, const char *section, const char *name) {
    if (*given) {
        complain(l, line, "[%s] %s is given again (first in line %u)", section, name, *given);
        return false;
    }
    *given = line;
    return true;
}

static void take_key(struct loading *l, unsigned *given, unsigned line, const char *section, const char *name,
                     const char *value, uint8_t out[KEY_BYTES]) {
    if (!first_time(l, given, line, section, name)) {
        return;
    }
    size_t n = strlen(value);
    if (n != KEY_HEX) {
        complain(l, line, "[%s] %s must be %d hex digits, but has %zu characters", section, name, KEY_HEX, n);
    } else if (!hex_decode(str_of(value), out, KEY_BYTES)) {
        complain(l, line, "[%s] %s has a character that is no hex digit", section, name);
    }
}

static void take_current(struct loading *l, unsigned line, const char *value) {
    bool first = first_time(l, &l->current_line, line, "seal", "current");
    if (first && !num_i64(str_of(value), 1, UINT16_MAX, &l->current)) {
        complain(l, line, "[seal] current must be a key id from 1 to 65535");
    }
}

static void take_suite(struct loading *l, unsigned line, const char *value) {
    if (!first_time(l, &l->suite_line, line, "seal", "suite")) {
        return;
    }
    for (enum seal_suite s = SUITE_AES; s <= SUITE_SM; s++) {
        if (strcmp(suite_names[s], value) == 0) {
            l->kr->suite = s;
            return;
        }
    }
    complain(l, line, "[seal] suite must be aes or sm");
}

static void take_sample(struct loading *l, unsigned line, const char *value) {
    if (!first_time(l, &l->sample_line, line, "seal", "sample")) {
        return;
    }
    l->kr->sample = strcmp(value, "yes") == 0;
    if (!l->kr->sample && strcmp(value, "no") != 0) {
        complain(l, line, "[seal] sample must be yes or no");
    }
}

/* The id of a section's name "seal.ID", or 0. */
static uint16_t section_id(const char *section) {
    int64_t id;
    bool ok = strncmp(section, "seal.", 5) == 0 && num_i64(str_of(section + 5), 1, UINT16_MAX, &id);
    return ok ? (uint16_t)id : 0;
}

static void take_seal_key(struct loading *l, unsigned line, const char *section, const char *value) {
    uint16_t id = section_id(section);
    struct keyring *kr = l->kr;
    size_t at = 0;
    while (at < kr->count && kr->seal[at].id != id) {
        at++;
    }
    if (at == SEAL_KEYS_MAX) {
        complain(l, line, "[%s] is one seal key too many (at most %d)", section, SEAL_KEYS_MAX);
        return;
    }
    if (at == kr->count) {
        kr->seal[kr->count++].id = id;
    }
    take_key(l, &l->seal_line[at], line, section, "key", value, kr->seal[at].key);
}

static int named_at(const char *name) {
    for (int i = 0; i < NAMED_KEYS; i++) {
        if (strcmp(named[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void on_section(void *user, unsigned line, const char *section) {
    bool known = strcmp(section, "seal") == 0 || strcmp(section, "index") == 0 || strcmp(section, "keys") == 0;
    if (!known && section_id(section) == 0) {
        complain(user, line, "unknown section [%s] (a seal key's is [seal.ID], ID from 1 to 65535)", section);
    }
}

static void on_pair(void *user, unsigned line, const char *section, const char *name, const char *value) {
    struct loading *l = user;
    bool is_key = strcmp(name, "key") == 0;
    if (strcmp(section, "seal") == 0 && strcmp(name, "current") == 0) {
        take_current(l, line, value);
    } else if (strcmp(section, "seal") == 0 && strcmp(name, "suite") == 0) {
        take_suite(l, line, value);
    } else if (strcmp(section, "seal") == 0 && strcmp(name, "sample") == 0) {
        take_sample(l, line, value);
    } else if (strcmp(section, "index") == 0 && is_key) {
        take_key(l, &l->index_line, line, section, name, value, l->kr->index);
    } else if (section_id(section) > 0 && is_key) {
        take_seal_key(l, line, section, value);
    } else if (strcmp(section, "keys") == 0 && named_at(name) >= 0) {
        int i = named_at(name);
        l->kr->has_named[i] = true;
        take_key(l, &l->named_line[i], line, section, name, value, l->kr->named[i]);
    } else {
        complain(l, line, "unknown key %.60s in [%s]", name, section);
    }
}

static void on_broken(void *user, unsigned line, const char *why) { complain(user, line, "the line %s", why); }

/* ---- from the file to the ring ---- */

/* Group may read where the process is not the owner: then it is how the owner lets the service in. */
static bool is_private(const struct stat *st) {
    unsigned forbidden = st->st_uid == geteuid() ? 077 : 037;
    return (st->st_mode & forbidden) == 0;
}

/* What only the whole file shows. */
static void check_whole(struct loading *l, unsigned last_line) {
    if (!l->suite_line || !l->current_line) {
        complain(l, last_line, "[seal] %s is missing", l->suite_line ? "current" : "suite");
    } else if (!l->index_line) {
        complain(l, last_line, "[index] key is missing");
    }
    struct keyring *kr = l->kr;
    while (kr->current < kr->count && kr->seal[kr->current].id != l->current) {
        kr->current++;
    }
    if (kr->current == kr->count) {
        complain(l, l->current_line, "[seal] current names a key that has no section [seal.%d]", (int)l->current);
    }
}

static bool derive(struct seal_key *k) {
    struct str key = {(const char *)k->key, KEY_BYTES};
    uint8_t whole[32];
    bool ok = hmac_sm3(key, STR("minhu seal SM4-CTR"), whole) && hmac_sm3(key, STR("minhu seal HMAC-SM3"), k->sm_mac);
    memcpy(k->sm_cipher, whole, sizeof k->sm_cipher);
    wipe(whole, sizeof whole);
    return ok;
}

static enum rc fill(struct loading *l, struct arena *a) {
    struct str text;
    struct stat st;
    const char *why = inifile_slurp(l->path, FILE_MAX, a, &st, &text);
    if (why) {
        complain(l, 0, "%s", why);
        return RC_INVALID;
    }
    if (!is_private(&st)) {
        complain(l, 0, "others may read or change it (mode %04o); run: chmod 600 on it", (unsigned)st.st_mode & 07777);
        return RC_INVALID;
    }
    struct inifile_visitor visitor = {on_section, on_pair, on_broken, l};
    check_whole(l, inifile_parse(text, &visitor));
    for (size_t i = 0; !l->failed && i < l->kr->count; i++) {
        if (!derive(&l->kr->seal[i])) {
            complain(l, 0, "deriving keys failed");
            return RC_INTERNAL;
        }
    }
    return l->failed ? RC_INVALID : RC_OK;
}

static size_t pages(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (sizeof(struct keyring) + page - 1) / page * page;
}

void keyring_free(struct keyring *kr) {
    if (kr) {
        mprotect(kr, pages(), PROT_READ | PROT_WRITE);
        wipe(kr, sizeof *kr);
        munmap(kr, pages());
    }
}

enum rc keyring_load(const char *path, struct keyring **out, char *error, size_t error_size) {
    *out = NULL;
    void *p = mmap(NULL, pages(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        snprintf(error, error_size, "%s: out of memory", path);
        return RC_INTERNAL;
    }
    madvise(p, pages(), MADV_DONTDUMP);
    struct loading l = {.kr = p, .path = path, .error = error, .error_size = error_size};
    struct arena a;
    arena_init(&a, ARENA_MAX);
    enum rc rc = fill(&l, &a);
    arena_free(&a); /* wipes the file's text */
    if (rc == RC_OK && mprotect(p, pages(), PROT_READ) != 0) {
        complain(&l, 0, "its keys can't be made read-only: %s", strerror(errno));
        rc = RC_INTERNAL;
    }
    if (rc != RC_OK) {
        keyring_free(p);
        return rc;
    }
    *out = p;
    return RC_OK;
}

bool keyring_is_sample(const struct keyring *kr) { return kr->sample; }

const uint8_t *keyring_key(const struct keyring *kr, const char *name) {
    int i = named_at(name);
    return i >= 0 && kr->has_named[i] ? kr->named[i] : NULL;
}

const struct seal_key *keyring_seal_key(const struct keyring *kr, uint16_t id) {
    for (size_t i = 0; i < kr->count; i++) {
        if (kr->seal[i].id == id) {
            return &kr->seal[i];
        }
    }
    return NULL;
}

/* ---- a new file ---- */

static const char explanation[] =
    "# Minhu's keys. Whoever has this file can read the personal data in the database; without it nobody can.\n"
    "# Keep a copy apart from the database's backups. It must be readable by its owner alone (mode 0600), or also by\n"
    "# a group (0640) when the service runs as a member of that group and not as the owner.\n"
    "# Every key is 32 random bytes in 64 hex digits. Make one with: openssl rand -hex 32\n"
    "#\n"
    "# [seal]     current = the id of the key that new values are sealed with\n"
    "#            suite = aes (AES-256-GCM) or sm (SM4-CTR and HMAC-SM3), for new values; both are always read\n"
    "#            sample = yes marks keys that everybody knows; production mode refuses them\n"
    "# [seal.ID]  one section for each key that sealed values still need, ID from 1 to 65535. To change keys add a\n"
    "#            section, name it in current, and keep the old section as long as it is in use.\n"
    "# [index]    the key of the blind indexes; with another one nothing is found by phone or ID number any more\n"
    "# [keys]     keys of other uses:\n";

static bool add_key(struct buf *b, const char *name) {
    uint8_t key[KEY_BYTES];
    char hex[KEY_HEX + 1];
    if (!random_bytes(key, sizeof key)) {
        return false;
    }
    hex_encode(key, sizeof key, hex);
    bool ok = buf_printf(b, "%s = %s\n", name, hex);
    wipe(key, sizeof key);
    wipe(hex, sizeof hex);
    return ok;
}

static bool compose(struct buf *b, enum seal_suite suite) {
    buf_add_z(b, explanation);
    for (int i = 0; i < NAMED_KEYS; i++) {
        buf_printf(b, "#            %s %s\n", named[i].name, named[i].use);
    }
    buf_printf(b, "\n[seal]\ncurrent = 1\nsuite = %s\n\n[seal.1]\n", suite_names[suite]);
    bool ok = add_key(b, "key") && buf_add_z(b, "\n[index]\n") && add_key(b, "key") && buf_add_z(b, "\n[keys]\n");
    for (int i = 0; i < NAMED_KEYS; i++) {
        ok = ok && add_key(b, named[i].name);
    }
    return ok && !b->failed;
}

static bool write_all(int fd, struct str text) {
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        text.p += n > 0 ? n : 0;
        text.n -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Makes the file's name durable, too. */
static bool sync_folder(const char *path, struct arena *a) {
    const char *slash = strrchr(path, '/');
    const char *folder = ".";
    if (slash) {
        folder = slash == path ? "/" : arena_dup(a, (struct str){path, (size_t)(slash - path)});
    }
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* Writes the new file; on failure nothing is left of it. */
static enum rc write_new(const char *path, struct str text, struct arena *a, char *error, size_t error_size) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return errno == EEXIST ? RC_CONFLICT : RC_INVALID;
    }
    bool ok = write_all(fd, text) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && sync_folder(path, a);
    if (!ok) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        unlink(path);
        return RC_INTERNAL;
    }
    return RC_OK;
}

enum rc keyring_create(const char *path, enum seal_suite suite, char *error, size_t error_size) {
    if (suite != SUITE_AES && suite != SUITE_SM) {
        snprintf(error, error_size, "%s: unknown suite", path);
        return RC_INVALID;
    }
    struct arena a;
    struct buf b;
    arena_init(&a, ARENA_MAX);
    buf_init(&b, &a, FILE_MAX);
    enum rc rc = RC_INTERNAL;
    if (compose(&b, suite)) {
        rc = write_new(path, buf_str(&b), &a, error, error_size);
    } else {
        snprintf(error, error_size, "%s: fresh keys can't be made", path);
    }
    arena_free(&a);
    return rc;
}
