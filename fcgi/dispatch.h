/* The HTTP side: from CGI parameters to a handler's call and back to an answer. */
#ifndef MINHU_DISPATCH_H
#define MINHU_DISPATCH_H

#include "http.h"
#include "shared.h"
#include "transport.h"

struct dispatch_config {
    const char *trusted_proxies; /* "10.0.0.0/8, 192.0.2.1": addresses and networks, IPv4 and IPv6 */
    const char *cors_origins;    /* "https://mapi.zjzwfw.gov.cn, …"; "" none; no wildcard */
    bool gateway_flatten;        /* by-name calls always answer HTTP 200; the real status is inside */
    size_t response_max;         /* bytes of one answer */
    /* Requests a minute and burst for each client address and for each principal (0: no limit); reloadable. */
    int address_per_minute, address_burst, principal_per_minute, principal_burst;
};

/* NULL, with the reason logged, when the table is not sound (two routes alike, a path name without a field, …). */
struct dispatcher *dispatcher_make(const struct server_app *app, const struct dispatch_config *config,
                                   struct shared *shared);
/* Takes reloadable values over (limits, proxies, origins); false leaves all as it was. */
bool dispatcher_reload(struct dispatcher *d, const struct dispatch_config *config);
void dispatcher_free(struct dispatcher *d);
/* The values in force; the texts of proxies and origins are "" here. Good until the dispatcher is freed. */
const struct dispatch_config *dispatcher_config(const struct dispatcher *d);
/* The route of an operation; NULL when there is none. */
const struct route *dispatcher_operation(const struct dispatcher *d, struct str operation);

/* Runs one request that is already decoded into req's raw members (method, path, query, body, …) through routing, principal,
 * permission, decoding, handler and problem rendering, into res, which it sets up first. The by-name adapter uses it for the
 * inner call: a route that is already set in req is taken as it is, and only the path's arguments are read from path.
 * Routes with ROUTE_NO_TOKEN are neither authenticated nor authorized. */
void dispatch_request(const struct dispatcher *d, struct request *req, struct response *res, struct outcome *outcome);

/* Renders rc as application/problem+json into res (problem.c, the only place). */
void problem_render(struct request *req, struct response *res, enum rc rc);

/* POST /zlb/v1/call/{operation}: the by-name form (byname.c). A route table names it as handler; its schema are exported too. */
enum rc byname_call(struct request *req, struct response *res);
extern const struct schema byname_path_schema, byname_body_schema;

#endif
