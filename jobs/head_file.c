/* Brings the file of audit heads up to what the database has. */
#include "head_file.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADS_PAGE = 200 };

static enum rc failed(const char *what, const char *path) {
    log_event(LOG_ERROR, "audit_heads", "cannot %s %s: errno %d", what, path, errno);
    return RC_UNAVAILABLE;
}

/* Two processes of one machine never write at once. */
static enum rc open_file(const char *path, int *fd) {
    *fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (*fd < 0) return failed("open", path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return RC_OK;
    close(*fd);
    *fd = -1;
    return RC_UNAVAILABLE;
}

/* The file's tail; an unfinished last line, which no sync had confirmed, is cut off. *last stays zero when there is no
 * line. */
static enum rc read_last(int fd, const char *path, struct arena *a, struct head *last) {
    char tail[2 * HEAD_LINE_MAX];
    struct stat st;
    *last = (struct head){0};
    if (fstat(fd, &st)) return failed("read", path);
    off_t start = st.st_size > (off_t)sizeof tail ? st.st_size - (off_t)sizeof tail : 0;
    ssize_t n = pread(fd, tail, sizeof tail, start);
    if (n < 0) return failed("read", path);
    size_t end = (size_t)n;
    while (end > 0 && tail[end - 1] != '\n') end--;
    if (end < (size_t)n) {
        log_event(LOG_WARN, "audit_heads", "%s: an unfinished line of %zu bytes is cut off", path, (size_t)n - end);
        if ((end == 0 && start > 0) || ftruncate(fd, start + (off_t)end))
            return failed("cut the unfinished line of", path);
    }
    if (end == 0) return RC_OK;
    size_t begin = end - 1;
    while (begin > 0 && tail[begin - 1] != '\n') begin--;
    if (head_parse((struct str){tail + begin, end - 1 - begin}, a, last)) return RC_OK;
    log_event(LOG_ERROR, "audit_heads", "%s: its last line is not an audit head; move the file away to begin a new one",
              path);
    return RC_CONFLICT;
}

static bool append_line(int fd, const struct head *h) {
    char line[HEAD_LINE_MAX + 1];
    size_t n = head_format(h, line);
    if (!n) return false;
    line[n++] = '\n';
    return write(fd, line, n) == (ssize_t)n;
}

static enum rc mismatch(const char *path, int64_t n) {
    log_event(LOG_ERROR, "audit_heads",
              "head %lld in %s differs from the database, or the database lacks it: run minhuctl audit verify; after "
              "restoring a backup move the "
              "file away to begin a new one",
              (long long)n, path);
    return RC_CONFLICT;
}

/* The head that the file ends with, as the database has it: the same root, or the two have parted. */
static enum rc check_last(struct db *db, struct arena *a, const char *path, const struct head *last) {
    struct row_audit_head *rows;
    size_t n;
    enum rc rc = db_rows(db, ST_audit_heads, DB_VALUES(v_int(last->n - 1), v_int(1)), a, &rows, &n);
    if (rc != RC_OK) return rc;
    if (!n || rows[0].n != last->n || memcmp(rows[0].root, last->root, 32) != 0) return mismatch(path, last->n);
    return RC_OK;
}

static enum rc append_missing(struct db *db, struct arena *a, int fd, const char *path, const uint8_t public_key[32],
                              struct head last) {
    for (size_t n = HEADS_PAGE; n == HEADS_PAGE;) {
        struct row_audit_head *rows;
        arena_reset(a);
        enum rc rc = db_rows(db, ST_audit_heads, DB_VALUES(v_int(last.n), v_int(HEADS_PAGE)), a, &rows, &n);
        if (rc != RC_OK) return rc;
        for (size_t i = 0; i < n; i++) {
            struct head h;
            if (rows[i].n != last.n + 1 || !head_from_row(&rows[i], last.root, &h) || !head_holds(public_key, &h))
                return mismatch(path, rows[i].n);
            if (!append_line(fd, &h)) return failed("write", path);
            last = h;
        }
        if (n && fsync(fd)) return failed("sync", path);
    }
    return RC_OK;
}

enum rc head_file_update(struct db *db, struct arena *a, const char *path, const uint8_t public_key[32]) {
    struct head last;
    int fd;
    enum rc rc = open_file(path, &fd);
    if (rc != RC_OK) return rc;
    rc = read_last(fd, path, a, &last);
    if (rc == RC_OK && last.n) rc = check_last(db, a, path, &last);
    if (rc == RC_OK) rc = append_missing(db, a, fd, path, public_key, last);
    close(fd);
    return rc;
}
