#!/bin/sh
# The manual pages are sound mdoc, and there is one for each program. Exit 77 without mandoc.
set -eu
cd "${MINHU_SRC:-$(dirname "$0")/..}"
for page in minhu-worker.8 minhu-jobs.8 minhuctl.1 minhu.conf.5; do
    [ -s "man/$page" ] || { echo "man/$page is missing"; exit 1; }
done
# Keys of the configuration, from the table in the source.
for key in $(sed -n 's/^ *[A-Z{]*(*"[a-z]*", "\([a-z_]*\)",.*/\1/p; s/^ *[A-Z]*(name, "\([a-z_]*\)",.*/\1/p' handlers/acts/settings.c); do
    grep -q "^\.It Ic $key\$" man/minhu.conf.5 || { echo "man/minhu.conf.5 tells nothing of $key"; exit 1; }
done
command -v mandoc >/dev/null || { echo "mandoc is missing: skipped"; exit 77; }
# A "referenced manual not found" only says what is installed on this machine.
if mandoc -Tlint man/*.[1-8] | grep -v 'referenced manual not found'; then
    exit 1
fi
echo "manual pages: no remarks"
