/* The rule of three attempts. */
#include "rules/contact.h"

#include "base/timefmt.h"

struct moment {
    int32_t day, hour;
};

static bool failed(const struct contact_attempt *a) {
    return a->outcome == CONTACT_NO_ANSWER || a->outcome == CONTACT_WRONG_NUMBER;
}

static struct moment moment_of(int64_t us) {
    struct moment m;
    int32_t second;
    time_split_beijing(us, &m.day, &second);
    m.hour = second / 3600;
    return m;
}

static bool apart(struct moment a, struct moment b) { return a.day != b.day && a.hour != b.hour; }

/* Are there two among the attempts before i that are apart from it and from each other? */
static bool completes_three(const struct contact_attempt *attempts, size_t i) {
    struct moment c = moment_of(attempts[i].at_us);
    for (size_t k = 0; k < i; k++) {
        struct moment a = moment_of(attempts[k].at_us);
        if (!apart(a, c)) continue;
        for (size_t m = k + 1; m < i; m++) {
            struct moment b = moment_of(attempts[m].at_us);
            if (apart(a, b) && apart(b, c)) return true;
        }
    }
    return false;
}

bool contact_unreachable(const struct contact_attempt *attempts, size_t n) {
    size_t since = n;
    while (since && failed(&attempts[since - 1])) since--;
    for (size_t i = since + UNREACHED_MIN - 1; i < n; i++)
        if (completes_three(attempts + since, i - since)) return true;
    return false;
}
