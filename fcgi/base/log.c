/* The log: each event is made into one line on the stack and leaves by one write, so that threads need no lock; but for the
 * lines that are gathered. */
#include "base/log.h"

#include "base/json_write.h"
#include "base/timefmt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The longest text grows sixfold at most when escaped, so that it always fits the line. */
enum { TEXT_MAX = 2048, LINE_MAX_BYTES = 16 * 1024, GATHERED_MAX = 32 * 1024 };

/* Opened and reopened by one thread while the others write: a new file takes over the same descriptor number by dup3,
 * so that no writer ever meets a closed one. */
static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_level = LOG_INFO;
static _Atomic(const char *) log_program = "minhu";
static char log_path[PATH_MAX];
static struct {
    pthread_mutex_t mutex;
    atomic_int pid; /* whose lines are gathered; 0: nobody's. Kept, as the C library asks the kernel each time. */
    size_t n;
    char bytes[GATHERED_MAX];
} gathered = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int open_file(const char *path) {
    int fd;
    do {
        fd = path[0] ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640)
                     : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static bool switch_to(const char *path) {
    int fd = open_file(path);
    if (fd < 0) {
        return false;
    }
    int current = atomic_load(&log_fd);
    if (current == STDERR_FILENO) {
        atomic_store(&log_fd, fd);
        return true;
    }
    bool ok = dup3(fd, current, O_CLOEXEC) >= 0;
    close(fd);
    return ok;
}

bool log_open(const char *path, enum log_level level) {
    if (!path) {
        path = "";
    }
    size_t n = strlen(path);
    if (n >= sizeof log_path) {
        return false;
    }
    /* Standard error needs no descriptor of ours until a file has been open. */
    bool nothing_to_do = n == 0 && atomic_load(&log_fd) == STDERR_FILENO;
    if (!nothing_to_do && !switch_to(path)) {
        return false;
    }
    memmove(log_path, path, n + 1);
    atomic_store(&log_level, (int)level);
    return true;
}

void log_set_level(enum log_level level) { atomic_store(&log_level, (int)level); }

void log_set_program(const char *program) { atomic_store(&log_program, program); }

bool log_enabled(enum log_level level) { return (int)level >= atomic_load_explicit(&log_level, memory_order_relaxed); }

static const char *level_name(enum log_level level) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    return (size_t)level < sizeof names / sizeof names[0] ? names[level] : "error";
}

/* What each line starts with, up to and with the event. */
static void write_head(struct json_out *w, enum log_level level, const char *event) {
    char time[TIME_TEXT_MAX];
    size_t n = time_format_beijing(time_now_us(), 3, time);
    jw_begin_object(w);
    jw_key_str(w, "time", (struct str){time, n});
    jw_key_z(w, "level", level_name(level));
    jw_key_z(w, "program", atomic_load(&log_program));
    int pid = atomic_load_explicit(&gathered.pid, memory_order_relaxed);
    jw_key_int(w, "pid", pid ? pid : getpid());
    jw_key_z(w, "event", event);
}

/* A log that can't be written must not stop the work, so a failure is not told. */
static void send_off(const char *p, size_t n) {
    int saved = errno;
    ssize_t done;
    do {
        done = write(atomic_load(&log_fd), p, n);
    } while (done < 0 && errno == EINTR);
    errno = saved;
}

static void flush_locked(void) {
    if (gathered.n) {
        send_off(gathered.bytes, gathered.n);
    }
    gathered.n = 0;
}

void log_flush(void) {
    if (!atomic_load(&gathered.pid)) {
        return;
    }
    pthread_mutex_lock(&gathered.mutex);
    flush_locked();
    pthread_mutex_unlock(&gathered.mutex);
}

void log_gather(void) { atomic_store(&gathered.pid, getpid()); }

bool log_reopen(void) {
    log_flush();
    return log_path[0] == '\0' || switch_to(log_path);
}

static void gather(const char *p, size_t n) {
    pthread_mutex_lock(&gathered.mutex);
    if (n > sizeof gathered.bytes - gathered.n) {
        flush_locked();
    }
    memcpy(gathered.bytes + gathered.n, p, n);
    gathered.n += n;
    pthread_mutex_unlock(&gathered.mutex);
}

/* False when the line did not fit: half of one is not sent. */
static bool close_line(struct json_out *w) {
    jw_end_object(w);
    buf_add_char(w->buf, '\n');
    return !w->buf->failed;
}

void log_event(enum log_level level, const char *event, const char *format, ...) {
    if (!log_enabled(level)) {
        return;
    }
    char text[TEXT_MAX], line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    struct buf b;
    struct json_out w;
    buf_fixed(&b, line, sizeof line);
    jw_init(&w, &b);
    write_head(&w, level, event);
    jw_key_str(&w, "text", (struct str){text, length});
    log_flush(); /* what happened before stands before it */
    if (close_line(&w)) {
        send_off(b.p, b.n);
    }
}

void log_members(enum log_level level, const char *event, struct str members) {
    if (!log_enabled(level)) {
        return;
    }
    char line[LINE_MAX_BYTES];
    struct buf b;
    struct json_out w;
    buf_fixed(&b, line, sizeof line);
    jw_init(&w, &b);
    write_head(&w, level, event);
    /* Half of an object can't be cut at a byte: members that are too long are left out, and that is said. */
    if (members.n > sizeof line - b.n - 64) {
        jw_key_int(&w, "omitted_bytes", (int64_t)members.n);
    } else if (members.n > 0) {
        jw_raw(&w, members);
    }
    if (!close_line(&w)) {
        return;
    }
    if (atomic_load_explicit(&gathered.pid, memory_order_relaxed)) {
        gather(b.p, b.n);
    } else {
        send_off(b.p, b.n);
    }
}
