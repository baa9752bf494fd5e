#!/bin/sh
# nginx's own errors as problem documents, made from the product's table of errors, so that both say the same.
#
#   problems.sh maps RC.DEF        for http {}: one map of texts a status, by $minhu_language
#   problems.sh locations RC.DEF   for server {}: error_page lines and the locations that answer them
set -eu
[ $# -eq 2 ] || { echo "usage: $0 maps|locations RC.DEF" >&2; exit 64; }
case $1 in maps | locations) ;; *) echo "$0: $1: no such part" >&2; exit 64 ;; esac

exec awk -v part="$1" '
# A status that nginx makes is answered by the first line of the table with that status. Its own numbers and those that
# the contract does not know are told as the nearest one.
BEGIN {
    wanted = "400 404 405 411 413 414 415 429 431 500 502 503 504"
    alias[400] = "495 496 497 501 505"
    alias[404] = "403"
    alias[431] = "494"
    retry[429] = 2; retry[502] = 5; retry[503] = 5; retry[504] = 5
}

# The next C string of the line, as JSON has it (both escape alike what the table uses), into text; cuts it off the line.
function next_string() {
    if (!match($0, /"([^"\\]|\\["\\])*"/)) fail("too few texts")
    text = substr($0, RSTART, RLENGTH)
    $0 = substr($0, RSTART + RLENGTH)
    if (text ~ /[$]/ || text ~ /[[:cntrl:]]/) fail("a text with a character that nginx would not keep")
}
function fail(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    failed = 1
    exit 1
}
# As a word of nginx in single quotes.
function quoted(s) {
    gsub(/\\/, "\\\\", s)
    gsub(/\047/, "\\\047", s)
    return "\047" s "\047"
}
function document(title, detail) {
    return "{\"type\":\"/docs/problems#" code "\",\"title\":" title ",\"status\":" status ",\"detail\":" detail \
        ",\"code\":\"" code "\",\"request_id\":\"$request_id\"}"
}

/^RC\(/ {
    status = $0
    sub(/^RC\([A-Z_0-9]+, */, "", status)
    sub(/,.*/, "", status)
    if (status in zh) next
    next_string(); code = substr(text, 2, length(text) - 2)
    next_string(); title_zh = text
    next_string(); title_en = text
    next_string(); detail_zh = text
    next_string(); detail_en = text
    zh[status] = quoted(document(title_zh, detail_zh))
    en[status] = quoted(document(title_en, detail_en))
}

function write_map(s) {
    printf "map $minhu_language $minhu_problem_%s {\n    default %s;\n    en %s;\n}\n", s, zh[s], en[s]
}
# The limit on bodies is off there: it was what refused, and would refuse the answer too.
function write_location(s) {
    printf "error_page %s /.minhu/problem/%s;\n", s, s
    if (s in alias) printf "error_page %s =%s /.minhu/problem/%s;\n", alias[s], s, s
    printf "location = /.minhu/problem/%s {\n    internal;\n    client_max_body_size 0;\n    default_type application/problem+json;\n", s
    printf "    add_header X-Request-Id $request_id always;\n    add_header X-Content-Type-Options nosniff always;\n"
    printf "    add_header Cache-Control no-store always;\n    add_header Vary \"Accept-Language, Origin\" always;\n"
    printf "    add_header Strict-Transport-Security $minhu_hsts always;\n"
    printf "    add_header Access-Control-Allow-Origin $minhu_origin always;\n"
    printf "    add_header Access-Control-Expose-Headers $minhu_exposed always;\n"
    if (s == 405) printf "    add_header Allow \"GET, POST\" always;\n"
    if (s in retry) printf "    add_header Retry-After %d always;\n", retry[s]
    printf "    return %s $minhu_problem_%s;\n}\n", s, s
}
END {
    if (failed) exit 1
    n = split(wanted, list, " ")
    for (i = 1; i <= n; i++) {
        if (!(list[i] in zh)) { printf "%s: no line for status %s\n", FILENAME, list[i] > "/dev/stderr"; exit 1 }
        if (part == "maps") write_map(list[i]); else write_location(list[i])
    }
}' "$2"
