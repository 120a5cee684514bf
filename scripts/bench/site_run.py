"""A site as Fresns leaves it, with a daemon beside it."""

import json
import os
import random
import shutil
import signal
import sqlite3
import string
import subprocess
import time
from pathlib import Path

import measure

TICK = os.sysconf("SC_CLK_TCK")


def name(length):
    return "".join(random.choices(string.ascii_letters + string.digits, k=length))


def processor():
    """Idle and all ticks of all processors."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)


class Site:
    """Use as a context: the daemon ends with it, and the folder goes."""

    def __init__(self, programs, folder, settings="", database="sqlite"):
        """Another database than SQLite is on a server that scripts/databases.sh started, and no rows are written there from here."""
        self.programs, self.folder = Path(programs), Path(folder).resolve()
        self.log = Path(f".build/bench/daemon-{database}.log")
        shutil.rmtree(self.folder, ignore_errors=True)
        self._call(self.programs / "transcoder-fixture", "make-site", self.folder, "--database", database)
        self.config = self.folder / "transcoder.yaml"
        self._call(self.programs / "transcoder", "init", "--site", self.folder, "--config", self.config, "--backlog")
        with self.config.open("a") as config:
            config.write(f"status_file: {self.folder}/status.json\n{settings}")
        self.storage = self.folder / "storage/app/public"
        path = self.folder / "database/database.sqlite" if database == "sqlite" else ":memory:"
        self.database = sqlite3.connect(path, isolation_level=None, timeout=10)

    def _call(self, *command):
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=measure.clean_environment())

    def _is_watched(self):
        """Its status file names it: it looks for files from then on."""
        try:
            return json.loads((self.folder / "status.json").read_text())["pid"] == self.daemon.pid
        except (OSError, ValueError, KeyError):
            return False

    def __enter__(self):
        with self.log.open("w") as log:
            self.daemon = subprocess.Popen([self.programs / "transcoder", "daemon", "--config", self.config], stderr=log,
                                           stdout=log, env=measure.clean_environment())
        deadline = time.monotonic() + 20
        while not self._is_watched():
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The daemon does not work:\n{self.log.read_text()}")
            time.sleep(0.02)
        time.sleep(1)
        return self

    def __exit__(self, *_):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait()
        self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def lay(self, media):
        """The uploaded bytes, as yet without a row: the path below the storage folder."""
        path = self.storage / "videos/posts/202611/21" / f"{name(40)}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(media, path)
        return path

    def publish(self, paths):
        """All rows in one transaction: the moment just before its commit."""
        run, now = self.database.execute, "2026-11-21 12:00:00"
        run("begin immediate")
        for path in paths:
            file = run("insert into fs_files (fid, type, name, mime, extension, size, path, transcoding_state, created_at, "
                       "updated_at) values (?, 2, 'clip.mp4', 'video/mp4', 'mp4', ?, ?, 1, ?, ?)",
                       (name(16), path.stat().st_size, str(path.relative_to(self.storage)), now, now)).lastrowid
            post = run("insert into fs_posts (pid, created_at) values (?, ?)", (name(12), now)).lastrowid
            run("insert into fs_file_usages (file_id, file_type, usage_type, platform_id, table_name, table_column, table_id, "
                "account_id, user_id, created_at) values (?, 2, 6, 4, 'posts', 'id', ?, 1, 1, ?)", (file, post, now))
        moment = time.monotonic()
        run("commit")
        return moment

    def counts(self):
        """Files that wait, are in work, are done, have failed."""
        found = dict(self.database.execute("select transcoding_state, count(*) from fs_files group by 1"))
        return [found.get(state, 0) for state in (1, 2, 3, 4)]

    def own_processor(self):
        """Seconds of the daemon itself, and of its children that have ended."""
        fields = Path(f"/proc/{self.daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
        own, children = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
        return own / TICK, children / TICK

    def finish(self, pause=0.05):
        """Waits until nothing waits or is in work; failed files end the bench. The moment of the end, and the idle share while
        two files or more waited."""
        begin = last = processor()
        while True:
            counts = self.counts()
            if counts[0] >= 2:
                last = processor()
            if counts[0] == counts[1] == 0:
                moment = time.monotonic()
                break
            time.sleep(pause)
        if counts[3]:
            raise SystemExit(f"{counts[3]} files failed:\n{self.log.read_text()[-2000:]}")
        all_ticks = last[1] - begin[1]
        return moment, (last[0] - begin[0]) / all_ticks if all_ticks else None
