/* Unix sockets to listen on, made so that there is no moment with a wrong mode or without a socket. */
#ifndef MINHU_LISTEN_H
#define MINHU_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

struct listen_socket {
    int fd;
    const char *path;
    dev_t device;
    ino_t inode;
};

/* A non-blocking listener at path, mode 0660, given to group ("" leaves it). A socket that nobody listens on is
 * replaced; one that somebody does is waited for, up to wait_seconds. False, reason logged, on failure. */
bool listen_open(struct listen_socket *s, const char *path, const char *group, int wait_seconds);
/* The same for a listener that was opened so at the same path by an earlier program of this process. False, fd closed, when
 * it belongs to another path. */
bool listen_adopt(struct listen_socket *s, int fd, const char *path);
/* Closes it and removes the file, unless another program has put its own there. */
void listen_close(struct listen_socket *s);

#endif
