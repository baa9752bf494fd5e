/* Letters, digits and Chinese characters as texts are compared by. */
#include "rules/letters.h"

#include <stdbool.h>

uint32_t letter_fold(uint32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 'a';
    if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? c : 0;
    bool punctuation = c < 0xC0 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F && c != 0x3007) ||
                       (c >= 0xFE00 && c <= 0xFE6F) || c == 0xFEFF || c >= 0xFFE0;
    return punctuation && c < 0x10000 ? 0 : c;
}
