#!/bin/sh
# Do all C files look as clang-format 14 makes them? Other versions format differently. Exit 77 without it.
# With --fix it formats them.
set -eu
cd "${MINHU_SRC:-$(dirname "$0")/..}"
for tool in ${CLANG_FORMAT:-clang-format-14 clang-format}; do
    if "$tool" --version 2>/dev/null | grep -q 'version 14\.'; then
        files=$(find fcgi db handlers jobs ctl tests/unit tests/fuzz tests/bench -name '*.[ch]' 2>/dev/null | sort)
        # shellcheck disable=SC2086
        if [ "${1:-}" = --fix ]; then
            exec "$tool" -i $files
        elif ! "$tool" --dry-run -Werror $files 2>&1 | sed -n 's/: error: code should be clang-formatted.*/: is not formatted/p' |
            sort -u -t: -k1,1 | grep .; then
            echo "all files are formatted"
            exit 0
        fi
        echo "make format puts this right"
        exit 1
    fi
done
echo "clang-format 14 is missing: skipped"
exit 77
