#!/bin/bash
# Writes an nginx configuration for Minhu to standard output.
#
#   render.sh --root DIR [option…]      a whole nginx.conf for an nginx of its own in DIR (needs DIR/run, DIR/log, DIR/tmp), and the page
#                                       that explains errors to DIR/www
#   render.sh --http-only [option…]     only what belongs into http {}, say for /etc/nginx/conf.d/minhu.conf
#
# Options, with what holds without them:
#   --socket-dir DIR      sockets of the workers, [minhu] run_folder (DIR/run with --root, else /run/minhu)
#   --port N              HTTPS (443)
#   --address A           listen on this address only (all)
#   --ops-port N          health and metrics, on loopback (9443)
#   --server-name NAME    (_)
#   --cert FILE --key FILE   certificate chain and key (DIR/tls/cert.pem and key.pem; /etc/minhu/tls/… with --http-only)
#   --trusted LIST        addresses and networks of trusted gateways, as [server] trusted_proxies
#   --cors LIST           origins of pages that may call, as [server] cors_origins
#   --rate R --burst N    requests of one address to one entry (1200r/m, and 300 at once)
#   --under-way N         requests of one address under way at the same time (300)
#   --access-log FILE     (DIR/log/nginx-access.log; /var/log/nginx/minhu-access.log with --http-only)
#   --redirect-port N     plain HTTP here is sent on to HTTPS (none)
#   --user NAME           account of nginx's processes, with --root and as root only (the one that starts it)
#   --processes N         (auto)
#   --www DIR             folder of problems.html, as installed (DIR/www with --root; else www beside this script's folder)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fail() { echo "render.sh: $*" >&2; exit 64; }

root="" http_only=0 socket_dir="" port=443 address="" ops_port=9443 server_name=_ cert="" key="" trusted="" cors=""
rate=1200r/m burst=300 under_way=300 access_log="" redirect_port="" user="" processes=auto www="" own_page=0

while [ $# -gt 0 ]; do
    case $1 in
    --http-only) http_only=1; shift; continue ;;
    -h | --help) sed -n '2,/^set -eu/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
    esac
    [ $# -ge 2 ] || fail "$1 needs a value (or is unknown); --help tells"
    case $1 in
    --root) root=$2 ;;
    --socket-dir) socket_dir=$2 ;;
    --port) port=$2 ;;
    --address) address=$2 ;;
    --ops-port) ops_port=$2 ;;
    --server-name) server_name=$2 ;;
    --cert) cert=$2 ;;
    --key) key=$2 ;;
    --trusted) trusted=$2 ;;
    --cors) cors=$2 ;;
    --rate) rate=$2 ;;
    --burst) burst=$2 ;;
    --under-way) under_way=$2 ;;
    --access-log) access_log=$2 ;;
    --redirect-port) redirect_port=$2 ;;
    --user) user=$2 ;;
    --processes) processes=$2 ;;
    --www)
        www=$2
        [ -f "$www/problems.html" ] || fail "--www $www: no problems.html there"
        ;;
    *) fail "unknown option $1; --help tells" ;;
    esac
    shift 2
done

# ---- what was given is checked: it becomes part of a configuration ----

is_port() { [[ $1 =~ ^[0-9]{1,5}$ ]] && [ "$1" -ge 1 ] && [ "$1" -le 65535 ]; }
is_path() { [[ $1 =~ ^/[A-Za-z0-9._/+~=,:-]*$ ]]; }
is_port "$port" || fail "--port $port: no port"
is_port "$ops_port" || fail "--ops-port $ops_port: no port"
[ -z "$redirect_port" ] || is_port "$redirect_port" || fail "--redirect-port $redirect_port: no port"
[[ $rate =~ ^[0-9]+r/[sm]$ ]] || fail "--rate $rate: must be like 20r/s or 1200r/m"
[[ $burst =~ ^[0-9]+$ ]] || fail "--burst $burst: no number"
[[ $under_way =~ ^[1-9][0-9]{0,4}$ ]] || fail "--under-way $under_way: must be a number from 1 to 99999"
[[ $processes =~ ^(auto|[0-9]+)$ ]] || fail "--processes $processes: no number"
[[ $server_name =~ ^[A-Za-z0-9._*-]+( [A-Za-z0-9._*-]+)*$ ]] || fail "--server-name $server_name: no host name"
[[ $address =~ ^[0-9a-fA-F.:]*$ ]] || fail "--address $address: no address"
[[ $user =~ ^[A-Za-z0-9._-]*$ ]] || fail "--user $user: no account"

if [ $http_only -eq 1 ]; then
    : "${socket_dir:=/run/minhu}" "${cert:=/etc/minhu/tls/cert.pem}" "${key:=/etc/minhu/tls/key.pem}"
    : "${access_log:=/var/log/nginx/minhu-access.log}"
    [ -n "$www" ] || www=$(cd "$here/../www" 2>/dev/null && pwd) || www=/usr/share/minhu/www
else
    [ -n "$root" ] || fail "give --root DIR or --http-only; --help tells"
    is_path "$root" || fail "--root $root: must be an absolute path of plain characters"
    : "${socket_dir:=$root/run}" "${cert:=$root/tls/cert.pem}" "${key:=$root/tls/key.pem}"
    : "${access_log:=$root/log/nginx-access.log}"
    [ -n "$user" ] || user=$(id -un)
    [ -n "$www" ] || own_page=1
    : "${www:=$root/www}"
fi
for p in "$www" "$socket_dir" "$cert" "$key" "$access_log" "$here"; do
    is_path "$p" || fail "$p: must be an absolute path of plain characters"
done
[ ${#socket_dir} -le 90 ] || fail "--socket-dir $socket_dir: too long for Unix sockets"

listen=$port
[ -z "$address" ] || case $address in *:*) listen="[$address]:$port" ;; *) listen="$address:$port" ;; esac

geo_lines=""
for network in ${trusted//,/ }; do
    [[ $network =~ ^[0-9a-fA-F.:]+(/[0-9]{1,3})?$ ]] || fail "--trusted $network: no address or network"
    geo_lines+="    $network 1;"$'\n'
done
cors_lines=""
for origin in ${cors//,/ }; do
    [[ $origin =~ ^https?://[A-Za-z0-9.-]+(:[0-9]+)?$ ]] || fail "--cors $origin: no origin"
    cors_lines+="    \"$origin\" \"$origin\";"$'\n'
done

redirect=""
if [ -n "$redirect_port" ]; then
    shown=":$port"
    [ "$port" -ne 443 ] || shown=""
    redirect="# Plain HTTP is sent on.
server {
    listen ${address:+${listen%:*}:}$redirect_port;
    server_name $server_name;
    server_tokens off;
    access_log off;
    return 301 https://\$host$shown\$request_uri;
}
"
fi

# ---- the table of errors: installed beside this script, or in the source ----

table=$here/rc.def
[ -e "$table" ] || table=$here/../fcgi/base/rc.def
[ -e "$table" ] || fail "no rc.def beside $0"
maps=$(sh "$here/problems.sh" maps "$table")
locations=$(sh "$here/problems.sh" locations "$table")

if [ $own_page -eq 1 ]; then
    mkdir -p "$www"
    sh "$here/problems.sh" --page "$table" >"$www/problems.html~"
    chmod 755 "$www"
    chmod 644 "$www/problems.html~"
    mv "$www/problems.html~" "$www/problems.html"
fi

# ---- rendering ----

fill() { # fill FILE: names by values; a value is put in as it is
    local text name
    text=$(cat "$1")
    text=${text//@PROBLEM_MAPS@/"$maps"}
    text=${text//@PROBLEM_LOCATIONS@/"$(sed 's/^/    /' <<<"$locations")"}
    text=${text//@TRUSTED_GEO@/"${geo_lines%$'\n'}"}
    text=${text//@CORS_MAP@/"${cors_lines%$'\n'}"}
    text=${text//@REDIRECT@/"$redirect"}
    for name in SOCKET_DIR:"$socket_dir" NGINX_DIR:"$here" LISTEN:"$listen" OPS_PORT:"$ops_port" SERVER_NAME:"$server_name" \
        CERT:"$cert" KEY:"$key" RATE:"$rate" BURST:"$burst" UNDER_WAY:"$under_way" ACCESS_LOG:"$access_log" ROOT:"$root" WWW:"$www" PROCESSES:"$processes"; do
        text=${text//@${name%%:*}@/"${name#*:}"}
    done
    printf '%s\n' "$text"
}

http=$(fill "$here/minhu.conf.in")
if [ $http_only -eq 1 ]; then
    printf '%s\n' "$http"
else
    whole=$(fill "$here/nginx.conf.in")
    line=""
    # Only a master that runs as root can change the account; to others nginx would complain.
    [ "$(id -u)" -ne 0 ] || line="user $user $(id -gn "$user");"
    whole=${whole//@USER@/"$line"}
    printf '%s\n' "${whole//@HTTP@/"$(sed 's/^\(.\)/    \1/' <<<"$http")"}"
fi
