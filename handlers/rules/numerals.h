/* Numbers as Chinese spells them. */
#ifndef MINHU_NUMERALS_H
#define MINHU_NUMERALS_H

#include <stdint.h>

/* Of a spelt numeral: 0 to 9 of a digit (零 and 〇 are both 0), 10, 100, 1000, 10000 of 十, 百, 千, 万; -1 of all others. */
static inline int numeral_value(uint32_t c) {
    switch (c) {
    case 0x3007:               /* 〇 */
    case 0x96F6: return 0;     /* 零 */
    case 0x4E00: return 1;     /* 一 */
    case 0x4E8C: return 2;     /* 二 */
    case 0x4E09: return 3;     /* 三 */
    case 0x56DB: return 4;     /* 四 */
    case 0x4E94: return 5;     /* 五 */
    case 0x516D: return 6;     /* 六 */
    case 0x4E03: return 7;     /* 七 */
    case 0x516B: return 8;     /* 八 */
    case 0x4E5D: return 9;     /* 九 */
    case 0x5341: return 10;    /* 十 */
    case 0x767E: return 100;   /* 百 */
    case 0x5343: return 1000;  /* 千 */
    case 0x4E07: return 10000; /* 万 */
    default: return -1;
    }
}

#endif
