/* Two places for a model, each with a count of who works with it: the one in use, and the one that is read next. */
#include "acts/classify.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A model has at most 32 MiB of weights, and the n-grams they belong to. */
enum { FILE_MAX = CLASSIFIER_MEMORY - (2 << 20) };

struct slot {
    struct arena arena;
    const struct classifier *classifier;
    _Atomic unsigned users;
};

/* By which a file is known to be another one. */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t bytes;
    struct timespec changed;
};

/* Of all processes of an entry, for whoever asks one of them. */
struct figures {
    _Atomic uint32_t model;
    _Atomic bool refused;
    _Atomic uint64_t sure, unsure;
};

static struct {
    const char *path;
    double sure;
    struct slot slots[2];
    struct slot *_Atomic current;
    struct stamp seen;
    bool broken, missing; /* what was seen; the file, last time */
    struct figures *figures;
} use;

/* ---- the file ---- */

static bool stamp_of(int fd, struct stamp *s) {
    struct stat st;
    if (fstat(fd, &st) != 0) return false;
    *s = (struct stamp){st.st_dev, st.st_ino, st.st_size, st.st_mtim};
    return true;
}

static bool stamp_is(const struct stamp *a, const struct stamp *b) {
    return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static const char *read_bytes(int fd, off_t size, struct arena *a, struct str *out) {
    if (size > FILE_MAX) return "it is too large";
    char *p = arena_alloc(a, (size_t)size + 1);
    size_t n = 0;
    if (!p) return "no memory";
    while (n < (size_t)size) {
        ssize_t got = read(fd, p + n, (size_t)size - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return strerror(errno);
        if (got == 0) break; /* it was cut meanwhile: the checksum tells */
        n += (size_t)got;
    }
    *out = (struct str){p, n};
    return NULL;
}

static const char *read_model(int fd, off_t size, struct arena *a, const struct classifier **out) {
    struct str bytes;
    const char *why = read_bytes(fd, size, a, &bytes);
    return why ? why : classifier_load(a, bytes, out);
}

const char *classify_read(const char *path, struct arena *a, const struct classifier **out) {
    struct stamp s;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return strerror(errno);
    const char *why = stamp_of(fd, &s) ? read_model(fd, s.bytes, a, out) : strerror(errno);
    close(fd);
    return why;
}

/* ---- putting it to use ---- */

static struct slot *spare(void) { return atomic_load(&use.current) == &use.slots[0] ? &use.slots[1] : &use.slots[0]; }

static const char *load(struct slot *s, int fd) {
    arena_free(&s->arena);
    arena_init(&s->arena, CLASSIFIER_MEMORY);
    const char *why = read_model(fd, use.seen.bytes, &s->arena, &s->classifier);
    if (why) {
        arena_free(&s->arena);
        return why;
    }
    atomic_store(&use.current, s);
    atomic_store(&use.figures->model, s->classifier->id);
    return NULL;
}

const char *classify_open(const char *path, double sure) {
    use.path = path;
    use.sure = sure;
    if (!*path) return NULL;
    void *shared = mmap(NULL, sizeof *use.figures, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return strerror(errno);
    use.figures = shared;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return strerror(errno);
    const char *why = stamp_of(fd, &use.seen) ? load(&use.slots[0], fd) : strerror(errno);
    close(fd);
    return why;
}

/* Nobody can begin to work with a slot that is not the current one: take_slot looks again after it has counted itself. */
static void refresh(int fd) {
    struct slot *next = spare();
    struct stamp now;
    if (!stamp_of(fd, &now) || atomic_load(&next->users)) return; /* next time */
    arena_free(&next->arena);
    const char *why = NULL;
    bool other = !stamp_is(&now, &use.seen);
    use.seen = now;
    if (other) use.broken = (why = load(next, fd)) != NULL;
    atomic_store(&use.figures->refused, use.broken);
    if (!other) return;
    if (why)
        log_event(LOG_ERROR, "classifier", "%s can't be used, and model %08x stays in use: %s", use.path,
                  (unsigned)classify_model(), why);
    else log_event(LOG_INFO, "classifier", "model %08x in use", (unsigned)next->classifier->id);
}

void classify_refresh(void) {
    if (!use.figures) return;
    int fd = open(use.path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        atomic_store(&use.figures->refused, true);
        if (!use.missing)
            log_event(LOG_ERROR, "classifier", "%s can't be read; its last model stays in use: %s", use.path,
                      strerror(errno));
        use.missing = true;
        return;
    }
    use.missing = false;
    refresh(fd);
    close(fd);
}

/* ---- using it ---- */

static struct slot *take_slot(void) {
    for (struct slot *s; (s = atomic_load(&use.current));) {
        atomic_fetch_add(&s->users, 1);
        if (s == atomic_load(&use.current)) return s;
        atomic_fetch_sub(&s->users, 1);
    }
    return NULL;
}

enum rc classify_message(struct arena *a, const struct district *d, struct str title, struct str text, bool *there,
                         struct suggestion *out) {
    struct slot *s = take_slot();
    *out = (struct suggestion){0};
    *there = s != NULL;
    if (!s) return RC_OK;
    bool good = suggest(a, d, s->classifier, title, text, use.sure, out);
    atomic_fetch_sub(&s->users, 1);
    if (good) atomic_fetch_add(out->category ? &use.figures->sure : &use.figures->unsure, 1);
    return good ? RC_OK : RC_INTERNAL;
}

uint32_t classify_model(void) { return use.figures ? atomic_load(&use.figures->model) : 0; }

void classify_metrics(struct buf *out) {
    const struct figures *f = use.figures;
    if (!f) return;
    buf_printf(out,
               "# HELP minhu_classifier_info The classifier's model in use.\n# TYPE minhu_classifier_info gauge\n"
               "minhu_classifier_info{model=\"%08x\"} 1\n",
               (unsigned)atomic_load(&f->model));
    buf_printf(out,
               "# HELP minhu_classifier_file_refused Whether the model file that is there now can't be used.\n"
               "# TYPE minhu_classifier_file_refused gauge\nminhu_classifier_file_refused %d\n",
               atomic_load(&f->refused));
    buf_printf(out,
               "# HELP minhu_classified_total Messages without a category, by whether the model was sure of one.\n"
               "# TYPE minhu_classified_total counter\nminhu_classified_total{sure=\"yes\"} %llu\n"
               "minhu_classified_total{sure=\"no\"} %llu\n",
               (unsigned long long)atomic_load(&f->sure), (unsigned long long)atomic_load(&f->unsure));
}
