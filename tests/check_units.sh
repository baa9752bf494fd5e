#!/bin/sh
# The units, as make writes them, are understood by systemd and leave little to attack: an exposure of 2.5 at most, of 10.
# Nothing is started. Skipped where systemd-analyze is missing.
set -eu
src=${MINHU_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is missing (Debian: systemd)"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Programs by a path that exists, so that verify has nothing to miss.
for unit in minhu-worker@.service minhu-jobs.service; do
    sh "$src/systemd/render.sh" "$src/systemd/$unit.in" /bin | sed 's,^ExecStart=/bin/minhu-[a-z]*,ExecStart=/bin/true,' >"$dir/$unit"
done
cp "$src/systemd/minhu.target" "$dir"
for entry in zlb zzd open; do cp "$dir/minhu-worker@.service" "$dir/minhu-worker@$entry.service"; done

failed=0
# What a worker confines itself with is in no set of systemd's before 254.
for call in seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self; do
    grep -q "^SystemCallFilter=[^~]*\b$call\b" "$dir/minhu-jobs.service" || { echo "$call is filtered out"; failed=1; }
done
for unit in minhu-worker@zlb.service minhu-worker@zzd.service minhu-worker@open.service minhu-jobs.service; do
    systemd-analyze security --offline=true --threshold=25 --no-pager "$dir/$unit" >"$dir/out" 2>&1 || failed=1
    grep 'Overall exposure' "$dir/out" || { cat "$dir/out"; failed=1; }
done
# verify tells of other units of the machine, too: only ours count.
SYSTEMD_UNIT_PATH=$dir: systemd-analyze verify --man=no "$dir/minhu.target" "$dir"/minhu-worker@*.service "$dir/minhu-jobs.service" 2>&1 |
    grep -F minhu && failed=1
exit $failed
