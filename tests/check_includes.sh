#!/bin/sh
# Proves from the #include lines that dependencies point one way, and that foreign libraries stay in their place.
set -eu
cd "${MINHU_SRC:-$(dirname "$0")/..}"

find fcgi db handlers jobs ctl -name '*.[ch]' -o -name '*.def' | sort | {
    files=$(cat)
    # shellcheck disable=SC2086
    { echo "$files" | sed 's/^/F /'; grep -Hn '^[[:space:]]*#[[:space:]]*include' $files | sed 's/^/I /'; }
} | awk '
BEGIN {
    # Who may include whom, besides itself.
    may["base"] = ""
    may["fcgi"] = "base"
    may["db"] = "base"
    may["rules"] = "base"
    may["hosts"] = "base"
    may["acts"] = "rules db hosts base"
    may["handlers"] = "fcgi acts rules base"
    may["jobs"] = "acts db rules hosts base"
    may["ctl"] = "acts db rules hosts base"
    # The worker is put together in these: they open what acts and routes are given.
    wiring["handlers/main.c"] = wiring["handlers/app.c"] = wiring["handlers/app.h"] = "db hosts"
    # Headers of libraries, and where they may be named.
    only["^(fastcgi|fcgi)"] = "^fcgi/(fcgi_conn|request_read)\\.c$"
    only["^(mysql|mysqld_error|errmsg|ma_|mariadb)"] = "^db/"
    only["^yajl/"] = "^fcgi/base/json_[a-z_]+\\.[ch]$"
    only["^openssl/"] = "^fcgi/base/(crypto|seal|keyring)[a-z_]*\\.[ch]$"
    only["^curl/"] = "^handlers/hosts/http\\.c$"
    only["^(seccomp|linux/landlock)\\.h"] = "^fcgi/base/sandbox\\.c$"
    only["^linear\\.h"] = "^ctl/train_fit\\.c$"
    only["^ini\\.h"] = "^fcgi/base/inifile\\.c$"
    roots = split(" :fcgi/:handlers/", root, ":")
    root[1] = ""
}
function module(path) {
    if (path ~ /^fcgi\/base\//) return "base"
    if (path ~ /^handlers\/(rules|hosts|acts)\//) { sub(/^handlers\//, "", path); sub(/\/.*/, "", path); return path }
    sub(/\/.*/, "", path)
    return path
}
function folder(path) { sub(/[^\/]*$/, "", path); return path }
function found(name, from,    i) {
    if ((folder(from) name) in file) return folder(from) name
    for (i = 1; i <= roots; i++) if ((root[i] name) in file) return root[i] name
    return ""
}
function fault(text) { print where ": " text; faults++ }
function allowed(from, to, path) {
    return from == to || index(" " may[from] " " wiring[path] " ", " " to " ") > 0
}

$1 == "F" { file[$2] = 1; next }
{
    sub(/^I /, "")
    split($0, part, ":")
    where = part[1] ":" part[2]
    lines++
    if (match($0, /<[^>]*>/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        for (o in only) if (name ~ o && part[1] !~ only[o]) fault("<" name "> may not be used here")
    } else if (match($0, /"[^"]*"/)) {
        name = substr($0, RSTART + 1, RLENGTH - 2)
        if (name == "config.h") next
        target = found(name, part[1])
        if (name ~ /\.\./) fault("\"" name "\": name headers from the top, without ..")
        else if (target == "") fault("\"" name "\": no such header of ours")
        else if (!allowed(module(part[1]), module(target), part[1]))
            fault(module(part[1]) " may not include " module(target) " (\"" name "\")")
    } else fault("an include that this check cannot read")
}
END {
    if (!lines) { print "no includes found: nothing was checked"; exit 1 }
    printf "%d includes, %d wrong\n", lines, faults
    exit faults > 0
}'
