#!/bin/sh
# Every source and data file stands in its list in Makefile.am: what does not is neither built nor distributed.
# With --fix the lists are written anew from the files that are there.
set -eu
cd "${MINHU_SRC:-$(dirname "$0")/..}"
[ -f Makefile.am ] || { echo "Makefile.am is missing"; exit 1; }

# Files of one folder, not below it.
of() { find "$1" -maxdepth 1 -name '*.[ch]' -o -maxdepth 1 -name '*.def' 2>/dev/null | LC_ALL=C sort; }
list() { # list VARIABLE: what it should hold
    case $1 in
    libmhbase_a_SOURCES) of fcgi/base ;;
    libmhfcgi_a_SOURCES) of fcgi ;;
    libmhdb_a_SOURCES) of db ;;
    libmhrules_a_SOURCES) of handlers/rules ;;
    libmhhosts_a_SOURCES) of handlers/hosts ;;
    libmhacts_a_SOURCES) of handlers/acts ;;
    libmhhandlers_a_SOURCES) of handlers | grep -v '^handlers/main\.c$' ;;
    minhu_jobs_SOURCES) of jobs ;;
    minhuctl_SOURCES) of ctl ;;
    MIGRATIONS) find db/migrations -name '*.sql' | LC_ALL=C sort ;;
    PRODUCT_FILES) find data -type f | LC_ALL=C sort ;;
    UNIT_TESTS) of tests/unit | sed -n 's/^\(.*\/test_.*\)\.c$/\1/p' ;;
    UNIT_INCLUDES) of tests/unit | grep -v '\.c$' ;;
    FUZZ_TARGETS) of tests/fuzz | sed -n 's/^\(.*\/fuzz_.*\)\.c$/\1/p' ;;
    libmhfuzz_a_SOURCES) of tests/fuzz | grep -v '/fuzz_' ;;
    esac
}
lists='libmhbase_a_SOURCES libmhfcgi_a_SOURCES libmhdb_a_SOURCES libmhrules_a_SOURCES libmhhosts_a_SOURCES libmhacts_a_SOURCES
    libmhhandlers_a_SOURCES minhu_jobs_SOURCES minhuctl_SOURCES MIGRATIONS PRODUCT_FILES UNIT_TESTS UNIT_INCLUDES
    FUZZ_TARGETS libmhfuzz_a_SOURCES'

# Makefile.am with its lists as they should be: each goes from its name to the line "# end".
wanted=$(mktemp)
trap 'rm -f "$wanted" "$wanted".*' EXIT
for name in $lists; do list "$name" >"$wanted.$name"; done
awk -v prefix="$wanted." -v names="$lists" '
BEGIN { split(names, n); for (i in n) known[n[i]] = 1 }
$2 == "=" && ($1 in known) {
    out = $1 " ="
    while ((getline file < (prefix $1)) > 0) out = out " \\\n\t" file
    print out
    skipping = 1
    next
}
/^# end/ { skipping = 0 }
!skipping { print }' Makefile.am >"$wanted"

if cmp -s "$wanted" Makefile.am; then
    echo "all files are listed"
elif [ "${1:-}" = --fix ]; then
    cat "$wanted" >Makefile.am
    echo "Makefile.am: lists are written anew"
else
    diff Makefile.am "$wanted" | awk '/^[<>]/ && $2 ~ /\// { print ($1 == ">" ? "not listed: " : "listed, but not there: ") $2 }'
    echo "make lists puts this right"
    exit 1
fi
