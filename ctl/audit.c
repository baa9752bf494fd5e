/* minhuctl audit verify: walks every dossier, every audit line and every signed head, and tells what doesn't hold.
 *
 * All of it is read in one snapshot, as three streams in the order of their keys, so that memory stays flat and work that goes
 * on meanwhile is no finding. The file of heads is read before: what it has, the database must have. */
#include "ctl.h"
#include "dossier.h"

#include "acts/audit.h"
#include "acts/heads.h"
#include "base/crypto.h"
#include "base/json_write.h"
#include "base/timefmt.h"

#include <errno.h>
#include <getopt.h>

enum { FILE_LAG_SECONDS = 180, PAGE_MEMORY = 64 * 1024 * 1024, LINES_PAGE = 1000 };
