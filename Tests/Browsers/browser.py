"""A headless browser with a profile of its own, started and ended by us."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

PREFERENCES = """
user_pref("media.autoplay.default", 0);
user_pref("media.autoplay.blocking_policy", 0);
user_pref("media.hardware-video-decoding.enabled", false);
user_pref("media.block-autoplay-until-in-foreground", false);
user_pref("dom.min_background_timeout_value", 4);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("browser.safebrowsing.update.enabled", false);
user_pref("media.gmp-manager.updateEnabled", false);
"""

PROGRAMS = {
    "Chromium": ("chromium", "chromium-browser", "google-chrome"),
    "Firefox": ("firefox-esr", "firefox"),
}


class Browser:
    def __init__(self, name, folder):
        self.name = name
        self.program = next(filter(None, map(shutil.which, PROGRAMS[name])), None)
        self.folder = Path(folder) / name
        self.process = None

    def version(self):
        told = subprocess.run([self.program, "--version"], capture_output=True, text=True, timeout=60)
        return told.stdout.strip()

    def open(self, address):
        self.folder.mkdir(parents=True)
        # A home of its own: nothing of the person's profile is read or written.
        environment = {**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config"),
                       "XDG_CACHE_HOME": str(self.folder / "cache"), "MOZ_CRASHREPORTER_DISABLE": "1"}
        environment.pop("DISPLAY", None)
        self.process = subprocess.Popen(
            self.command(address), env=environment, stdin=subprocess.DEVNULL,
            stdout=open(self.folder / "log", "wb"), stderr=subprocess.STDOUT, start_new_session=True)

    def command(self, address):
        profile = self.folder / "profile"
        profile.mkdir()
        if self.name == "Firefox":
            (profile / "user.js").write_text(PREFERENCES)
            return [self.program, "--headless", "--no-remote", "--profile", str(profile), address]
        command = [
            self.program, "--headless=new", f"--user-data-dir={profile}", "--no-first-run", "--disable-gpu",
            "--autoplay-policy=no-user-gesture-required", "--mute-audio", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--password-store=basic",
        ]
        if os.geteuid() == 0:
            # Chromium's own sandbox does not start as root; the page is ours.
            command.append("--no-sandbox")
        return command + [address]

    def words(self):
        """The end of what it said, for the person who wonders why it said nothing to the server."""
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def has_ended(self):
        return self.process.poll() is not None

    def close(self):
        """Ends the browser and the processes it started: they are in a session of their own."""
        if self.process is None:
            return
        for order in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, order)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                continue
