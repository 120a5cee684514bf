"""One big object to and from a bucket, beside AWS' own command line and rclone; and what a job asks of the bucket."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import measure
from pairs import compare

FOLDER = Path(".build/bench/stores").resolve()
LOG = Path(".build/bench/stores.log")
AWS = Path(sys.executable).parent / "aws"
KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "testing-secret", "AWS_DEFAULT_REGION": "us-east-1"}


class Peer:
    def __init__(self, name, version, words, environment):
        self.name = f"{name} {version}"
        self.words, self.environment = words, environment

    def copy(self, source, target):
        return measure.run([*self.words, source, target], log=LOG, environment=self.environment)


def version(words):
    return subprocess.run(words, capture_output=True, text=True).stdout.split()


def peers(server):
    """Each as it comes, with the server's address."""
    rclone = {**KEYS, "RCLONE_CONFIG": os.devnull, "RCLONE_CONFIG_S3_TYPE": "s3", "RCLONE_CONFIG_S3_PROVIDER": "Other",
              "RCLONE_CONFIG_S3_ENV_AUTH": "true", "RCLONE_CONFIG_S3_ENDPOINT": server, "RCLONE_CONFIG_S3_NO_CHECK_BUCKET": "true",
              # rclone and the AWS library of its own disagree about it; the server here has no TLS.
              "AWS_CA_BUNDLE": ""}
    return [
        ("s3://", Peer("aws s3 cp", version([AWS, "--version"])[0].split("/")[1], [AWS, "--endpoint-url", server, "s3", "cp", "--quiet"], KEYS)),
        ("s3:", Peer("rclone copyto", version(["rclone", "version"])[1], ["rclone", "copyto", "--ignore-times"], rclone)),
    ]


class Site:
    """A site whose media are in a bucket."""

    def __init__(self, programs, server):
        self.programs = programs
        self.root = FOLDER / "site"
        shutil.rmtree(self.root, ignore_errors=True)
        self.call("transcoder-fixture", "make-site", self.root, "--store", "s3", STORES_SEAWEED=server)
        self.config = FOLDER / "transcoder.yaml"
        self.config.unlink(missing_ok=True)
        self.call("transcoder", "init", "--site", self.root, "--config", self.config)
        with self.config.open("a") as config:
            config.write(f"status_file: {FOLDER}/status.json\nstorage:\n  cache: {FOLDER}/cache\n  cache_size: 4 GiB\n")
        self.database = sqlite3.connect(self.root / "database/database.sqlite", isolation_level=None, timeout=10)

    def call(self, program, *words, **environment):
        done = subprocess.run([str(word) for word in (self.programs / program, *words)], capture_output=True, text=True,
                              env=measure.clean_environment(environment))
        if done.returncode:
            sys.exit(f"{program} {words[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    @property
    def bucket(self):
        return self.database.execute("SELECT item_value FROM fs_configs WHERE item_key = 'video_bucket_name'").fetchone()[0]

    def publish(self, media):
        """The file's id."""
        return int(self.call("transcoder-fixture", "publish", self.root, "--media", media).split()[1])

    def path(self, file):
        return self.database.execute("SELECT path FROM fs_files WHERE id = ?", (file,)).fetchone()[0]


def big(size):
    path = FOLDER / "big.mp4"
    with path.open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    return path


def transfers(bench, site, server, size):
    source, target = big(size), FOLDER / "target.mp4"
    file = site.publish(source)
    key, rows = site.path(file), []

    def fetch():
        shutil.rmtree(FOLDER / "cache", ignore_errors=True)
        return bench.transcoder.run([site.programs / "transcoder", "fetch", "--id", file, "--config", site.config])

    def put():
        return bench.transcoder.run([site.programs / "transcoder-fixture", "bucket", "put", server, site.bucket, source, "videos/ours.mp4"])

    def download(peer, scheme):
        target.unlink(missing_ok=True)
        return peer.copy(f"{scheme}{site.bucket}/{key}", target)

    work = f"{size >> 20} MiB"
    for scheme, peer in peers(server):
        pairs = compare(fetch, lambda: download(peer, scheme), bench.rounds)
        rows += [bench.row(f"download, {work}", pairs, what, peer, 1.0 if what == "wall" else None) for what in ("wall", "cpu", "peak")]
        pairs = compare(put, lambda: peer.copy(source, f"{scheme}{site.bucket}/videos/theirs.mp4"), bench.rounds)
        rows += [bench.row(f"upload, {work}", pairs, what, peer, 1.0 if what == "wall" else None) for what in ("wall", "cpu", "peak")]
    return rows


def requests(site):
    """How many a job sends, by the service's own count, which BucketTests checks by a proxy's."""
    rows = []
    for title, name in [("a film that is encoded, with its poster", "old-phone.3gp"), ("the same film again: a copy within the bucket", "old-phone.3gp"),
                        ("a recording", "voice.amr"), ("a file that is no media", "bad/text.mp4")]:
        site.publish(Path("fixtures/media") / name)
        site.call("transcoder", "daemon", "--until-idle", "--config", site.config)
        buckets = json.loads((FOLDER / "status.json").read_text()).get("buckets", [])
        rows.append([title, sum(bucket["requests"] for bucket in buckets)])
    return rows


def run(bench):
    server = os.environ["STORES_SEAWEED"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    site = Site(bench.transcoder.programs, server)
    counted = requests(site)
    print(counted, flush=True)
    rows = transfers(bench, site, server, (64 if bench.is_quick else 512) << 20)
    shutil.rmtree(FOLDER)
    return {
        "title": "Buckets", "rows": rows,
        "about": "SeaweedFS on this machine, started by scripts/object-stores.sh; random bytes. Download: `transcoder fetch --id` into an empty cache, "
                 "which hashes what comes and makes it durable; the peers do neither. Upload: as a job publishes, each part with its Content-MD5. "
                 "The peers have their own defaults.",
        "tables": [{"title": "Requests to the bucket for one job", "head": ["work", "requests"], "rows": counted}],
    }
