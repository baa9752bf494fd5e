/* Photos over the wire: raw bytes in, raw bytes out, to those only who may see the appeal. */
#include "acts/photos.h"

#include "resources.h"
#include "server.h"
#include "write.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of one person: ten submissions' worth, some more if they come at once. More would only fill the disk for a day. */
enum { PHOTOS_WAITING_MAX = 30 };

struct upload {
    enum media_type type;
    uint8_t sha256[32];
    bool too_many;
};

static enum rc upload_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct upload *u = arg;
    uint8_t id[16];
    if (u->too_many)
        return act_fail(act, RC_LIMIT_REACHED, "您已上传 30 张还没用到的照片，请先提交诉求，或过一天再传。",
                        "You have 30 photos that wait for a submission; submit, or come back after a day.");
    if (!uuid_make(act->now_us, id)) return RC_INTERNAL;
    enum rc rc = db_run(act->db, ST_attachment_insert,
                        DB_VALUES(v_id(id), v_int(act->asker.kind), v_id(act->asker.id), v_int(u->type),
                                  v_int((int64_t)req->body.n), v_hash(u->sha256), v_time(act->now_us)),
                        NULL);
    char text[UUID_TEXT + 1];
    uuid_format(id, text);
    res->status = 201;
    response_location(res, arena_printf(req->arena, "/zlb/v1/attachments/%s", text));
    jw_begin_object(&res->json);
    jw_key_uuid(&res->json, "id", id);
    jw_key_z(&res->json, "media_type", u->type == MEDIA_JPEG ? "image/jpeg" : "image/png");
    jw_key_int(&res->json, "bytes", (int64_t)req->body.n);
    jw_end_object(&res->json);
    return rc;
}

static enum rc count_waiting(struct request *req, struct upload *u) {
    struct row_number *n;
    enum rc rc = db_row(thread_of(req)->db, ST_attachments_waiting, DB_VALUES(v_id(principal_of(req)->asker.id)),
                        req->arena, &n);
    u->too_many = rc == RC_OK && n && n->n >= PHOTOS_WAITING_MAX;
    return rc;
}

/* The file is there before the row: a row never points to nothing. A file without a row is swept up by a job. What is one too
 * many is not kept, but refused only within the transaction: it may be the repeat of one that was taken. */
enum rc upload_attachment(struct request *req, struct response *res) {
    struct upload u = {.type = photo_type(req->body)};
    bool says_jpeg = str_is(req->content_type, "image/jpeg");
    if (u.type == MEDIA_NONE || (u.type == MEDIA_JPEG) != says_jpeg) return RC_BAD_PHOTO;
    enum rc rc = count_waiting(req, &u);
    if (rc != RC_OK) return rc;
    server_waits();
    if (!u.too_many) rc = photo_store(app_of(req)->settings->upload_folder, req->body, u.sha256);
    return rc == RC_OK ? write_run(req, res, upload_in_tx, &u) : rc;
}

static enum rc send_file(struct request *req, struct response *res, const struct row_attachment *f) {
    char path[PHOTO_PATH_MAX];
    if (!photo_path(app_of(req)->settings->upload_folder, f->sha256, path)) return RC_INTERNAL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return RC_UNAVAILABLE;
    char *room = buf_room(&res->body, (size_t)f->bytes);
    size_t got = 0;
    while (room && got < (size_t)f->bytes) {
        ssize_t n = read(fd, room + got, (size_t)f->bytes - got);
        if (n <= 0) break;
        got += (size_t)n;
    }
    close(fd);
    if (!room || got != (size_t)f->bytes) return RC_INTERNAL;
    res->content_type = f->media_type == MEDIA_JPEG ? "image/jpeg" : "image/png";
    response_header(res, "Content-Disposition", "attachment");
    return RC_OK;
}

static enum rc find_attachment(struct request *req, struct row_attachment **f) {
    enum rc rc = db_row(thread_of(req)->db, ST_attachment_by_id,
                        DB_VALUES(v_id(((const struct path_id *)req->path_in)->id)), req->arena, f);
    return rc == RC_OK && !*f ? RC_NOT_FOUND : rc;
}

/* One's own waiting photo, or one of one's own appeal. */
enum rc get_attachment(struct request *req, struct response *res) {
    struct row_attachment *f;
    struct row_appeal *a = NULL;
    const uint8_t *me = principal_of(req)->asker.id;
    enum rc rc = find_attachment(req, &f);
    if (rc != RC_OK) return rc;
    if (!uuid_is_zero(f->appeal_id))
        rc = db_row(thread_of(req)->db, ST_appeal_of_resident, DB_VALUES(v_id(f->appeal_id), v_id(me)), req->arena, &a);
    bool own = f->owner_kind == ACTOR_RESIDENT && memcmp(f->owner_id, me, 16) == 0;
    if (rc == RC_OK && !own && !a) return RC_NOT_FOUND;
    return rc == RC_OK ? send_file(req, res, f) : rc;
}

enum rc staff_get_attachment(struct request *req, struct response *res) {
    struct row_attachment *f;
    struct row_appeal *a;
    const struct asker *k = &principal_of(req)->asker;
    enum rc rc = find_attachment(req, &f);
    if (rc != RC_OK) return rc;
    rc = db_row(thread_of(req)->db, ST_appeal_of_staff, DB_VALUES(v_id(f->appeal_id), STAFF_SIGHT(k)), req->arena, &a);
    if (rc == RC_OK && !a) return RC_NOT_FOUND;
    return rc == RC_OK ? send_file(req, res, f) : rc;
}
