/* Strict UTF-8: which sequences are well-formed, and what of them is printable text. */
#include "base/utf8.h"

static unsigned char byte(const char *p, size_t i) { return (unsigned char)p[i]; }

static bool continues(const char *p, size_t i) { return (byte(p, i) & 0xC0) == 0x80; }

size_t utf8_sequence(const char *p, size_t n) {
    if (n == 0) {
        return 0;
    }
    unsigned char lead = byte(p, 0);
    if (lead < 0x80) {
        return 1;
    }
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || n < length) {
        return 0;
    }
    /* The second byte's range depends on the lead: it keeps out overlong forms, surrogates and what is above U+10FFFF.
     */
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(p, 1) < low || byte(p, 1) > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!continues(p, i)) {
            return 0;
        }
    }
    return length;
}

/* How many bytes from p on are ASCII, at least; looks at eight at once. */
static size_t ascii_run(const char *p, size_t n) {
    size_t i = 0;
    while (n - i >= 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        if (word & UINT64_C(0x8080808080808080)) {
            break;
        }
        i += 8;
    }
    return i;
}

bool utf8_valid(struct str s) {
    size_t i = 0;
    while (i < s.n) {
        i += ascii_run(s.p + i, s.n - i);
        if (i == s.n) {
            break;
        }
        size_t length = utf8_sequence(s.p + i, s.n - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

size_t utf8_count(struct str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++) {
        count += !continues(s.p, i);
    }
    return count;
}

uint32_t utf8_next(struct str s, size_t *at) {
    const char *p = s.p + *at;
    size_t length = utf8_sequence(p, s.n - *at);
    if (length == 0) {
        (*at)++;
        return 0xFFFD;
    }
    *at += length;
    if (length == 1) {
        return byte(p, 0);
    }
    uint32_t c = byte(p, 0) & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        c = c << 6 | (byte(p, i) & 0x3F);
    }
    return c;
}

struct str utf8_prefix(struct str s, size_t count) {
    for (size_t i = 0; i < s.n; i++) {
        if (continues(s.p, i)) {
            continue;
        }
        if (count == 0) {
            return (struct str){s.p, i};
        }
        count--;
    }
    return s;
}

static bool is_text_char(uint32_t c) {
    if (c < 0x20) {
        return c == '\t' || c == '\n';
    }
    if (c >= 0x7F && c <= 0x9F) {
        return false;
    }
    bool noncharacter = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF), tag = c >= 0xE0000 && c <= 0xE007F;
    return c != 0xFEFF && !(c >= 0x202A && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069) && !noncharacter && !tag;
}

bool utf8_is_text(struct str s) {
    size_t at = 0;
    while (at < s.n) {
        if (utf8_sequence(s.p + at, s.n - at) == 0 || !is_text_char(utf8_next(s, &at))) {
            return false;
        }
    }
    return true;
}

/* White space, and characters that show nothing: fillers, joiners, marks of direction, variation selectors. */
static bool is_blank(uint32_t c) {
    static const uint32_t ranges[][2] = {
        {'\t', '\r'},     {' ', ' '},       {0x85, 0x85},     {0xA0, 0xA0},       {0xAD, 0xAD},     {0x34F, 0x34F},
        {0x61C, 0x61C},   {0x115F, 0x1160}, {0x1680, 0x1680}, {0x17B4, 0x17B5},   {0x180B, 0x180F}, {0x2000, 0x200F},
        {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x2064}, {0x2800, 0x2800},   {0x3000, 0x3000}, {0x3164, 0x3164},
        {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xE0100, 0xE01EF},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges && c >= ranges[i][0]; i++) {
        if (c <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

struct str utf8_trim(struct str s) {
    size_t from = 0;
    while (from < s.n) {
        size_t next = from;
        if (!is_blank(utf8_next(s, &next))) {
            break;
        }
        from = next;
    }
    size_t to = s.n;
    while (to > from) {
        size_t last = to - 1;
        while (last > from && continues(s.p, last)) {
            last--;
        }
        size_t at = last;
        if (!is_blank(utf8_next((struct str){s.p, to}, &at)) || at != to) {
            break;
        }
        to = last;
    }
    return s.p ? (struct str){s.p + from, to - from} : s;
}
