/* Photos: recognised by their bytes, stored by content outside the database. Never decoded in a worker. */
#ifndef MINHU_PHOTOS_H
#define MINHU_PHOTOS_H

#include "base/rc.h"
#include "base/str.h"

#include <stdint.h>

enum media_type { MEDIA_NONE, MEDIA_JPEG, MEDIA_PNG };
enum { PHOTO_BYTES_MAX = 5 * 1024 * 1024, PHOTO_PATH_MAX = 512 };

/* By signature at both ends (a JPEG from SOI to EOI, a PNG from its signature to IEND) and a size in points that a
 * camera can have. Nothing is decoded. */
enum media_type photo_type(struct str bytes);
/* FOLDER/ab/abcdef….  The same content is one file. */
bool photo_path(const char *folder, const uint8_t sha256[32], char out[PHOTO_PATH_MAX]);
/* Writes it durably (file and folder synced, renamed into place) unless it is there already. RC_UNAVAILABLE when it can't. */
enum rc photo_store(const char *folder, struct str bytes, uint8_t sha256[32]) MUST_USE;

#endif
