/* Does one dossier hold? Plays an appeal's events again and compares what they add up to with the appeal and its
 * ledger. */
#ifndef MINHU_DOSSIER_H
#define MINHU_DOSSIER_H

#include "base/seal.h"
#include "db/db.h"
#include "rules/transitions.h"

#include <stdbool.h>
#include <stdint.h>

/* Called for each thing that doesn't hold; event 0: the appeal itself. what is English, for an auditor. */
typedef void dossier_found(void *arg, int64_t event, const char *what);

/* The members are dossier.c's own. */
struct dossier {
    const struct keyring *keys;
    const struct row_appeal *appeal; /* must outlive the dossier */
    dossier_found *found;
    void *arg;
    uint8_t photos[32], chain[32]; /* the digest of the photos seen; the MAC of the last event seen */
    int64_t events, seq;           /* numbers of the last event seen; seq 0: it has none yet */
    int64_t state, version, holder, round, outcome, stars, overdue;
    int64_t responded_at, resolved_at, closed_at, urged_at;
    int64_t questions, own_state, followers, request, request_n, extensions, extended, suspensions, suspend_reason;
    uint8_t assignee[16], asker[16], lead[16], suspender[16], result[32], comment[32],
        question[32]; /* the texts as digests */
    int64_t plans, planned_day, proposal_n, demands_n, demands_set;
    bool has_result, has_comment, has_question, suspended, reply_owed;
    /* The ledger: where the open line starts, and what the event just seen closes. */
    int64_t lines, line_from_s, line_to_s, line_unit, line_kind;
    int64_t line_reason;
    uint8_t line_granted_by[16];
    bool line_ran_out;
    /* Joint handling: of each part the last event about it, and what that left. Number 0 is none's. */
    int64_t parts, parts_left, parts_seen;
    struct {
        int64_t event_n, state;
    } part[PARTS_MAX + 1], meeting[MEETINGS_MAX + 1];
    int64_t meetings, meetings_seen;
    int64_t rulings, rulings_seen, follows_since;
    const struct row_event *closing; /* the event just seen, when it closes a line */
    uint8_t before[32];              /* the MAC of the one before it */
};

void dossier_begin(struct dossier *d, const struct keyring *keys, const struct row_appeal *a, dossier_found *found,
                   void *arg);
/* The photos, before the events, in the order of their ids. */
void dossier_photo(struct dossier *d, const struct row_attachment *photo);
/* The events in the order of their numbers. True when this one closes a ledger line: then dossier_line is due, while e is
 * still there. */
bool dossier_event(struct dossier *d, const struct row_event *e);
/* The line that the last event closed; NULL: there is none. */
void dossier_line(struct dossier *d, const struct row_ledger_entry *line);
/* The parts of joint handling, after the events, in the order of their numbers. */
void dossier_part(struct dossier *d, const struct row_part *part);
/* The meetings and site visits, likewise. */
void dossier_meeting(struct dossier *d, const struct row_meeting *meeting);
/* The rulings, likewise, where there is an event of one. */
void dossier_ruling(struct dossier *d, const struct row_ruling *ruling);
/* The row of a matter that follows another; NULL: there is none. */
void dossier_following(struct dossier *d, const struct row_following *row);
/* After the last event, part, meeting and ruling. */
void dossier_end(struct dossier *d);

#endif
