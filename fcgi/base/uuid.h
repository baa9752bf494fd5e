/* UUID version 7 (RFC 9562): ids that sort by the time they were made. */
#ifndef MINHU_UUID_H
#define MINHU_UUID_H

#include "base/str.h"

#include <stdint.h>

enum { UUID_TEXT = 36 };

/* A fresh id for the instant us. False only when the system's random source fails. */
bool uuid_make(int64_t us, uint8_t out[16]);
bool uuid_parse(struct str s, uint8_t out[16]);
/* The least id that can have been made days before this one, so that whoever looks that far back need not look at all. */
void uuid_days_before(const uint8_t id[16], int days, uint8_t out[16]);
void uuid_format(const uint8_t id[16], char out[UUID_TEXT + 1]);
bool uuid_is_zero(const uint8_t id[16]);

#endif
