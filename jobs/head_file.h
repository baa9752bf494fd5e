/* The file of audit heads outside the database: one line a head, only ever appended to. */
#ifndef MINHU_HEAD_FILE_H
#define MINHU_HEAD_FILE_H

#include "acts/heads.h"

/* Appends every head of the database that the file lacks, checked and synced. Heals what a crash left: a missing last
 * line, or half of one. RC_OK; RC_CONFLICT when the file has heads that the database lacks or has otherwise (nothing is
 * written then, and no new head may be made); RC_UNAVAILABLE when the file can't be written or another process is at
 * it; or the database's error. */
enum rc head_file_update(struct db *db, struct arena *a, const char *path, const uint8_t public_key[32]) MUST_USE;

#endif
