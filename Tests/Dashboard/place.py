"""A site with files in every state, and a daemon that serves its dashboard."""

import os
import random
import re
import shutil
import sqlite3
import subprocess
import time
import urllib.request
from pathlib import Path

MARKUP = '<script>window.wasHere = 1</script><img src=x onerror="window.wasHere = 1">.mp4'
TOKEN = "0123456789-a-token-of-this-look"
ROOT = Path(__file__).resolve().parents[2]


class Place:
    def __init__(self, programs, folder):
        self.programs, self.folder = Path(programs), Path(folder)
        self.site = self.folder / "site"
        self.daemon = None
        self.address = None

    def run(self, program, *arguments):
        return subprocess.run([self.programs / program, *map(str, arguments)], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    def make(self):
        self.run("transcoder-fixture", "make-site", self.site, "--database", "sqlite", "--time-zone", "UTC")
        self.config = self.folder / "transcoder.yaml"
        self.config.write_text(
            f"site: {self.site}\nstatus_file: {self.folder}/status.json\nworkers: 2\nreserve: 1MB\n"
            f"http: {{listen: \"127.0.0.1:0\", metrics: on, dashboard: on, token: {TOKEN}}}\n")

    def database(self, statement, *arguments):
        with sqlite3.connect(next(self.site.rglob("*.sqlite")), timeout=60) as connection:
            return connection.execute(statement, arguments).fetchall()

    def film(self, name, seconds, size="1920x1080", source="testsrc2"):
        """Made for ten seconds at most, and repeated."""
        path, part = self.folder / name, self.folder / f"part-{name}"
        ffmpeg = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y"]
        subprocess.run(ffmpeg + ["-f", "lavfi", "-i", f"{source}=size={size}:rate=30", "-t", str(min(seconds, 10)), "-c:v", "mpeg4", "-q:v", "6", part], check=True)
        subprocess.run(ffmpeg + ["-stream_loop", str(max(0, seconds // 10 - 1)), "-i", part, "-c", "copy", path], check=True)
        return path

    def publish(self, path, name=None):
        # By its own name at once, where a file can have it: the daemon may be quicker than we.
        if name and "/" not in name:
            shutil.copy(path, self.folder / name)
            path, name = self.folder / name, None
        told = self.run("transcoder-fixture", "publish", self.site, "--media", path)
        number = int(re.search(r"file (\d+)", told).group(1))
        if name:
            self.database("UPDATE fs_files SET name = ? WHERE id = ?", name, number)
        return number

    def start(self):
        log = self.folder / "daemon.log"
        self.daemon = subprocess.Popen(
            [self.programs / "transcoder", "daemon", "--config", self.config], stdin=subprocess.DEVNULL, stderr=open(log, "wb"))
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            found = re.search(r"The dashboard is at (http://\S+/)\.", log.read_text())
            if found:
                self.address = found.group(1)
                return
            if self.daemon.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit("The daemon did not start:\n" + log.read_text())

    def stop(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.terminate()
            try:
                self.daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()

    def fetch(self, path, headers=None):
        request = urllib.request.Request(self.address + path, headers={"Authorization": f"Bearer {TOKEN}"} | (headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def fill(self):
        """Files of the demo, done and failed; two long films at work, others behind them; and a day that was busy before."""
        media = ROOT / "fixtures/media"
        # Like holiday pictures, as far as FFmpeg can make them.
        films = [
            ("Harbour at dawn.mp4", "gradients=c0=0x0b3d5c:c1=0xf2a65a:c2=0xffe0b5:c3=0x274b69:x0=0:y0=0:x1=0:y1=360:nb_colors=4:speed=0.01:size=640x360"),
            ("Fern, very close.mp4", "mandelbrot=size=640x360:maxiter=400:start_scale=0.06:end_scale=0.05"),
            ("Rain on the window.mov", "cellauto=size=640x360:rule=110:scroll=1"),
            ("Evening above the lake.mp4", "gradients=c0=0x1b1f3b:c1=0x6a3fa0:c2=0xe86a92:c3=0xf7c59f:x0=0:y0=0:x1=640:y1=360:nb_colors=4:speed=0.01:size=640x360"),
        ]
        for index, (name, source) in enumerate(films):
            source += ":rate=25"
            subprocess.run(
                ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, "-t", "4", "-c:v", "mpeg4", "-q:v", "3",
                 "-pix_fmt", "yuv420p", self.folder / f"holiday{index}.mp4"], check=True)
        names = {
            "phone-rotated.mp4": "VID_20261126_081502.mp4", "iphone-hdr.mov": "IMG_4711.MOV",
            "anamorphic.mp4": "Grandma’s 80th — the whole speech, second half.mp4", "clip.webm": MARKUP, "prores.mov": "interview_final_FINAL2.mov",
            "interlaced.mov": "استقبال المدينة.mov", "song-with-cover.mp3": "demo tape, side B.mp3", "hello.wav": "voice message.wav",
            "clip.wmv": "Утро в городе.wmv", "bad/text.mp4": "holiday.mp4", "bad/truncated.mp4": "match highlights.mp4", "bad/empty.mp4": "lost.mp4",
        }
        numbers = [self.publish(self.folder / f"holiday{index}.mp4", name) for index, (name, _) in enumerate(films)]
        numbers += [self.publish(media / file, name) for file, name in names.items()]
        self.start()
        self.wait("the short files are over", lambda: self.database(
            f"SELECT COUNT(*) FROM fs_files WHERE id <= {max(numbers)} AND transcoding_state IN (3, 4)")[0][0] == len(numbers))
        dice, now = random.Random(4), int(time.time() * 1000)
        rows = []
        for number in range(700):
            hours = dice.random() * 24
            # As people's days are.
            if dice.random() < 0.25 + 0.75 * abs(12 - hours) / 12:
                rows.append((1_000_000 + number, "failed" if dice.random() < 0.04 else "done", now - int(hours * 3_600_000) - 60_000))
        with sqlite3.connect(next(self.site.rglob("*.sqlite")), timeout=60) as connection:
            connection.executemany("INSERT INTO fs_transcoder_jobs (file_id, state, finished_at) VALUES (?, ?, ?)", rows)
            for offset, number in enumerate(numbers):
                connection.execute(
                    "UPDATE fs_transcoder_jobs SET claimed_at = claimed_at - ?, finished_at = finished_at - ? WHERE file_id = ?",
                    (offset * 170_000, offset * 170_000, number))
        later = self.publish(self.film("later.mp4", 1, "320x180"), "second camera.mp4")
        long = [self.film("long1.mp4", 150), self.film("long2.mp4", 120, source="testsrc")]
        self.wait("it is over", lambda: self.database("SELECT transcoding_state FROM fs_files WHERE id = ?", later)[0][0] == 3)
        # One that is to be tried again.
        self.database(
            "UPDATE fs_transcoder_jobs SET state = 'waiting', attempts = 1, code = 'crashed', reason = 'The media program crashed on this file.', "
            "next_at = ? WHERE file_id = ?", int(time.time() * 1000) + 400_000, later)
        self.database("UPDATE fs_files SET transcoding_state = 1, path = COALESCE(original_path, path) WHERE id = ?", later)
        for film, name in zip(long, ["Sunday service, all of it.mp4", "<b>lecture 7</b>: sets that look alike.mp4"]):
            self.publish(film, name)
        self.wait("both are at work", lambda: self.status("running") == 2)
        for name in ["graduation.mov", "road trip, day 3.mp4", "sketch.webm", "lesson 12.mp4"]:
            self.publish(self.folder / "long1.mp4", name)
        self.wait("some wait", lambda: self.status("waiting") >= 3 and self.percent() > 8)

    def speak(self, language):
        """The site's own language from now on."""
        self.database("DELETE FROM fs_configs WHERE item_key = 'default_language'")
        self.database("INSERT INTO fs_configs (item_key, item_value, item_type) VALUES ('default_language', ?, 'string')", language)

    def told(self):
        import json
        return json.loads(self.fetch("dashboard.json")[1])

    def status(self, what):
        told = self.told()["status"]
        return len(told["running"]) if what == "running" else told["counts"][what]

    def percent(self):
        return min((job.get("percent", 0) for job in self.told()["status"]["running"]), default=0)

    def wait(self, what, condition):
        deadline = time.monotonic() + 400
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit(f"Waited in vain: {what}\n" + (self.folder / "daemon.log").read_text()[-3000:])
            time.sleep(0.1)
