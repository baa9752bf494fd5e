/* Time: microseconds since 1970-01-01T00:00:00Z inside; RFC 3339 outside. No time zone data: the product knows UTC and
 * +08:00. */
#ifndef MINHU_TIMEFMT_H
#define MINHU_TIMEFMT_H

#include "base/str.h"

#include <stdint.h>

enum { TIME_TEXT_MAX = 40 };
#define SECOND_US INT64_C(1000000)
#define DAY_S 86400
/* Beijing time: UTC+8, no summer time since 1991. */
#define BEIJING_OFFSET_S 28800

/* The wall clock. */
int64_t time_now_us(void);
/* Monotonic, for measuring. */
int64_t time_mono_us(void);

/* RFC 3339 with an offset (Z, z, ±hh:mm), 'T' or 't' between, up to 6 fraction digits, from 1970 to the end of 9999 in
 * Beijing, so that any can be shown again as it was given; leap second refused. */
bool time_parse(struct str s, int64_t *us);
/* "2026-11-24T09:30:00+08:00" (fraction 0) or with 3 digits of milliseconds (fraction 3); returns the length. */
size_t time_format_beijing(int64_t us, int fraction, char out[TIME_TEXT_MAX]);
/* "Sat, 01 Mar 2025 01:30:00 GMT" (RFC 9110), whatever the locale. */
size_t time_format_http(int64_t us, char out[TIME_TEXT_MAX]);
/* "20250301093000", Beijing. */
size_t time_format_compact_beijing(int64_t us, char out[TIME_TEXT_MAX]);

/* Days since 1970-01-01 in the proleptic Gregorian calendar, and back. */
int32_t date_to_days(int year, int month, int day);
void date_from_days(int32_t days, int *year, int *month, int *day);
/* "2026-11-24", strict. */
bool date_parse(struct str s, int32_t *days);
/* The Beijing date of an instant, and the seconds since its midnight. */
void time_split_beijing(int64_t us, int32_t *days, int32_t *second_of_day);

#endif
