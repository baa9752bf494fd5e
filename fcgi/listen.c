/* A socket is made under another name, given mode and group, and renamed into place. */
#include "listen.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096, RETRY_MS = 50 };

static bool fill(struct sockaddr_un *a, const char *path) {
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(a->sun_path, sizeof a->sun_path, "%s", path);
    return n > 0 && (size_t)n < sizeof a->sun_path;
}

/* Does somebody accept there? */
static bool somebody_listens(const struct sockaddr_un *a) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    bool yes = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno == EAGAIN;
    close(fd);
    return yes;
}

/* The path is free, or holds a dead socket. Anything that is not a socket stays. */
static bool is_ours_to_take(const struct sockaddr_un *a, int wait_seconds) {
    struct stat st;
    if (lstat(a->sun_path, &st)) return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode)) {
        errno = EEXIST;
        return false;
    }
    for (int left = wait_seconds * 1000; somebody_listens(a); left -= RETRY_MS) {
        if (left <= 0) {
            errno = EADDRINUSE;
            return false;
        }
        const struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
    return true;
}

static bool give_to(const char *path, const char *group) {
    if (chmod(path, 0660)) return false;
    if (!group || !*group) return true;
    const struct group *g = getgrnam(group);
    if (!g) {
        errno = EINVAL;
        return false;
    }
    return chown(path, (uid_t)-1, g->gr_gid) == 0;
}

static bool place(struct listen_socket *s, const struct sockaddr_un *a, const char *group) {
    struct sockaddr_un hidden = {.sun_family = AF_UNIX};
    struct stat st;
    int n = snprintf(hidden.sun_path, sizeof hidden.sun_path, "%s~", a->sun_path);
    if (n < 0 || (size_t)n >= sizeof hidden.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    unlink(hidden.sun_path);
    if (bind(s->fd, (const struct sockaddr *)&hidden, sizeof hidden)) return false;
    if (!give_to(hidden.sun_path, group) || listen(s->fd, BACKLOG) || lstat(hidden.sun_path, &st) ||
        rename(hidden.sun_path, a->sun_path)) {
        int why = errno;
        unlink(hidden.sun_path);
        errno = why;
        return false;
    }
    s->device = st.st_dev;
    s->inode = st.st_ino;
    return true;
}

bool listen_open(struct listen_socket *s, const char *path, const char *group, int wait_seconds) {
    struct sockaddr_un a;
    *s = (struct listen_socket){.fd = -1, .path = path};
    errno = ENAMETOOLONG;
    if (fill(&a, path) && is_ours_to_take(&a, wait_seconds)) {
        s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (s->fd >= 0 && place(s, &a, group)) return true;
    }
    log_event(LOG_ERROR, "listen", "can't listen on %s: %s", path, strerrordesc_np(errno));
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
    return false;
}

bool listen_adopt(struct listen_socket *s, int fd, const char *path) {
    struct sockaddr_un hidden = {0};
    struct stat st;
    socklen_t size = sizeof hidden - 1; /* it was bound under its hidden name */
    size_t n = strlen(path);
    *s = (struct listen_socket){.fd = -1, .path = path};
    if (getsockname(fd, (struct sockaddr *)&hidden, &size) || strncmp(hidden.sun_path, path, n) ||
        strcmp(hidden.sun_path + n, "~") || lstat(path, &st) || !S_ISSOCK(st.st_mode) ||
        fcntl(fd, F_SETFD, FD_CLOEXEC)) {
        close(fd);
        return false;
    }
    s->fd = fd;
    s->device = st.st_dev;
    s->inode = st.st_ino;
    return true;
}

void listen_close(struct listen_socket *s) {
    struct stat st;
    if (s->fd < 0) return;
    if (lstat(s->path, &st) == 0 && st.st_dev == s->device && st.st_ino == s->inode) unlink(s->path);
    close(s->fd);
    s->fd = -1;
}
