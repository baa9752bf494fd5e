/* Words of danger are found by their first character; what denies them stands right before. */
#include "rules/urgency.h"

#include "base/utf8.h"

#define STR_OF(z) \
    { z, sizeof(z) - 1 }
static const struct urgent_word builtin[] = {
#define URGENT(word, urgency, danger, unless) {STR_OF(word), STR_OF(unless), URGENCY_##urgency, DANGER_##danger},
#include "rules/urgent_words.def"
#undef URGENT
};

const struct urgent_word *urgent_words_builtin(size_t *n) {
    *n = sizeof builtin / sizeof *builtin;
    return builtin;
}

/* ---- the index ---- */

static size_t char_length(const char *p, size_t n) {
    size_t length = 1;
    while (length < n && ((unsigned char)p[length] & 0xC0) == 0x80) length++;
    return length;
}

static unsigned slot_of(const char *p, size_t n) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 16777619u;
    return (h ^ h >> 15) % URGENT_SLOTS;
}

bool urgency_index(struct district *d, struct arena *a) {
    struct urgent_index *x = &d->urgent;
    if (!x->count) x->words = urgent_words_builtin(&x->count);
    x->next = arena_array(a, x->count, sizeof *x->next);
    if (!x->next || x->count >= UINT16_MAX) return false;
    memset(x->heads, 0, sizeof x->heads);
    for (size_t i = 0; i < x->count; i++) {
        struct str w = x->words[i].word;
        uint16_t *head = &x->heads[slot_of(w.p, char_length(w.p, w.n))];
        x->next[i] = *head;
        *head = (uint16_t)(i + 1);
    }
    return true;
}

/* ---- what takes a word back ---- */

static bool ends_with(struct str s, struct str end) { return s.n >= end.n && !memcmp(s.p + s.n - end.n, end.p, end.n); }

/* The longest of the words that s ends with; 0 bytes: none. */
static size_t ending(struct str s, const struct str *words, size_t n) {
    size_t longest = 0;
    for (size_t i = 0; i < n; i++)
        if (words[i].n > longest && ends_with(s, words[i])) longest = words[i].n;
    return longest;
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* before: the text up to the word. "没有" denies, "有没有" asks. */
static bool denied(struct str before) {
    static const struct str links[] = {STR_OF("发生"), STR_OF("出现"), STR_OF("引发"), STR_OF("引起"), STR_OF("造成"),
                                       STR_OF("导致"), STR_OF("任何"), STR_OF("什么"), STR_OF("人员"), STR_OF("人")},
                            denials[] = {STR_OF("没有"), STR_OF("没"),   STR_OF("未"),   STR_OF("无"),   STR_OF("不是"),
                                         STR_OF("并非"), STR_OF("不会"), STR_OF("以免"), STR_OF("免得"), STR_OF("避免"),
                                         STR_OF("防止"), STR_OF("预防"), STR_OF("谨防"), STR_OF("杜绝"), STR_OF("一旦"),
                                         STR_OF("万一"), STR_OF("如果"), STR_OF("要是"), STR_OF("假如"), STR_OF("倘若"),
                                         STR_OF("容易"), STR_OF("极易"), STR_OF("易")},
                            questions[] = {STR_OF("有没有"), STR_OF("有没"), STR_OF("是不是"), STR_OF("会不会")};
    for (size_t skip; (skip = ending(before, links, COUNT(links))) != 0;) before.n -= skip;
    return !ending(before, questions, COUNT(questions)) && ending(before, denials, COUNT(denials));
}

/* The sentence around text[at]: from the stop before to the next one. */
static struct str sentence_around(struct str text, size_t at) {
    static const struct str stops[] = {STR_OF("。"), STR_OF("！"), STR_OF("？"), STR_OF("；"),
                                       STR_OF("!"),  STR_OF("?"),  STR_OF(";"),  STR_OF("\n")};
    size_t from = at, to = at;
    while (from && !ending((struct str){text.p, from}, stops, COUNT(stops))) from--;
    while (to < text.n && !ending((struct str){text.p, to + 1}, stops, COUNT(stops))) to++;
    return (struct str){text.p + from, to - from};
}

/* The exception holds the word, and stands in the text so that its word is the one at this place. */
static bool covers(struct str text, size_t at, struct str word, struct str exception) {
    for (size_t i = 0; i + word.n <= exception.n; i++)
        if (memcmp(exception.p + i, word.p, word.n) == 0 && at >= i && at - i + exception.n <= text.n &&
            memcmp(text.p + at - i, exception.p, exception.n) == 0)
            return true;
    return false;
}

static bool excepted(struct str text, size_t at, const struct urgent_word *w) {
    struct str rest = w->unless, sentence = {0};
    while (rest.n) {
        const char *comma = memchr(rest.p, ',', rest.n);
        struct str one = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        size_t skip = comma ? one.n + 1 : one.n;
        rest = (struct str){rest.p + skip, rest.n - skip};
        if (!one.n) continue;
        if (memmem(one.p, one.n, w->word.p, w->word.n)) {
            if (covers(text, at, w->word, one)) return true;
            continue;
        }
        if (!sentence.p) sentence = sentence_around(text, at);
        if (memmem(sentence.p, sentence.n, one.p, one.n)) return true;
    }
    return false;
}

enum urgency text_urgency(const struct district *d, struct str text, uint32_t *dangers) {
    const struct urgent_index *x = &d->urgent;
    enum urgency highest = URGENCY_NORMAL;
    uint32_t seen = 0;
    for (size_t at = 0, length; at < text.n; at += length) {
        length = char_length(text.p + at, text.n - at);
        for (size_t i = x->heads[slot_of(text.p + at, length)]; i; i = x->next[i - 1]) {
            const struct urgent_word *w = &x->words[i - 1];
            if (w->word.n > text.n - at || memcmp(text.p + at, w->word.p, w->word.n) != 0) continue;
            if (denied((struct str){text.p, at}) || excepted(text, at, w)) continue;
            seen |= DANGER_BIT(w->danger);
            if (w->urgency > highest) highest = w->urgency;
        }
    }
    if (dangers) *dangers = seen;
    return highest;
}

/* ---- advice ---- */

/* The national numbers: 119 fire, 110 police, 120 ambulance, 122 traffic police, 12356 psychological help. */
static const struct danger_advice advices[] = {
    {DANGER_SELF_HARM, "12356",
     "您现在的感受很重要，请不要独自承受。可以随时拨打 12356 心理援助热线，有人在听；如有紧急危险，请拨打 120 或 110。",
     "What you feel matters, and you need not bear it alone. Call 12356, the psychological helpline, at any hour; in immediate danger "
     "call 120 or 110."},
    {DANGER_FIRE, "119", "如正在起火，请先撤离并拨打 119。", "If it burns now, get out and call 119 first."},
    {DANGER_GAS, "119", "请不要开关电器和明火，开窗离开后拨打燃气抢修电话或 119。",
     "Touch no switch or flame; open the windows, leave, then call the gas company or 119."},
    {DANGER_LIFE, "120", "如有人受伤或昏迷，请先拨打 120。", "If somebody is hurt or unconscious, call 120 first."},
    {DANGER_POISON, "120", "如有人不适，请先拨打 120，并保留剩余食物。",
     "If somebody feels ill, call 120 first, and keep what is left of the food."},
    {DANGER_CURRENT, "119", "请远离带电处；如有人触电，请拨打 120 和 119。",
     "Keep away from what is live; if somebody got a shock, call 120 and 119."},
    {DANGER_COLLAPSE, "119", "请远离危险处；如有人被压，请拨打 119。", "Keep away; if somebody is buried, call 119."},
    {DANGER_LIFT, "119", "请不要强行扒门，按轿厢内的报警按钮；必要时拨打 119。",
     "Don't force the doors; press the alarm in the cabin, and call 119 if need be."},
    {DANGER_WATER, "119", "如有人落水或被困，请拨打 119。", "If somebody is in the water or cut off by it, call 119."},
    {DANGER_TRAFFIC, "122", "请先移到安全处并拨打 122；有人受伤请拨打 120。",
     "Get to safety and call 122; if somebody is hurt, 120."},
    {DANGER_LOST, "110", "请立即拨打 110 报警，不必等满 24 小时。", "Call 110 at once; there are no 24 hours to wait."},
    {DANGER_VIOLENCE, "110", "请先到安全处并拨打 110。", "Get to safety and call 110."},
};

const struct danger_advice *danger_advice(enum danger danger) {
    for (size_t i = 0; i < COUNT(advices); i++)
        if (advices[i].danger == danger) return &advices[i];
    return NULL;
}
