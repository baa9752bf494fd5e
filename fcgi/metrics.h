/* /metrics: the shared mapping as Prometheus text, version 0.0.4. */
#ifndef MINHU_METRICS_H
#define MINHU_METRICS_H

#include "http.h"
#include "shared.h"

struct metrics_scale {
    int processes, threads; /* threads in each process */
};

/* Writes all of the server's own metrics to out; the application's follow from the caller. */
void metrics_write(const struct shared *s, const struct server_app *app, struct metrics_scale scale, struct buf *out);

#endif
