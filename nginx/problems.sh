#!/bin/sh
# nginx's own errors as problem documents, and the page that a problem's type points to, made from the product's table of
# errors, so that all say the same.
#
#   problems.sh maps RC.DEF        for http {}: one map of texts a status, by $minhu_language
#   problems.sh locations RC.DEF   for server {}: error_page lines and the locations that answer them
#   problems.sh --page RC.DEF      the page, for people: a section a code
set -eu
[ $# -eq 2 ] || { echo "usage: $0 maps|locations|--page RC.DEF" >&2; exit 64; }
case $1 in maps | locations | --page) ;; *) echo "$0: $1: no such part" >&2; exit 64 ;; esac

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

# A C string as text of a page.
function html(s) {
    s = substr(s, 2, length(s) - 2)
    gsub(/\\"/, "\"", s)
    gsub(/\\\\/, "\\", s)
    gsub(/&/, "\\&amp;", s)
    gsub(/</, "\\&lt;", s)
    gsub(/>/, "\\&gt;", s)
    return s
}
function begin_page() {
    print "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">"
    print "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    print "<title>民呼必应：错误代码 Minhu: what errors mean</title>\n<style>"
    print "body { max-width: 44em; margin: 2em auto; padding: 0 1em; font: 1em/1.6 sans-serif; color: #222; background: #fff }"
    print "section { border-top: 1px solid #ccc } section:target { background: #fff6d5 } h2 { font-size: 1.1em }"
    print "</style>\n</head>\n<body>\n<h1>错误代码 <span lang=\"en\">What errors mean</span></h1>"
    print "<p>程序请按 <code>code</code> 判断，向用户显示 <code>detail</code>，向运维方反馈时请提供 <code>request_id</code>。</p>"
    print "<p lang=\"en\">Let programs decide by <code>code</code>, show <code>detail</code> to people, and quote" \
        " <code>request_id</code> when you report an error.</p>"
}
function write_section(code) {
    printf "<section id=\"%s\">\n<h2><code>%s</code> · %s</h2>\n", code, code, status
    printf "<p><strong>%s</strong><br>%s</p>\n", html(title_zh), html(detail_zh)
    printf "<p lang=\"en\"><strong>%s</strong><br>%s</p>\n</section>\n", html(title_en), html(detail_en)
    sections++
}

/^RC\(/ {
    status = $0
    sub(/^RC\([A-Z_0-9]+, */, "", status)
    sub(/,.*/, "", status)
    if (part != "--page" && status in zh) next
    next_string(); code = substr(text, 2, length(text) - 2)
    next_string(); title_zh = text
    next_string(); title_en = text
    next_string(); detail_zh = text
    next_string(); detail_en = text
    if (part == "--page") {
        if (status >= 400 && !sections) begin_page()
        if (status >= 400) write_section(code)
        next
    }
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
    if (s == 405) printf "    add_header Allow $minhu_allow always;\n"
    if (s in retry) printf "    add_header Retry-After %d always;\n", retry[s]
    printf "    return %s $minhu_problem_%s;\n}\n", s, s
}
END {
    if (failed) exit 1
    if (part == "--page") {
        if (!sections) exit 1
        print "</body>\n</html>"
        exit
    }
    n = split(wanted, list, " ")
    for (i = 1; i <= n; i++) {
        if (!(list[i] in zh)) { printf "%s: no line for status %s\n", FILENAME, list[i] > "/dev/stderr"; exit 1 }
        if (part == "maps") write_map(list[i]); else write_location(list[i])
    }
}' "$2"
