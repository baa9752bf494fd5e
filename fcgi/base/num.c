/* Whole numbers and millionths from text, every digit checked. */
#include "base/num.h"

/* One or more digits at *at, no leading zero unless it is the only one; stops behind them. */
static bool read_digits(struct str s, size_t *at, uint64_t limit, uint64_t *out) {
    size_t start = *at, i = start;
    uint64_t v = 0;
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (v > (limit - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    if (i == start || (i - start > 1 && s.p[start] == '0')) {
        return false;
    }
    *at = i;
    *out = v;
    return true;
}

static int64_t with_sign(uint64_t v, bool negative) {
    /* The detour by v - 1 reaches INT64_MIN without a signed overflow. */
    return negative && v > 0 ? -(int64_t)(v - 1) - 1 : (int64_t)v;
}

bool num_i64(struct str s, int64_t min, int64_t max, int64_t *out) {
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t at = negative ? 1 : 0;
    uint64_t v;
    if (!read_digits(s, &at, (uint64_t)INT64_MAX + (negative ? 1 : 0), &v) || at != s.n) {
        return false;
    }
    int64_t value = with_sign(v, negative);
    if (value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}

/* What follows the point, 1 to 6 digits up to the end, as millionths. */
static bool read_fraction(struct str s, size_t at, uint64_t *out) {
    if (at >= s.n || s.n - at > 6) {
        return false;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < 6; i++) {
        char c = at + i < s.n ? s.p[at + i] : '0';
        if (c < '0' || c > '9') {
            return false;
        }
        v = v * 10 + (uint64_t)(c - '0');
    }
    *out = v;
    return true;
}

bool num_millionths(struct str s, int64_t *out) {
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t at = negative ? 1 : 0;
    uint64_t whole, fraction = 0;
    if (!read_digits(s, &at, (uint64_t)INT64_MAX / 1000000 - 1, &whole)) {
        return false;
    }
    if (at < s.n && (s.p[at] != '.' || !read_fraction(s, at + 1, &fraction))) {
        return false;
    }
    *out = with_sign(whole * 1000000 + fraction, negative);
    return true;
}
