/* minhuctl: finds the command and gives it what all of them share. */
#include "config.h"
#include "ctl.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/timefmt.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_MAX = 1 << 30, READER_LEFT = 128 + SIGPIPE };

static const struct command {
    const char *name, *help, *usage;
    int (*run)(struct ctl *c, int argc, char **argv);
} commands[] = {
    {"migrate", "brings the database's schema up to this version",
     "migrate [--dry-run | --status] [--folder DIR]\n\n"
     "Applies the migrations that the database has not had yet, and prints each.\n"
     "--dry-run says which they are, --status lists all. Nothing is applied when one\n"
     "that was applied has been altered since, or is unknown to this version.\n",
     ctl_migrate},
    {"init", "makes the key file, a first classifier and the first administrator",
     "init [--suite aes|sm] [--admin NAME --unit CODE]\n\n"
     "Makes the key file and, of the seed corpus, the classifier's model where the\n"
     "configuration names one (existing ones are kept). With --admin also a person with\n"
     "an administrator's post in that unit, and prints an invitation to sign in with,\n"
     "which works once within 24 hours.\n",
     ctl_init},
    {"import", "imports a district's units, places, categories, rules, staff, posts and rota",
     "import [--preview] [--reclock] DIR\n\n"
     "Reads units.tsv, places.tsv, categories.tsv, routes.tsv, interests.tsv,\n"
     "tags.tsv, addresses.tsv, areas.tsv, clocks.tsv, reasons.tsv, stoppers.tsv,\n"
     "forms.tsv, form-choices.tsv, templates.tsv, urgent-words.tsv, groups.tsv, staff.tsv,\n"
     "posts.tsv and rota.tsv from DIR; each may be missing, and data/README.md says what\n"
     "they hold. Tells every bad line, and imports nothing when there is one.\n"
     "Clocks that run keep the rule that they were started with, unless --reclock\n"
     "says that they take those of now. --preview imports nothing: it tells which due\n"
     "times of open appeals would move.\n",
     ctl_import},
    {"calendar", "imports or shows the working-day calendar",
     "calendar import [--preview] FILE\n"
     "       minhuctl calendar show [--year YEAR | --units]\n"
     "       minhuctl calendar forget UNIT_CODE\n\n"
     "FILE names the days that differ from the plain week, as data/calendar/cn.tsv\n"
     "does. The years that it names days of count as known from then on. Or it says\n"
     "how units' working time differs from the district's, as data/calendar/README.md\n"
     "tells; forget takes that back for one unit. --preview imports nothing: it tells\n"
     "which due times of open appeals would move.\n",
     ctl_calendar},
    {"demo", "writes the files of a demonstration district",
     "demo DIR [--seed N] [--fast-steps SECONDS]\n\n"
     "Writes the files that import reads, and people.json and residents.json for the\n"
     "stand-ins of the host apps. The same seed gives the same district.\n"
     "--fast-steps makes every step clock run out after so many seconds, round the\n"
     "clock.\n",
     ctl_demo},
    {"key", "makes, lists, renews and revokes third parties' keys",
     "key create --client NAME --channel CODE --scopes post,read,feed\n"
     "                           [--units CODES] [--addresses LIST]\n"
     "                           [--per-minute N] [--expires DAYS]\n"
     "       minhuctl key list [--json]\n"
     "       minhuctl key rotate ID    a new key; the old one lives 24 hours more\n"
     "       minhuctl key revoke ID\n\n"
     "A key is shown once, when it is made. A client has at most two live ones.\n",
     ctl_key},
    {"staff", "lists, disables and resolves staff",
     "staff list [--json] [--unit CODE]\n"
     "       minhuctl staff disable EMPLOYEE_CODE\n"
     "       minhuctl staff resolve [--json]\n\n"
     "resolve asks the host app's directory for the accounts of all who have none\n"
     "yet, and lists who was not found.\n",
     ctl_staff},
    {"audit", "verifies the audit trail",
     "audit verify [--heads FILE] [--appeal NUMBER] [--json]\n\n"
     "Proves that nothing that was recorded was changed, removed or put in since.\n",
     ctl_audit},
    {"route", "says where a matter goes and why, and tries new rules",
     "route explain [--category CODE] [--channel CODE] [--kind CODE]\n"
     "                              [--place CODE | --address TEXT | --point LNG,LAT]\n"
     "                              [--about UNIT] [--day DATE]\n"
     "       minhuctl route try DIR [--last N] [--day DATE]\n"
     "       minhuctl route precedents\n\n"
     "explain lists the rules for such a matter, from the most special on, with why\n"
     "each decides or does not, and who is passed over. try reads DIR/routes.tsv and\n"
     "says which of the last N appeals (1000) would go elsewhere by it; it changes\n"
     "nothing. precedents writes what units above ruled as rows for routes.tsv.\n",
     ctl_route},
    {"reorganise", "merges, splits and renames units as one act",
     "reorganise [--preview] FILE\n"
     "       minhuctl reorganise --status\n\n"
     "FILE has the columns act, code, to_code, name, name_en and share, as\n"
     "data/README.md tells. Posts, places, rules, keys and groups follow at once, open\n"
     "matters, with their clocks as they run, and past ones as minhu-jobs gets to them.\n"
     "Tells every bad line, and changes nothing when there is one. --preview changes\n"
     "nothing: it tells what would go where. --status tells which units have ended, what\n"
     "stands for each, and what is still to be handed over.\n",
     ctl_reorganise},
    {"qr", "draws QR codes for compounds, lifts, lamps and deputies",
     "qr [--url PREFIX] [--code CODE] DIR\n\n"
     "Writes DIR/CODE.svg for each tag that was imported (tags.tsv), or for one, and\n"
     "prints what each holds: PREFIX, the tag's code and a mark that only this\n"
     "installation's keys make.\n",
     ctl_qr},
    {"train", "makes the classifier's model from past cases",
     "train --model FILE [--also MORE.tsv] CASES.tsv ...\n"
     "       minhuctl train --model FILE --measure CASES.tsv ...\n"
     "       minhuctl train --export FILE\n\n"
     "CASES.tsv has the columns category, title (may be missing) and text. Writes the\n"
     "model to FILE and tells how well it does on cases that were held out, and what\n"
     "it confuses. MORE.tsv is learnt from, too, but the model is not judged by it:\n"
     "for cases that are not quite like what people send. --measure makes nothing: it\n"
     "tells how well the model in FILE does on these cases, which it should not have\n"
     "been made from. --export writes what staff chose, confirmed or resolved as cases.\n",
     ctl_train},
    {"check", "says whether this installation is ready to serve",
     "check\n\n"
     "Configuration, key file, database, schema, district, calendar, classifier, disk: a line\n"
     "each; exit code 1 when one fails.\n",
     ctl_check},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out) {
    fputs("Usage: minhuctl [--config FILE] COMMAND …\n\nRuns and looks after a Minhu installation.\n\n", out);
    for (size_t i = 0; i < COMMANDS; i++) fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\n"
          "  -c, --config FILE   configuration (default /etc/minhu/minhu.conf)\n"
          "  -h, --help          this text; after a command, that command's\n"
          "  -V, --version       the version\n",
          out);
}

static const struct command *find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static int run(const struct command *command, const char *config, int argc, char **argv) {
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        printf("Usage: minhuctl %s", command->usage);
        return EX_OK;
    }
    struct arena arena;
    arena_init(&arena, MEMORY_MAX);
    struct ctl c = {.config_path = config, .arena = &arena, .now_us = time_now_us()};
    log_set_program("minhuctl");
    int code = crypto_init() && db_library_init() ? EX_OK : ctl_fail(EX_SOFTWARE, "a library can't be used");
    if (code == EX_OK) code = command->run(&c, argc, argv);
    if (code == EX_USAGE) fprintf(stderr, "Usage: minhuctl %s", command->usage);
    db_close(c.db);
    keyring_free(c.keys);
    arena_free(&arena);
    return code;
}

/* Whether what reads our output ended, as head does when it has seen enough. */
static bool reader_left(void) {
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

/* The exit code after the last of the output is written: a reader that left needs no message. */
static int end_output(int code) {
    bool written = fflush(stdout) == 0;
    written = !ferror(stdout) && written;
    if (written || code != EX_OK) return code;
    return reader_left() ? READER_LEFT : ctl_fail(EX_IOERR, "cannot write to standard output");
}

int main(int argc, char **argv) {
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {0}};
    const char *config = "/etc/minhu/minhu.conf";
    for (int o; (o = getopt_long(argc, argv, "+c:hV", longs, NULL)) != -1;) {
        switch (o) {
        case 'c': config = optarg; break;
        case 'h': print_help(stdout); return EX_OK;
        case 'V': puts("minhuctl " PACKAGE_VERSION); return EX_OK;
        default: print_help(stderr); return EX_USAGE;
        }
    }
    if (optind == argc) {
        print_help(stderr);
        return EX_USAGE;
    }
    const struct command *command = find(argv[optind]);
    if (!command) return ctl_fail(EX_USAGE, "there is no command \"%s\"; see minhuctl --help", argv[optind]);
    int first = optind;
    optind = 0; /* the command reads its own options from the start */
    return end_output(run(command, config, argc - first, argv + first));
}
