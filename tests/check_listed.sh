#!/bin/sh
# Every source file is named in Makefile.am: what is not named is neither built nor distributed.
set -eu
cd "${MINHU_SRC:-$(dirname "$0")/..}"
[ -f Makefile.am ] || { echo "Makefile.am is missing"; exit 1; }
missing=0
for f in $(find fcgi db handlers jobs ctl tests/unit -name '*.[ch]' -o -name '*.def' | sort); do
    case $f in tests/unit/test_*.c) name=${f%.c} ;; *) name=$f ;; esac
    grep -qE "(^|[[:space:]])$name([[:space:]]|\$)" Makefile.am || { echo "$f is not in Makefile.am"; missing=1; }
done
[ $missing -eq 0 ] && echo "all sources are listed"
exit $missing
