/* Names and shapes of the server's metrics; a route's counters appear once it was called. */
#include "metrics.h"

#include <inttypes.h>

static uint64_t get(const _Atomic uint64_t *v) { return atomic_load_explicit(v, memory_order_relaxed); }

static void head(struct buf *out, const char *name, const char *type, const char *help) {
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *operation(const struct server_app *app, size_t row) {
    return row < app->route_count && row < ROUTES_MAX ? app->routes[row].operation : "none";
}

/* Calls write for each route, and at last for what matched no route. */
static void each_row(const struct shared *s, const struct server_app *app, struct buf *out,
                     void (*write)(const struct shared *, const struct server_app *, size_t row, struct buf *)) {
    for (size_t row = 0; row < app->route_count && row < ROUTES_MAX; row++) write(s, app, row, out);
    write(s, app, ROUTES_MAX, out);
}

static void write_requests(const struct shared *s, const struct server_app *app, size_t row, struct buf *out) {
    for (size_t kind = 0; kind < STATUS_KINDS; kind++) {
        uint64_t n = get(&s->requests[row][kind]);
        if (n == 0) continue;
        buf_printf(out, "minhu_requests_total{entry=\"%s\",operation=\"%s\",status=\"", app->entry,
                   operation(app, row));
        if (shared_statuses[kind]) buf_add_int(out, shared_statuses[kind]);
        else buf_add_z(out, "other");
        buf_printf(out, "\"} %" PRIu64 "\n", n);
    }
}

static void write_latency(const struct shared *s, const struct server_app *app, size_t row, struct buf *out) {
    uint64_t counts[LATENCY_BUCKETS + 1], all = 0;
    for (size_t i = 0; i <= LATENCY_BUCKETS; i++) all += counts[i] = get(&s->latency[row][i]);
    if (all == 0) return;
    const char *name = "minhu_request_duration_seconds", *of = operation(app, row);
    uint64_t sum = 0;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        buf_printf(out, "%s_bucket{entry=\"%s\",operation=\"%s\",le=\"%g\"} %" PRIu64 "\n", name, app->entry, of,
                   (double)shared_latency_bounds[i] / 1e6, sum += counts[i]);
    buf_printf(out, "%s_bucket{entry=\"%s\",operation=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, app->entry, of, all);
    uint64_t us = get(&s->latency_us_sum[row]);
    buf_printf(out, "%s_sum{entry=\"%s\",operation=\"%s\"} %" PRIu64 ".%06" PRIu64 "\n", name, app->entry, of,
               us / 1000000, us % 1000000);
    buf_printf(out, "%s_count{entry=\"%s\",operation=\"%s\"} %" PRIu64 "\n", name, app->entry, of, all);
}

static void write_gauge(const _Atomic int64_t *values, int processes, const char *entry, const char *name,
                        const char *help, struct buf *out) {
    head(out, name, "gauge", help);
    for (int i = 0; i < processes && i < PROCESSES_MAX; i++)
        buf_printf(out, "%s{entry=\"%s\",process=\"%d\"} %" PRId64 "\n", name, entry, i,
                   atomic_load_explicit(&values[i], memory_order_relaxed));
}

static void write_counters(const struct shared *s, const char *entry, struct buf *out) {
    const struct {
        const char *name, *help;
        const _Atomic uint64_t *value;
    } counters[] = {
        {"minhu_database_errors_total", "Statements that failed for the database's reasons.", &s->db_errors},
        {"minhu_database_reconnects_total", "Database connections opened again after a loss.", &s->db_reconnects},
        {"minhu_database_retries_total", "Transactions repeated after a deadlock or lock timeout.", &s->db_retries},
        {"minhu_worker_restarts_total", "Worker processes that died and were replaced.", &s->restarts},
        {"minhu_rate_limited_total", "Requests for which a rate bucket was empty.", &s->rate_limited},
        {"minhu_protocol_errors_total", "Connections closed for broken or unfinished FastCGI records.",
         &s->protocol_errors},
        {"minhu_auth_failures_total", "Tokens and keys that were not accepted.", &s->auth_failures},
        {"minhu_log_lines_total", "Request lines written to the log.", &s->log_lines},
    };
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        head(out, counters[i].name, "counter", counters[i].help);
        buf_printf(out, "%s{entry=\"%s\"} %" PRIu64 "\n", counters[i].name, entry, get(counters[i].value));
    }
}

void metrics_write(const struct shared *s, const struct server_app *app, struct metrics_scale scale, struct buf *out) {
    head(out, "minhu_requests_total", "counter", "Requests answered.");
    each_row(s, app, out, write_requests);
    head(out, "minhu_request_duration_seconds", "histogram", "Time from a request's first byte to its answer.");
    each_row(s, app, out, write_latency);
    write_gauge(s->busy, scale.processes, app->entry, "minhu_threads_busy", "Handler threads at work.", out);
    write_gauge(s->connections, scale.processes, app->entry, "minhu_connections", "Open FastCGI connections.", out);
    head(out, "minhu_threads", "gauge", "Handler threads there are, in all processes.");
    buf_printf(out, "minhu_threads{entry=\"%s\"} %d\n", app->entry, scale.processes * scale.threads);
    write_counters(s, app->entry, out);
}
