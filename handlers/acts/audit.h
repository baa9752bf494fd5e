/* The dossier's keyed chain, the appeal's own MAC, and the lines of what is no appeal's.
 *
 * commitment = HMAC-SHA256(salt, the event's content), so that content can be deleted lawfully and the chain still holds;
 * mac = HMAC-SHA256(audit key, mac before ‖ appeal ‖ n ‖ commitment). The chain covers what happened, the appeal's MAC what
 * came of it: clocks, place, whose it is, and the chain's end. */
#ifndef MINHU_AUDIT_H
#define MINHU_AUDIT_H

#include "acts/act.h"

/* Fills commitment and mac of an event whose other members are set, a random salt too. before: the mac of event n-1, zero for
 * the first. content: what the event covers besides itself: the first one audit_content_digest, one that closes a ledger line
 * audit_ledger_digest; zero elsewhere. */
enum rc audit_chain_event(const struct keyring *keys, struct row_event *e, const uint8_t before[32],
                          const uint8_t content[32]) MUST_USE;
/* Recomputes commitment and mac from the row; false when they don't match. */
bool audit_event_holds(const struct keyring *keys, const struct row_event *e, const uint8_t before[32],
                       const uint8_t content[32]);
/* The same for the form of schema 4, whose events cover neither numbers, client_id, photos nor ledger lines. None can be made
 * without the audit key: the MAC holds the commitment fast, and an event of today's form has none that is also one of fewer
 * parts. So which form an event has is proved by itself, and no event that was ever written can pass for the other's. */
bool audit_event_is_earlier(const struct keyring *keys, const struct row_appeal *a, const struct row_event *e,
                            const uint8_t before[32]);
/* Digest of what never changes in an appeal: number, channel, kind, title, text, reporter, time of submission, photos; photos
 * NULL: without them, as earlier. */
bool audit_content_digest(const struct row_appeal *a, const uint8_t photos[32], uint8_t out[32]) MUST_USE;
/* Takes one more photo, in the order of their ids, into the digest of all, which begins as zero. */
bool audit_photo_digest(const struct row_attachment *photo, uint8_t photos[32]) MUST_USE;
bool audit_ledger_digest(const struct row_ledger_entry *line, uint8_t out[32]) MUST_USE;

/* Of the whole row but its mac. Who writes the row asks before he changes anything whether it holds, and leaves the mac alone
 * when it doesn't: so the mark of what somebody wrote past the product stays. */
bool audit_appeal_mac(const struct keyring *keys, const struct row_appeal *a, uint8_t out[32]) MUST_USE;
/* For who is about to write the row: had nobody written it past the product? RC_INTERNAL: for want of memory that can't be told, and
 * nothing may be written, for the row's MAC would then be taken for a wrong one for ever. */
enum rc audit_appeal_untouched(const struct keyring *keys, const struct row_appeal *a, bool *untouched) MUST_USE;
enum rc audit_part_untouched(const struct keyring *keys, const struct row_part *p, bool *untouched) MUST_USE;
enum rc audit_meeting_untouched(const struct keyring *keys, const struct row_meeting *m, bool *untouched) MUST_USE;
bool audit_appeal_holds(const struct keyring *keys, const struct row_appeal *a);

/* The same of a part and a meeting of joint handling, which their MACs bind to the last event about them. */
bool audit_part_mac(const struct keyring *keys, const struct row_part *p, uint8_t out[32]) MUST_USE;
bool audit_part_holds(const struct keyring *keys, const struct row_part *p);
bool audit_ruling_mac(const struct keyring *keys, const struct row_ruling *r, uint8_t out[32]) MUST_USE;
bool audit_ruling_holds(const struct keyring *keys, const struct row_ruling *r);
bool audit_meeting_mac(const struct keyring *keys, const struct row_meeting *m, uint8_t out[32]) MUST_USE;
bool audit_meeting_holds(const struct keyring *keys, const struct row_meeting *m);

/* What is no appeal's. Numbers are for ever. */
enum audit_action {
    AUDIT_SIGN_IN = 1,
    AUDIT_SIGN_OUT,
    AUDIT_SIGN_OUT_ALL,
    AUDIT_TOKEN_REUSE,
    AUDIT_POST_SWITCH,
    AUDIT_POST_END,
    AUDIT_KEY_CREATE,
    AUDIT_KEY_ROTATE,
    AUDIT_KEY_REVOKE,
    AUDIT_IMPORT,
    AUDIT_STAFF_DISABLE,
    AUDIT_INVITATION,
    AUDIT_ADOPT,
    AUDIT_RENEW, /* appeals from before schema 5 have got their MAC: once in a database's life */
    AUDIT_ROTA_SET,
    AUDIT_ROTA_END,
    AUDIT_REPORTER_SEARCH, /* somebody looked for matters by a phone: its blind index, and for what purpose */
    AUDIT_TROUBLE_PUBLISH, /* known trouble: the areas */
    AUDIT_TROUBLE_UPDATE,  /* what is told of it */
    AUDIT_TROUBLE_END,
    AUDIT_TROUBLE_WITHDRAW,
    AUDIT_DISASTER_ON, /* and why */
    AUDIT_DISASTER_OFF,
    AUDIT_REORGANISE, /* a unit was made, renamed or ended; what stands for it is in the text */
    AUDIT__MAX
};
/* Appends a line, with its MAC, within the caller's transaction or alone. Nothing personal in text. */
enum rc audit_write(struct act *act, enum audit_action action, const uint8_t object_id[16], const char *text) MUST_USE;
bool audit_line_holds(const struct keyring *keys, const struct row_audit_line *line);

#endif
