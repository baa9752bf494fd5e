#!/bin/sh
# Writes a unit to standard output: render.sh TEMPLATE SBINDIR. What both units keep away is in hardening.in, once.
set -eu
sed -e "s,@sbindir@,$2," -e "/^@HARDENING@$/{r $(dirname "$0")/hardening.in
d;}" "$1"
