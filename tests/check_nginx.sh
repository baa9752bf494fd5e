#!/bin/bash
# The nginx template without a worker behind it: what nginx itself answers is a problem document with the table's texts.
# Exit 77 when nginx, curl, openssl or python3 is missing.
set -u
src=${MINHU_SRC:-$(cd "$(dirname "$0")/.." && pwd)}
PATH=$PATH:/usr/sbin:/sbin
for tool in nginx curl openssl /usr/bin/python3; do
    command -v $tool >/dev/null || { echo "$tool is missing: skipped"; exit 77; }
done
dir=$(mktemp -d /tmp/minhu-nginx.XXXXXX)
chmod 755 "$dir"
master=""
finish() {
    [ -z "$master" ] || { kill "$master" 2>/dev/null; wait "$master" 2>/dev/null; }
    rm -rf "$dir"
}
trap finish EXIT
mkdir "$dir"/{run,log,tmp,tls,cases}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$dir/tls/key.pem" -out "$dir/tls/cert.pem" 2>/dev/null

# Free ports just now; taken again at once.
read -r port ops plain < <(/usr/bin/python3 -c '
import socket
s = [socket.socket() for _ in range(3)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])')
page=https://page.example.cn
"$src/nginx/render.sh" --root "$dir" --address 127.0.0.1 --port "$port" --ops-port "$ops" --redirect-port "$plain" \
    --cors "$page" --rate 600r/m --burst 30 --under-way 4 --processes 1 >"$dir/nginx.conf" || exit 1
nginx -e "$dir/log/start.log" -p "$dir" -c "$dir/nginx.conf" -g 'daemon off;' >"$dir/log/out.log" 2>&1 &
master=$!
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done

passed=0 failed=0
ok() { passed=$((passed + 1)); }
no() { failed=$((failed + 1)); echo "FAILED: $1"; [ $# -lt 2 ] || printf '  %s\n' "$2"; }
ask() { curl -sS --max-time 10 --cacert "$dir/tls/cert.pem" -D "$dir/head" -o "$dir/body" "$@" 2>"$dir/curl"; }
status() { awk '/^HTTP/{s = $2} END{print s}' "$dir/head"; }
header() { tr -d '\r' <"$dir/head" | awk -v n="$1" 'tolower($1) == tolower(n ":") {sub(/^[^ ]* /, ""); print}'; }
is() { [ "$2" = "$3" ] && ok || no "$1" "is '$2', should be '$3'"; }

# problem NAME STATUS CODE [LANGUAGE]: the last answer shall be this problem, whole, with the table's texts. Looked at by
# judge, for all answers at once.
cases=0
problem() {
    cases=$((cases + 1))
    cp "$dir/head" "$dir/cases/$cases.head"
    cp "$dir/body" "$dir/cases/$cases.body"
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-zh}" >"$dir/cases/$cases.want"
}
judge() {
    /usr/bin/python3 - "$dir/cases" "$src/fcgi/base/rc.def" <<'PY'
import json, re, sys, glob
rows = re.findall(r'^RC\(\w+, (\d+), (".*")\)$', open(sys.argv[2], encoding="utf-8").read(), re.M)
rows = {r[0]: r for r in (json.loads("[" + t + "]") for _, t in rows)}
faults = 0
for path in glob.glob(sys.argv[1] + "/*.want"):
    name, status, code, language = open(path).read().rstrip("\n").split("\t")
    head = open(path[:-4] + "head").read().split("\n")
    told = head[0].split(" ")[1]
    head = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
    body = open(path[:-4] + "body", encoding="utf-8").read()
    at = 1 if language == "zh" else 2
    request_id = head.get("x-request-id", "")
    want = {"type": "/docs/problems#" + code, "title": rows[code][at], "status": int(status), "detail": rows[code][at + 2],
            "code": code, "request_id": request_id}
    try:
        same = list(json.loads(body).items()) == list(want.items())
    except ValueError:
        same = False
    if not (same and told == status and re.fullmatch("[0-9a-f]{32}", request_id) and head.get("x-content-type-options") == "nosniff"
            and head.get("content-type") == "application/problem+json" and head.get("cache-control") == "no-store"):
        faults += 1
        print("FAILED: %s\n  %s %r\n  %s\n  should be %s %s" % (name, told, head, body[:400], status, code))
sys.exit(min(faults, 100))
PY
    local faults=$?
    failed=$((failed + faults)) passed=$((passed + cases - faults))
}
# Sends lines as they are over TLS; the answer is parted into head and body.
raw() {
    printf "$@" | openssl s_client -quiet -connect "127.0.0.1:$port" -alpn http/1.1 2>/dev/null >"$dir/raw"
    sed '/^\r$/q' "$dir/raw" >"$dir/head"
    sed '1,/^\r$/d' "$dir/raw" >"$dir/body"
}

base=https://127.0.0.1:$port
for protocol in --http1.1 --http2; do
    ask $protocol "$base/"; problem "root $protocol" 404 not_found
    ask $protocol "$base/zlb/v1/meta"; problem "no worker $protocol" 502 bad_gateway
    is "no worker: Retry-After" "$(header Retry-After)" 5
    is "no worker: HSTS" "$(header Strict-Transport-Security)" max-age=31536000
    for method in PUT DELETE PATCH HEAD OPTIONS BREW; do
        [ $method = HEAD ] && opt=-I || opt="-X $method"
        ask $protocol $opt "$base/open/v1/orders"
        is "$method $protocol" "$(status) $(header Allow)" "405 GET, POST"
        [ $method = HEAD ] || problem "$method" 405 method_not_allowed
    done
    head -c 300000 /dev/zero | ask $protocol --data-binary @- "$base/open/v1/orders"
    problem "large body $protocol" 413 body_too_large
    long=$(head -c 9000 /dev/zero | tr '\0' a)
    [ $protocol = --http2 ] || { ask $protocol "$base/zlb/v1/$long"; problem "long address" 414 uri_too_long; }
    [ $protocol = --http2 ] || { ask $protocol -H "X-Long: $long" "$base/zlb/v1/meta"; problem "long header" 431 headers_too_large; }
    ask $protocol -H 'Accept-Language: en-GB,en;q=0.9' "$base/x"; problem "English" 404 not_found en
    ask $protocol -H 'Accept-Language: zh-CN,zh;q=0.9,en;q=0.8' "$base/x"; problem "Chinese first" 404 not_found zh
    ask $protocol -H 'Accept-Language: fr' "$base/x"; problem "neither" 404 not_found zh
    ask $protocol "$base/zlb/healthz"; problem "health in public" 404 not_found
    ask $protocol "$base/metrics"; problem "metrics in public" 404 not_found
    ask $protocol "$base/.minhu/problem/404"; problem "internal place" 404 not_found
    ask $protocol -H 'Content-Type: application/json' -d '{}' "$base/zzd/v1/sessions"; problem "tokens' place" 502 bad_gateway

    ask $protocol "$base/docs/problems"
    is "page of problems" "$(status) $(header Content-Type)" "200 text/html; charset=utf-8"
    is "page of problems: policy" "$(header Content-Security-Policy | cut -d';' -f1,2)" "default-src 'none'; style-src 'unsafe-inline'"
    is "page of problems: HSTS" "$(header Strict-Transport-Security)" max-age=31536000
    sed -n 's/^RC([A-Z_]*, [45][0-9]*, "\([a-z_]*\)".*/<section id="\1">/p' "$src/fcgi/base/rc.def" >"$dir/sections"
    is "page of problems: sections" "$(grep -o '<section [^>]*>' "$dir/body")" "$(cat "$dir/sections")"
    grep -q 'id="wrong_state"' "$dir/sections" && ok || no "wrong_state has no section"
    ask $protocol -d x "$base/docs/problems"; problem "page of problems, POST" 405 method_not_allowed
    is "page of problems: methods" "$(header Allow)" "GET, HEAD"
    ask $protocol "$base/docs/"; problem "beside the page of problems" 404 not_found

    ask $protocol -X OPTIONS -H "Origin: $page" -H 'Access-Control-Request-Method: POST' "$base/zlb/v1/appeals"
    is "preflight" "$(status)" 204
    is "preflight: origin" "$(header Access-Control-Allow-Origin)" "$page"
    is "preflight: methods" "$(header Access-Control-Allow-Methods)" "GET, POST"
    is "preflight: age" "$(header Access-Control-Max-Age)" 7200
    ask $protocol -X OPTIONS -H "Origin: $page" "$base/zlb/v1/sessions"; is "preflight of sign-in" "$(status)" 204
    ask $protocol -X OPTIONS -H "Origin: https://evil.example" -H 'Access-Control-Request-Method: POST' "$base/zlb/v1/appeals"
    problem "another page's preflight" 405 method_not_allowed
    is "another page: origin" "$(header Access-Control-Allow-Origin)" ""
    ask $protocol -H "Origin: $page" "$base/zlb/v1/meta"
    is "error seen by a page" "$(header Access-Control-Allow-Origin)" "$page"
    sleep 1
done

raw 'GET /zlb/v1/meta HTTP/1.1\r\n\r\n'; problem "no Host" 400 bad_request
raw 'GARBAGE\r\n\r\n'; problem "no request line" 400 bad_request
raw 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'; problem "HTTP/9.9" 400 bad_request
raw 'TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'; problem "TRACE" 405 method_not_allowed
raw 'POST /zlb/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n'; problem "length no number" 400 bad_request
raw 'POST /zlb/v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n'; problem "unknown coding" 400 bad_request
raw 'POST /zlb/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n'; problem "length and chunks" 400 bad_request
ask "http://127.0.0.1:$port/zlb/v1/meta"; problem "plain HTTP" 400 bad_request
ask "http://127.0.0.1:$plain/zlb/v1/meta?a=b"
is "redirect" "$(status) $(header Location)" "301 https://127.0.0.1:$port/zlb/v1/meta?a=b"
for path in /zlb/healthz /zzd/readyz /open/metrics /healthz; do
    ask "http://127.0.0.1:$ops$path"; problem "health without worker $path" 502 bad_gateway
done
ask "http://127.0.0.1:$ops/zlb/v1/meta"; problem "health server, other path" 404 not_found

# A stand-in for a worker's small HTTP shows that the way to it is right.
/usr/bin/python3 - "$dir/run/zzd-ops.sock" <<'PY' &
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
__import__("os").chmod(sys.argv[1], 0o666)
s.listen()
c, _ = s.accept()
line = c.recv(4096).split(b"\r\n")[0]
c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(line), line))
PY
helper=$!
for _ in $(seq 100); do [ -S "$dir/run/zzd-ops.sock" ] && break; sleep 0.05; done
sleep 0.1
ask "http://127.0.0.1:$ops/zzd/metrics"
is "way to the small HTTP" "$(cat "$dir/body")" "GET /metrics HTTP/1.1"
kill $helper 2>/dev/null

# Bodies that don't come hold requests open, so many and no more, until their connections go.
/usr/bin/python3 - "$port" "$dir/release" <<'PY' &
import os, socket, ssl, sys, time
tls = ssl.create_default_context()
tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
held = []
for _ in range(4):
    held.append(tls.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])))))
    held[-1].sendall(b"POST /zlb/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
for _ in range(100):
    if os.path.exists(sys.argv[2]): break
    time.sleep(0.1)
PY
helper=$!
for _ in $(seq 50); do
    ask "$base/zlb/v1/meta"
    [ "$(status)" = 429 ] && break
    sleep 0.1
done
problem "too many under way" 429 too_many_requests
is "too many under way: Retry-After" "$(header Retry-After)" 2
touch "$dir/release"
wait $helper
sleep 1
ask "$base/zlb/v1/meta"; problem "no more under way" 502 bad_gateway

# Last, as it uses up this address's share.
# Others keep taking it meanwhile: on a slow machine a pause would give it back.
curl -sk --max-time 60 -o /dev/null "$base/zzd/v1/meta?secret=[1-20000]" 2>/dev/null &
flood=$!
for _ in $(seq 50); do
    ask "$base/zzd/v1/meta"
    head -n 1 "$dir/head" | grep -q ' 429' && break
done
kill $flood 2>/dev/null
problem "too many" 429 too_many_requests
is "too many: Retry-After" "$(header Retry-After)" 2

grep -q secret "$dir/log/nginx-access.log" && no "the access log holds queries" || ok
/usr/bin/python3 -c 'import json, sys; [json.loads(l) for l in open(sys.argv[1])]' "$dir/log/nginx-access.log" && ok || no "the access log is no JSON"

# Values that would become configuration are refused.
for bad in '--cors *' '--trusted x;y' '--rate fast' '--under-way 0' '--port 0' '--server-name a;b' '--root rel' '--www /nowhere'; do
    "$src/nginx/render.sh" --root "$dir" $bad >/dev/null 2>&1 && no "render.sh takes $bad" || ok
done
"$src/nginx/render.sh" --http-only >"$dir/inner.conf" && [ -s "$dir/inner.conf" ] && ok || no "render.sh --http-only"
"$src/nginx/render.sh" --http-only --www "$dir/www" | grep -qF "alias $dir/www/problems.html;" && ok || no "render.sh --www"

# Texts become text of the page, whatever they hold.
printf 'RC(A, 400, "a", "甲 <b>&amp;", "\\"A\\" \\\\ <i>", "c", "d")\n' >"$dir/odd.def"
sh "$src/nginx/problems.sh" --page "$dir/odd.def" | grep -qF '甲 &lt;b&gt;&amp;amp;' && ok || no "the page takes tags from texts"
sh "$src/nginx/problems.sh" --page "$dir/odd.def" | grep -qF '"A" \ &lt;i&gt;' && ok || no "the page keeps C's escapes"
sh "$src/nginx/problems.sh" --page /dev/null >/dev/null 2>&1 && no "a page of nothing" || ok

judge
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
