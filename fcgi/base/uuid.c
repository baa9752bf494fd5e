/* UUID version 7: 48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random bits. */
#include "base/uuid.h"

#include "base/encode.h"

#include <errno.h>
#include <sys/random.h>

bool uuid_make(int64_t us, uint8_t out[16]) {
    if (us < 0) {
        us = 0;
    }
    uint64_t ms = (uint64_t)us / 1000;
    /* The fraction in place of random bits (RFC 9562, section 6.2, method 3) sorts ids of the same millisecond. */
    unsigned fraction = (unsigned)((uint64_t)us % 1000 * 4096 / 1000);
    for (int i = 0; i < 6; i++) {
        out[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    out[6] = (uint8_t)(0x70 | fraction >> 8);
    out[7] = (uint8_t)fraction;
    ssize_t got;
    do {
        got = getrandom(out + 8, 8, 0);
    } while (got < 0 && errno == EINTR);
    out[8] = (uint8_t)((out[8] & 0x3F) | 0x80);
    return got == 8;
}

void uuid_days_before(const uint8_t id[16], int days, uint8_t out[16]) {
    uint64_t ms = 0, back = (uint64_t)days * 86400000;
    for (int i = 0; i < 6; i++) ms = ms << 8 | id[i];
    ms = ms > back ? ms - back : 0;
    memset(out, 0, 16);
    for (int i = 0; i < 6; i++) out[i] = (uint8_t)(ms >> (40 - 8 * i));
}

/* Where the five groups begin in the text, and how many bytes each has. */
static const struct { uint8_t at, bytes; } groups[] = {{0, 4}, {9, 2}, {14, 2}, {19, 2}, {24, 6}};

bool uuid_parse(struct str s, uint8_t out[16]) {
    if (s.n != UUID_TEXT || s.p[8] != '-' || s.p[13] != '-' || s.p[18] != '-' || s.p[23] != '-') {
        return false;
    }
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct str group = {s.p + groups[i].at, (size_t)groups[i].bytes * 2};
        if (!hex_decode(group, out, groups[i].bytes)) {
            return false;
        }
        out += groups[i].bytes;
    }
    return true;
}

void uuid_format(const uint8_t id[16], char out[UUID_TEXT + 1]) {
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        hex_encode(id, groups[i].bytes, out + groups[i].at);
        id += groups[i].bytes;
    }
    out[8] = out[13] = out[18] = out[23] = '-';
}

bool uuid_is_zero(const uint8_t id[16]) {
    uint8_t any = 0;
    for (int i = 0; i < 16; i++) {
        any |= id[i];
    }
    return any == 0;
}
