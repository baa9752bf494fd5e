/* From a host app's identity to a person of ours and a session. The call to the host is made by the caller, before. */
#ifndef MINHU_SIGN_IN_H
#define MINHU_SIGN_IN_H

#include "acts/sessions.h"
#include "hosts/zlb.h"
#include "hosts/zzd.h"

/* Within a transaction: finds or makes the resident, joins accounts of one verified ID number, adopts orders that third parties
 * posted with his phone, and opens a session. *caller is as the token would show it. */
enum rc sign_in_resident(struct act *act, const struct zlb_person *person, struct str agent,
                         const struct token_lives *lives, struct session_tokens *tokens,
                         struct row_resident_caller *caller) MUST_USE;
/* Within a transaction: only for people who hold a post. RC_NO_POST else. */
enum rc sign_in_staff(struct act *act, const struct zzd_person *person, struct str agent,
                      const struct token_lives *lives, struct session_tokens *tokens) MUST_USE;
/* Within a transaction: by a one-time invitation of minhuctl. */
enum rc sign_in_invited(struct act *act, struct str invitation, struct str agent, const struct token_lives *lives,
                        struct session_tokens *tokens) MUST_USE;

#endif
