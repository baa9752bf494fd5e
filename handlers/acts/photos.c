/* The content-addressed folder of photos. */
#include "acts/photos.h"

#include "base/crypto.h"
#include "base/encode.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static uint32_t big_endian(const unsigned char *p, int bytes) {
    uint32_t n = 0;
    for (int i = 0; i < bytes; i++) n = n << 8 | p[i];
    return n;
}

/* A photo of a phone has at most some hundred million points; more is a bomb for whoever decodes it. */
static bool sane_size(uint32_t width, uint32_t height) {
    enum { SIDE_MAX = 30000, POINTS_MAX = 200000000 };
    return width > 0 && height > 0 && width <= SIDE_MAX && height <= SIDE_MAX && (uint64_t)width * height <= POINTS_MAX;
}

/* Walks the segments to the frame header (SOF0–SOF15 but DHT, JPG and DAC), which has the size (ITU-T T.81, B.2.2). */
static bool jpeg_size_is_sane(const unsigned char *p, size_t n) {
    for (size_t at = 2; at + 9 < n && p[at] == 0xff;) {
        unsigned char marker = p[at + 1];
        if (marker == 0xff) { /* fill byte */
            at++;
            continue;
        }
        bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (frame) return sane_size(big_endian(p + at + 7, 2), big_endian(p + at + 5, 2));
        size_t length = big_endian(p + at + 2, 2);
        if (length < 2 || marker == 0xda || marker == 0xd9) return false;
        at += 2 + length;
    }
    return false;
}

static bool is_jpeg(const unsigned char *p, size_t n) {
    return n >= 20 && p[0] == 0xff && p[1] == 0xd8 && p[n - 2] == 0xff && p[n - 1] == 0xd9 && jpeg_size_is_sane(p, n);
}

static bool is_png(const unsigned char *p, size_t n) {
    static const unsigned char start[16] = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a,
                                            0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    static const unsigned char end[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
    return n >= 57 && memcmp(p, start, sizeof start) == 0 && memcmp(p + n - 12, end, sizeof end) == 0 &&
           sane_size(big_endian(p + 16, 4), big_endian(p + 20, 4));
}

enum media_type photo_type(struct str b) {
    const unsigned char *p = (const unsigned char *)b.p;
    if (is_jpeg(p, b.n)) return MEDIA_JPEG;
    return is_png(p, b.n) ? MEDIA_PNG : MEDIA_NONE;
}

bool photo_path(const char *folder, const uint8_t sha256[32], char out[PHOTO_PATH_MAX]) {
    char hex[65];
    hex_encode(sha256, 32, hex);
    int n = snprintf(out, PHOTO_PATH_MAX, "%s/%.2s/%s", folder, hex, hex);
    return n > 0 && n < PHOTO_PATH_MAX;
}

static bool write_all(int fd, struct str bytes) {
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes = (struct str){bytes.p + n, bytes.n - (size_t)n};
    }
    return fsync(fd) == 0;
}

static bool sync_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return good;
}

static enum rc failed(const char *what, const char *path) {
    log_event(LOG_ERROR, "photos", "%s %s: errno %d", what, path, errno);
    return RC_UNAVAILABLE;
}

enum rc photo_store(const char *folder, struct str bytes, uint8_t sha[32]) {
    char path[PHOTO_PATH_MAX], sub[PHOTO_PATH_MAX], temp[PHOTO_PATH_MAX + 32];
    uint8_t random[8];
    char suffix[17];
    if (!sha256(bytes.p, bytes.n, sha) || !photo_path(folder, sha, path) || !random_bytes(random, 8))
        return RC_INTERNAL;
    /* There already: its time is renewed, so that the job that sweeps up files without a row leaves it alone. */
    if (utimensat(AT_FDCWD, path, NULL, 0) == 0) return RC_OK;
    snprintf(sub, sizeof sub, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (mkdir(sub, 0750) && errno != EEXIST) return failed("cannot make", sub);
    hex_encode(random, 8, suffix);
    snprintf(temp, sizeof temp, "%s.%s", path, suffix);
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) return failed("cannot create", temp);
    bool good = write_all(fd, bytes);
    close(fd);
    if (good && rename(temp, path) == 0 && sync_folder(sub)) return RC_OK;
    enum rc rc = failed("cannot write", temp);
    unlink(temp);
    return rc;
}
