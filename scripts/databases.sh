#!/usr/bin/env bash
# MariaDB and PostgreSQL for tests: servers of their own, with data, sockets and certificates in one folder, on loopback.
# Installs nothing.
#   databases.sh run COMMAND…             starts both, runs the command with their addresses, and stops them whatever happens
#   databases.sh start FOLDER [NAME…]     starts mariadb, postgresql or both; prints `export` lines for the shell to eval
#   databases.sh stop FOLDER [NAME…]      stops what runs there; without a name the folder is removed too
# With DATABASES_PLAIN=1 they know no TLS; with DATABASES_OWNER=PID they end with that process. A server that was stopped by its name starts again with the data, the port and the password that it had.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
fail() { say "databases.sh: $*"; exit 1; }

# The servers refuse to run as root: then they run as nobody.
identity=()
[ "$(id -u)" != 0 ] || identity=(--reuid=nobody --regid=nogroup --clear-groups)
unprivileged() {
    if [ ${#identity[@]} -gt 0 ]; then setpriv "${identity[@]}" "$@"; else "$@"; fi
}
# Nothing of the caller's stays open: it may wait for the last of it to be closed.
let_go() {
    local fd
    for fd in /proc/self/fd/*; do
        fd=${fd##*/}
        [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
}
watch() { # pid of a server
    [ -n "${DATABASES_OWNER:-}" ] || return 0
    (
        let_go
        exec setsid bash -c 'tail --pid="$1" -f /dev/null; grep -qsF "$3" "/proc/$2/cmdline" && kill -s KILL "$2"' \
            watch "$DATABASES_OWNER" "$1" "$folder" >/dev/null 2>&1
    ) &
}
serve() { # In a session of its own: Ctrl-C is for this script, which then stops it.
    let_go
    exec setsid setpriv "${identity[@]}" "${dies[@]}" "$@"
}

# The newest of the installed versions: Debian keeps PostgreSQL's programs out of the path.
find_program() {
    local found
    found=$(command -v "$1") ||
        found=$(find /usr/lib/postgresql/*/bin /usr/sbin -maxdepth 1 -name "$1" 2>/dev/null | sort -V | tail -n 1) || true
    [ -n "$found" ] || fail "there is no $1: run scripts/install-packages.sh first."
    echo "$found"
}

free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    fail "no free port was found."
}

remember() { # file, command that makes its content
    [ -s "$folder/$1" ] || "${@:2}" >"$folder/$1"
    cat "$folder/$1"
}

random_word() { head -c 15 /dev/urandom | base64 | tr '+/' '-_'; }

certificates() {
    [ -s "$folder/tls/server.pem" ] && return
    mkdir -p "$folder/tls"
    (
        cd "$folder/tls"
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=transcoder tests" -keyout ca-key.pem -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout server-key.pem -out server.csr
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 -out server.pem \
            -extfile <(echo "subjectAltName=DNS:localhost")
        # Nobody's signature on it: what a verification must refuse.
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=another" -keyout other-key.pem -out other.pem
        chmod 600 server-key.pem
    ) >"$folder/openssl.log" 2>&1 || fail "openssl failed: $(tail -n 3 "$folder/openssl.log")"
    [ "$(id -u)" != 0 ] || chown -R nobody:nogroup "$folder/tls"
}

# Waits until a server answers. It has a minute, for the first start on a busy machine.
await() { # name, pid, log, command that succeeds once it is there
    for _ in $(seq 600); do
        "${@:4}" >/dev/null 2>&1 && return
        kill -0 "$2" 2>/dev/null || break
        sleep 0.1
    done
    say "$(tail -n 15 "$3")"
    fail "$1 did not start; its last words are above."
}

own() { mkdir -p "$@"; [ "$(id -u)" != 0 ] || chown nobody:nogroup "$@"; }

start_mariadb() {
    local data=$folder/mariadb port password server client socket=$folder/mariadb.sock
    server=$(find_program mariadbd)
    client=$(find_program mariadb)
    port=$(remember mariadb.port free_port)
    password=$(remember mariadb.password random_word)
    if [ ! -d "$data/mysql" ]; then
        own "$data"
        unprivileged mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal \
            --skip-test-db >"$folder/mariadb.log" 2>&1 || fail "mariadb-install-db failed: $(grep -iE "error|warning|cannot" "$folder/mariadb.log" | head -n 12)"
        cat >"$folder/mariadb.sql" <<EOF
FLUSH PRIVILEGES;
CREATE USER 'tests'@'%' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO 'tests'@'%' WITH GRANT OPTION;
DROP USER IF EXISTS ''@'localhost', ''@'$(hostname)';
EOF
    fi
    local tls=(--ssl-ca="$folder/tls/ca.pem" --ssl-cert="$folder/tls/server.pem" --ssl-key="$folder/tls/server-key.pem")
    [ -z "${DATABASES_PLAIN:-}" ] || tls=(--skip-ssl)
    # Nothing here outlives the tests: no waiting for the disk.
    # A server that starts sweeps away what it takes for its own in its folder for temporary tables: another's, in /tmp.
    own "$folder/mariadb-tmp"
    serve "$server" --no-defaults --datadir="$data" --tmpdir="$folder/mariadb-tmp" --socket="$socket" --pid-file="$folder/mariadb.pid" \
        --bind-address=127.0.0.1 --port="$port" --max-connections=1000 --skip-name-resolve --skip-log-bin \
        --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-buffer-pool-size=64M \
        --innodb-file-per-table=0 --table-open-cache=2000 --performance-schema=0 \
        "${tls[@]}" --character-set-server=latin1 --init-file="$folder/mariadb.sql" >>"$folder/mariadb.log" 2>&1 &
    local pid=$!
    watch "$pid"
    await MariaDB "$pid" "$folder/mariadb.log" \
        "$client" --no-defaults --socket="$socket" --user=tests --password="$password" --execute="SELECT 1"
    : >"$folder/mariadb.sql"
    echo "export DATABASES_MARIADB='mariadb://tests:$password@127.0.0.1:$port/mysql?unix_socket=$socket'"
}

start_postgresql() {
    local data=$folder/postgresql port password server
    server=$(find_program postgres)
    port=$(remember postgresql.port free_port)
    password=$(remember postgresql.password random_word)
    if [ ! -s "$data/PG_VERSION" ]; then
        own "$data"
        unprivileged "$(find_program initdb)" --pgdata="$data" --username=tests --pwfile="$folder/postgresql.password" \
            --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/postgresql.log" 2>&1 ||
            fail "initdb failed: $(tail -n 5 "$folder/postgresql.log")"
    fi
    serve "$server" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder" \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=1000 -c shared_buffers=64MB \
        -c autovacuum=off -c ssl="$([ -n "${DATABASES_PLAIN:-}" ] && echo off || echo on)" -c ssl_cert_file="$folder/tls/server.pem" -c ssl_key_file="$folder/tls/server-key.pem" \
        >>"$folder/postgresql.log" 2>&1 &
    local pid=$!
    echo "$pid" >"$folder/postgresql.pid"
    watch "$pid"
    PGPASSWORD=$password await PostgreSQL "$pid" "$folder/postgresql.log" \
        psql -h 127.0.0.1 -p "$port" -U tests -d postgres -c "SELECT 1"
    echo "export DATABASES_POSTGRESQL='pgsql://tests:$password@127.0.0.1:$port/postgres?unix_socket=$folder'"
}

start() {
    folder=$1
    shift
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    chmod 700 "$folder"
    own "$folder"
    certificates
    [ $# -gt 0 ] || set -- mariadb postgresql
    for name in "$@"; do
        case $name in
            mariadb) start_mariadb ;;
            postgresql) start_postgresql ;;
            *) fail "$name is neither mariadb nor postgresql." ;;
        esac
    done
    echo "export DATABASES_AUTHORITY='$folder/tls/ca.pem'"
    echo "export DATABASES_OTHER_AUTHORITY='$folder/tls/other.pem'"
}

stop_server() { # name, signal
    local pid
    pid=$(head -n 1 "$folder/$1.pid" 2>/dev/null) || return 0
    [ -n "$pid" ] || return 0
    kill -s "$2" "$pid" 2>/dev/null || true
    for _ in $(seq 200); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -s KILL "$pid" 2>/dev/null || true
    rm -f "$folder/$1.pid"
}

stop() {
    folder=$1
    shift
    [ -d "$folder" ] || return 0
    local all=
    [ $# -gt 0 ] || { all=yes && set -- mariadb postgresql; }
    for name in "$@"; do
        case $name in
            mariadb) stop_server mariadb TERM ;;
            postgresql) stop_server postgresql INT ;; # "fast": it does not wait for its clients
        esac
    done
    [ -z "$all" ] || rm -rf "$folder"
}

dies=()
case ${1:-} in
    run)
        shift
        folder=$(mktemp -d "${TMPDIR:-/tmp}/transcoder-databases.XXXXXX")
        trap 'stop "$folder"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        dies=(--pdeathsig TERM)
        # In this very shell, which is the servers' parent: they end with it, even where it is killed.
        start "$folder" >"$folder/addresses"
        . "$folder/addresses"
        "$@"
        ;;
    start)
        shift
        start "$@"
        ;;
    stop)
        shift
        stop "$@"
        ;;
    *)
        sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
