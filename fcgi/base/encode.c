/* Bytes as text and back: hex, base64 in both alphabets, base62, percent-encoding; and CRC-32. */
#include "base/encode.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base62_digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

void hex_encode(const uint8_t *p, size_t n, char *out) {
    for (size_t i = 0; i < n; i++) {
        *out++ = hex_digits[p[i] >> 4];
        *out++ = hex_digits[p[i] & 15];
    }
    *out = '\0';
}

/* The value of a hex digit, or -1. */
static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool hex_decode(struct str s, uint8_t *out, size_t n) {
    if (s.n / 2 != n || s.n % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int high = hex_value(s.p[2 * i]), low = hex_value(s.p[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* ---- base64 (RFC 4648) ---- */

struct alphabet {
    char digits62, digits63; /* the two that differ; the others are A-Z a-z 0-9 */
    bool padded;
};
static const struct alphabet standard = {'+', '/', true}, url = {'-', '_', false};

static char sextet_char(const struct alphabet *a, unsigned v) {
    v &= 63;
    if (v < 26) {
        return (char)('A' + v);
    }
    if (v < 52) {
        return (char)('a' + v - 26);
    }
    return v < 62 ? (char)('0' + v - 52) : v == 62 ? a->digits62 : a->digits63;
}

static int sextet_value(const struct alphabet *a, char c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == a->digits62 ? 62 : c == a->digits63 ? 63 : -1;
}

static size_t base64_any_encode(const struct alphabet *a, const uint8_t *p, size_t n, char *out) {
    char *start = out;
    for (; n >= 3; n -= 3, p += 3) {
        unsigned v = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
        for (int shift = 18; shift >= 0; shift -= 6) {
            *out++ = sextet_char(a, v >> shift);
        }
    }
    if (n > 0) {
        unsigned v = (unsigned)p[0] << 16 | (n == 2 ? (unsigned)p[1] << 8 : 0);
        *out++ = sextet_char(a, v >> 18);
        *out++ = sextet_char(a, v >> 12);
        if (n == 2) {
            *out++ = sextet_char(a, v >> 6);
        }
        for (size_t i = n; a->padded && i < 3; i++) {
            *out++ = '=';
        }
    }
    *out = '\0';
    return (size_t)(out - start);
}

size_t base64_encode(const uint8_t *p, size_t n, char *out) { return base64_any_encode(&standard, p, n, out); }

size_t base64url_encode(const uint8_t *p, size_t n, char *out) { return base64_any_encode(&url, p, n, out); }

/* s is without padding. */
static bool base64_any_decode(const struct alphabet *a, struct str s, uint8_t *out, size_t cap, size_t *n) {
    size_t bytes = s.n / 4 * 3 + (s.n % 4 * 3) / 4;
    if (s.n % 4 == 1 || bytes > cap) {
        return false;
    }
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < s.n; i++) {
        int v = sextet_value(a, s.p[i]);
        if (v < 0) {
            return false;
        }
        bits = (bits << 6 | (unsigned)v) & 0xFFFF;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *out++ = (uint8_t)(bits >> held);
        }
    }
    /* Left-over bits that are not zero would let one value have several texts. */
    if (bits & ((1u << held) - 1)) {
        return false;
    }
    *n = bytes;
    return true;
}

bool base64url_decode(struct str s, uint8_t *out, size_t cap, size_t *n) {
    return base64_any_decode(&url, s, out, cap, n);
}

bool base64_decode(struct str s, uint8_t *out, size_t cap, size_t *n) {
    if (s.n % 4 != 0) {
        return false;
    }
    for (int i = 0; i < 2 && s.n > 0 && s.p[s.n - 1] == '='; i++) {
        s.n--;
    }
    return base64_any_decode(&standard, s, out, cap, n);
}

/* ---- base62 ---- */

enum { BASE62_TEXT = 43, CHUNK_DIGITS = 5, WORDS = 8 };
/* 62^5, the largest power that a 32-bit word holds: numbers are worked on in chunks of five digits. */
#define CHUNK UINT32_C(916132832)

/* Divides the big-endian number in place; returns the remainder. */
static uint32_t divide_by_chunk(uint32_t words[WORDS]) {
    uint64_t rest = 0;
    for (int i = 0; i < WORDS; i++) {
        rest = rest << 32 | words[i];
        words[i] = (uint32_t)(rest / CHUNK);
        rest %= CHUNK;
    }
    return (uint32_t)rest;
}

void base62_encode32(const uint8_t in[32], char out[44]) {
    uint32_t words[WORDS];
    for (int i = 0; i < WORDS; i++) {
        const uint8_t *p = in + 4 * i;
        words[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    out[BASE62_TEXT] = '\0';
    int at = BASE62_TEXT;
    while (at > 0) {
        uint32_t chunk = divide_by_chunk(words);
        for (int i = 0; i < CHUNK_DIGITS && at > 0; i++) {
            out[--at] = base62_digits[chunk % 62];
            chunk /= 62;
        }
    }
}

static int base62_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'Z') {
        return c - 'A' + 10;
    }
    return c >= 'a' && c <= 'z' ? c - 'a' + 36 : -1;
}

/* words = words * 62 + digit; false when that is 2^256 or more. */
static bool append_digit(uint32_t words[WORDS], unsigned digit) {
    uint64_t carry = digit;
    for (int i = WORDS - 1; i >= 0; i--) {
        carry += (uint64_t)words[i] * 62;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

bool base62_decode32(struct str s, uint8_t out[32]) {
    if (s.n != BASE62_TEXT) {
        return false;
    }
    uint32_t words[WORDS] = {0};
    for (size_t i = 0; i < BASE62_TEXT; i++) {
        int v = base62_value(s.p[i]);
        if (v < 0 || !append_digit(words, (unsigned)v)) {
            return false;
        }
    }
    for (int i = 0; i < 32; i++) {
        out[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
    }
    return true;
}

void base62_encode_crc(uint32_t v, char out[7]) {
    out[6] = '\0';
    for (int i = 5; i >= 0; i--) {
        out[i] = base62_digits[v % 62];
        v /= 62;
    }
}

/* ---- CRC-32 ---- */

/* The remainder of each half byte, reflected polynomial EDB88320. */
static const uint32_t crc_nibbles[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

uint32_t crc32_of(const void *p, size_t n) {
    const uint8_t *bytes = p;
    uint32_t crc = ~UINT32_C(0);
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ crc_nibbles[crc & 15];
        crc = crc >> 4 ^ crc_nibbles[crc & 15];
    }
    return ~crc;
}

/* ---- percent-encoding (RFC 3986) ---- */

static bool is_unreserved(char c) { return base62_value(c) >= 0 || c == '-' || c == '_' || c == '.' || c == '~'; }

bool percent_encode(struct buf *b, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (is_unreserved(s.p[i])) {
            buf_add_char(b, s.p[i]);
            continue;
        }
        uint8_t byte = (uint8_t)s.p[i];
        char escape[3] = {'%', hex_digits[byte >> 4], hex_digits[byte & 15]};
        /* RFC 3986 prefers capital digits. */
        for (int k = 1; k < 3; k++) {
            escape[k] = escape[k] >= 'a' ? (char)(escape[k] - 'a' + 'A') : escape[k];
        }
        buf_add(b, escape, sizeof escape);
    }
    return !b->failed;
}

bool percent_decode(struct str s, bool plus_is_space, char *room, struct str *out) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            uint8_t byte;
            if (s.n - i < 3 || !hex_decode((struct str){s.p + i + 1, 2}, &byte, 1)) {
                return false;
            }
            c = (char)byte;
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        room[n++] = c;
    }
    *out = (struct str){room, n};
    return true;
}
