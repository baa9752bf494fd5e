#!/bin/sh
# Calls that are not used in this product, words that are not left in it, and files that grew too long.
set -eu
cd "${MINHU_SRC:-$(dirname "$0")/..}"

find fcgi db handlers jobs ctl tests/unit tests/fuzz tests/bench -name '*.[ch]' -o -name '*.def' 2>/dev/null | sort | {
    files=$(cat)
    # shellcheck disable=SC2086
    awk '
# Code without comments and texts, so that only calls are found; a comment may go over lines.
function code(line,    out) {
    out = ""
    while (line != "") {
        if (inside) {
            if (!match(line, /\*\//)) return out
            line = substr(line, RSTART + 2)
            inside = 0
        } else if (match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)+\047/)) {
            out = out substr(line, 1, RSTART - 1) " "
            token = substr(line, RSTART, 2)
            rest = substr(line, RSTART + RLENGTH)
            if (token == "/*") inside = 1
            if (token == "//") return out
            line = rest
        } else return out line
    }
    return out
}
function fault(text) { print FILENAME ":" FNR ": " text; faults++ }

FNR == 1 { inside = 0; files++ }
FNR == 601 && FILENAME ~ /\.[ch]$/ { fault("more than 600 lines: split it by what it does") }
/TODO|FIXME|HACK|(^|[^X])XXX([^X]|$)/ { fault("a note of something not done") }
{
    text = code($0)
    if (match(text, /(^|[^A-Za-z0-9_>.])(sprintf|vsprintf|strcpy|stpcpy|strcat|strncpy|strncat|gets|atoi|atol|atoll|atof|strtok|gmtime|localtime|ctime|asctime|rand|srand|random|system|alloca|tmpnam|mktemp) *\(/))
        fault("banned call: " substr(text, RSTART, RLENGTH))
    if (FILENAME !~ /^(fcgi|db|tests)\// &&
        match(text, /(^|[^A-Za-z0-9_>.])(malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf) *\(/))
        fault("memory comes from an arena here: " substr(text, RSTART, RLENGTH))
    if (FILENAME ~ /^(fcgi|db|handlers\/(rules|hosts|acts))\// && FILENAME !~ /^fcgi\/supervisor\.c$/ && match(text, /(^|[^A-Za-z0-9_>.])(exit|abort) *\(/))
        fault("a library does not end the program: " substr(text, RSTART, RLENGTH))
}
END {
    if (!files) { print "no sources found: nothing was checked"; exit 1 }
    printf "%d files, %d faults\n", files, faults
    exit faults > 0
}' $files
}
