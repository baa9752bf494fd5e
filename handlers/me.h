/* Who one is, as an object; signing in answers it too. */
#ifndef MINHU_ME_H
#define MINHU_ME_H

#include "app.h"

/* The resident of req's principal, masked. */
enum rc write_me(struct request *req, struct response *res) MUST_USE;
/* A staff member with his posts. post_id: the one he acts in; NULL: his first. */
enum rc write_staff_me_by_id(struct request *req, struct response *res, const uint8_t staff_id[16],
                             const uint8_t *post_id) MUST_USE;

#endif
