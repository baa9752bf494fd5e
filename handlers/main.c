/* minhu-worker: the server of one entry. */
#include "acts/classify.h"
#include "acts/startup.h"
#include "address.h"
#include "app.h"
#include "base/log.h"
#include "config.h"
#include "hosts/http.h"
#include "routes.h"
#include "server.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { SETTINGS_MEMORY = 4 << 20 };

static const char usage[] =
    "Usage: minhu-worker --config FILE --entry zlb|zzd|open\n"
    "       minhu-worker --config FILE --check-config\n"
    "\n"
    "Serves one entry of Minhu over FastCGI, for nginx.\n"
    "\n"
    "  -c, --config FILE    configuration (default /etc/minhu/minhu.conf)\n"
    "  -e, --entry NAME     zlb (residents), zzd (staff) or open (third parties)\n"
    "      --check-config   say whether the configuration is right, and exit; with --entry: whether that entry could\n"
    "                       be served with it, by keys and database too\n"
    "      --sample-config  print a commented configuration with all defaults\n"
    "      --print-routes   print the route table as JSON\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n"
    "\n"
    "SIGTERM finishes the requests under way and ends; SIGHUP reads limits and the log file anew; SIGUSR2 replaces\n"
    "the running program by its file as it is now, with the whole configuration read anew, and no request lost.\n";

struct options {
    char *const *argv;
    const char *config, *entry;
    bool check;
};

/* What a reload changes in place: the dispatch limits. Everything else needs a restart. */
static struct dispatch_config limits;
static const char *config_path;

static void fill_limits(const struct settings *s, int entry) {
    const struct entry_settings *e = &s->entries[entry];
    limits = (struct dispatch_config){.trusted_proxies = s->trusted_proxies,
                                      .cors_origins = s->cors_origins,
                                      .gateway_flatten = s->gateway_flatten,
                                      .response_max = 8u << 20,
                                      .address_per_minute = (int)e->address_per_minute,
                                      .address_burst = (int)e->address_burst,
                                      .principal_per_minute = (int)e->principal_per_minute,
                                      .principal_burst = (int)e->principal_burst};
}

/* A wrong file changes nothing and is told in the log. The limits go through the dispatcher, which keeps a copy for the threads
 * and reads the texts before the next reload frees them. */
static void reload(const void *arg) {
    const struct app *app = arg;
    static struct arena arenas[2];
    static int next;
    struct arena *a = &arenas[next];
    arena_free(a);
    arena_init(a, SETTINGS_MEMORY);
    struct settings *s = settings_load(config_path, a, stderr);
    if (!s) {
        log_event(LOG_ERROR, "reload", "the configuration has errors; the old one stays in use");
        return;
    }
    next = 1 - next;
    log_set_level((enum log_level)s->log_level);
    fill_limits(s, app->entry);
    log_event(LOG_INFO, "reload", "configuration read");
}

static int parse(int argc, char **argv, struct options *o) {
    enum { CHECK = 256, SAMPLE, ROUTES };
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'},    {"entry", required_argument, NULL, 'e'},
        {"check-config", no_argument, NULL, CHECK},  {"sample-config", no_argument, NULL, SAMPLE},
        {"print-routes", no_argument, NULL, ROUTES}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},         {0}};
    for (;;) {
        int c = getopt_long(argc, argv, "c:e:hV", longs, NULL);
        if (c == -1) break;
        switch (c) {
        case 'c': o->config = optarg; break;
        case 'e': o->entry = optarg; break;
        case CHECK: o->check = true; break;
        case SAMPLE: settings_print_sample(stdout); return EX_OK;
        case ROUTES: routes_print(stdout); return EX_OK;
        case 'h': fputs(usage, stdout); return EX_OK;
        case 'V': puts("minhu-worker " PACKAGE_VERSION); return EX_OK;
        default: fputs(usage, stderr); return EX_USAGE;
        }
    }
    if (optind < argc || (!o->check && !o->entry) || (o->entry && settings_entry(o->entry) < 0)) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    return -1;
}

/* A database that can't be asked yet is left to /readyz, as it may come up later. */
static bool fit_database(const struct app *app) {
    struct db *db = db_open(&app->db);
    enum rc rc = db ? startup_check_database(db, app->settings) : RC_INTERNAL;
    db_close(db);
    return rc == RC_OK || rc == RC_UNAVAILABLE;
}

/* What only the server's own parsers can judge. */
static bool lists_are_right(const struct settings *s, const char *path) {
    static struct address_list list;
    char error[200];
    bool good = address_list_parse(s->trusted_proxies, &list, error, sizeof error);
    if (!good) fprintf(stderr, "%s: [server] trusted_proxies: %s\n", path, error);
    for (size_t i = 0; good && i < list.n; i++)
        if (list.nets[i].bits == 0 || (list.nets[i].base.v4 && list.nets[i].bits <= 96)) {
            fprintf(stderr, "%s: [server] trusted_proxies: a network of all addresses trusts everybody\n", path);
            good = false;
        }
    if (strchr(s->cors_origins, '*')) {
        fprintf(stderr, "%s: [server] cors_origins: name each origin; there is no wildcard\n", path);
        good = false;
    }
    return good;
}

/* Read here, before there are processes: they share what was read. */
static bool classifier_is_right(const struct settings *s, const char *path) {
    const char *why = classify_open(s->classifier_model, (double)s->classifier_sure_percent / 100);
    if (why)
        fprintf(stderr, "%s: [minhu] classifier_model: %s: %s (minhuctl init makes a first one where there is none)\n",
                path, s->classifier_model, why);
    return !why;
}

/* The file that runs, as it was named when it was started: where a newer one is looked for. */
static const char *own_file(void) {
    static char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    return n > 0 ? path : NULL;
}

static int serve(const struct settings *s, const struct keyring *keys, const struct options *o, struct arena *a) {
    static const unsigned needs[ENTRY__MAX] = {[ENTRY_ZLB] = NEEDS_ZLB, [ENTRY_ZZD] = NEEDS_ZZD};
    static struct app app;
    int entry = settings_entry(o->entry);
    static struct zzd_tokens tokens;
    app = (struct app){.settings = s,
                       .keys = keys,
                       .db = settings_db(s),
                       .zlb = settings_zlb(s),
                       .zzd = settings_zzd(s),
                       .zzd_tokens = &tokens,
                       .lives = {s->access_seconds, s->refresh_seconds, s->grace_seconds},
                       .entry = entry};
    app.db.before_wait = server_waits;
    if (!hosts_init() || !zzd_tokens_init(&tokens)) return EX_OSERR;
    if (!fit_database(&app)) return EX_CONFIG;
    if (o->check) {
        printf("%s: ok for %s\n", o->config, o->entry);
        return EX_OK;
    }
    if (*s->classifier_model)
        log_event(LOG_INFO, "start", "the classifier's model is %08x", (unsigned)classify_model());
    size_t count;
    const struct route *routes = routes_of_entry(entry, &count);
    char socket[200], ops[200];
    snprintf(socket, sizeof socket, "%s/%s.sock", s->run_folder, entry_names[entry]);
    snprintf(ops, sizeof ops, "%s/%s-ops.sock", s->run_folder, entry_names[entry]);
    const struct entry_settings *e = &s->entries[entry];
    struct server_config config = {.socket_path = socket,
                                   .socket_group = s->socket_group,
                                   .ops_path = ops,
                                   .processes = (int)e->processes,
                                   .threads = (int)e->threads,
                                   .spare_threads = entry == ENTRY_OPEN ? 0 : (int)s->host_calls_max,
                                   .connections_max = (int)s->connections_max,
                                   .idle_seconds = (int)s->idle_seconds,
                                   .io_seconds = (int)s->io_seconds,
                                   .drain_seconds = (int)s->drain_seconds,
                                   .arena_max = (size_t)s->request_memory_mb << 20,
                                   .program = own_file(),
                                   .trial_option = "--check-config",
                                   .argv = o->argv};
    if (s->sandbox && !(config.sandbox = startup_sandbox(s, needs[entry] | NEEDS_CLASSIFIER, a))) return EX_OSERR;
    app_reload = reload;
    fill_limits(s, entry);
    return server_run(&config, app_server(&app, routes, count), &limits);
}

int main(int argc, char **argv) {
    struct options o = {.argv = argv, .config = "/etc/minhu/minhu.conf"};
    int code = parse(argc, argv, &o);
    if (code >= 0) return code;
    static struct arena arena;
    arena_init(&arena, SETTINGS_MEMORY);
    config_path = o.config;
    struct settings *s = settings_load(o.config, &arena, stderr);
    if (!s || !lists_are_right(s, o.config) || !classifier_is_right(s, o.config)) return EX_CONFIG;
    if (o.check && !o.entry) {
        printf("%s: ok\n", o.config);
        return EX_OK;
    }
    struct keyring *keys;
    code = startup("minhu-worker", s, &keys);
    return code == EX_OK ? serve(s, keys, &o, &arena) : code;
}
