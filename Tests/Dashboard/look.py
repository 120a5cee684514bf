"""Opens the dashboard in Chromium, looks for faults, and takes pictures. Usage: look.py PROGRAMS PICTURES"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from prometheus import check_numbers
from place import MARKUP, Place, TOKEN

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
faults = []


def expect(holds, what):
    print(("✓ " if holds else "✗ ") + what, flush=True)
    if not holds:
        faults.append(what)


def until(page, expression, argument=None, seconds=60):
    """Playwright's own waiting needs eval, which the page forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression, argument):
        if time.monotonic() > deadline:
            raise SystemExit(f"Waited in vain for {expression}")
        time.sleep(0.1)


def open_page(browser, place, width, scheme, path=""):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB", http_credentials={"username": "alice", "password": TOKEN},
        permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    words, strangers = [], []
    page.on("console", lambda message: words.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: words.append(f"error: {error}"))
    page.on("request", lambda request: strangers.append(request.url) if not request.url.startswith(place.address) else None)
    page.goto(place.address + path)
    for selector in ("#story dd",) if path else ("#running progress", "#recent li.failed"):
        page.wait_for_selector(selector)
    page.wait_for_load_state("networkidle")
    return context, page, words, strangers


def check_pages(browser, place, pictures, done, failed, language=""):
    """Every page in every width and colour."""
    for kind, path in ("", ""), ("done-", f"files/{done}"), ("failed-", f"files/{failed}"):
        check_page(browser, place, pictures, f"{language}{kind}", path)


def check_page(browser, place, pictures, kind, path):
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            context, page, words, strangers = open_page(browser, place, width, scheme, path)
            name = f"{kind}{width} pixels, {scheme}"
            # Pictures that are out of sight are fetched late.
            page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
            until(page, "[...document.images].every(image => image.complete && image.naturalWidth > 0)")
            # Whatever machine this is.
            if not path:
                page.evaluate("element => element.textContent = element.textContent.replace(/^\\S+?\\/site/, '/var/www/fresns').replace(/ on \\S+$/, ' on media-1')", page.query_selector("#site"))
            page.screenshot(path=pictures / f"{kind}{width}-{scheme}.png", full_page=True)
            # For the documents: in 256 colours.
            top = pictures / f"{kind}{width}-{scheme}-top.png"
            page.screenshot(path=top, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(width if width > 1000 else 900, page.evaluate("document.documentElement.scrollHeight"))})
            subprocess.run(
                ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", top, "-vf", "split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=none",
                 "-compression_level", "100", "-pred", "mixed", top.with_suffix(".small.png")], check=True)
            found = Axe().run(page).response["violations"]
            serious = [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:120]})" for one in found if one["impact"] in ("serious", "critical")]
            minor = [one["id"] for one in found if one["impact"] not in ("serious", "critical")]
            expect(not serious, f"{name}: no serious fault of accessibility{'' if not serious else ': ' + '; '.join(serious)}" + (f" (minor: {minor})" if minor else ""))
            expect(not words, f"{name}: nothing on the console{'' if not words else ': ' + '; '.join(words)}")
            expect(not strangers, f"{name}: nothing is fetched from elsewhere {strangers or ''}")
            expect(page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: nothing sticks out")
            context.close()


def check_conduct(browser, place):
    context, page, words, _ = open_page(browser, place, 1280, "light")
    shown = page.locator("#recent .name").all_inner_texts()
    expect(MARKUP in shown, "a name that is markup is shown as text")
    expect(page.evaluate("window.wasHere === undefined && document.querySelectorAll('main script, img[src=x], b').length === 0"), "and does nothing")
    expect(page.locator("#running li").count() == 2 and page.locator("#queue li").count() >= 3, "what runs and what waits is there")
    before = page.evaluate("document.querySelector('#running progress').value")
    until(page, "before => document.querySelector('#running progress').value > before", before)
    expect(True, "progress is followed without a reload")

    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
    expect(all(word in reached for word in ("Show as table", "All", "Done", "Failed")), f"the keyboard reaches all that can be pressed {reached if 'Failed' not in reached else ''}")
    page.locator("#filter button", has_text="Failed").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#recent li.done").count() == 0 and page.locator("#recent li.failed").count() >= 3, "Enter shows those that failed")
    expect(page.evaluate("document.activeElement.textContent") == "Failed", "and the focus stays")
    page.locator("summary", has_text="Show as table").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#hours-table tr").count() == 24, "the plot is there as a table")
    ran = page.evaluate("""() => { try { const s = document.createElement('script'); s.textContent = 'window.inline = 1'; document.body.append(s); } catch {} return window.inline }""")
    expect(ran is None, "a script that is put into the page does not run")
    words.clear()
    place.stop()
    until(page, "document.getElementById('state').textContent === 'no answer'")
    expect(page.locator("#notice").is_visible() and page.locator("#recent li").count() >= 3, "a daemon that has gone is noticed, and what was known stays")
    context.close()


def check_acts(browser, place, failed):
    """What can be done: copying, retrying, cancelling."""
    context, page, words, _ = open_page(browser, place, 1280, "light")
    number = page.locator("#recent li.failed button.id").first
    number.click()
    until(page, "!document.getElementById('told').hidden")
    command = f"transcoder jobs --id {number.inner_text()}"
    expect(page.evaluate("navigator.clipboard.readText()") == command, f"a file's number copies “{command}”")
    tokens = lambda file: place.database("SELECT token FROM fs_transcoder_jobs WHERE file_id = ?", file)[0][0]
    waiting = place.told()["lookups"]["waiting"][-1]["fileID"]
    before = tokens(failed)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#recent li.failed", has_text="holiday.mp4").locator("button.act").click()
    place.wait("the retry is there", lambda: tokens(failed) > before)
    expect(True, "a failed file is retried")
    page.locator("#queue li", has=page.locator(f"a[href$='/files/{waiting}']")).locator("button.act").last.click()
    place.wait("it is cancelled", lambda: place.database("SELECT transcoding_state FROM fs_files WHERE id = ?", waiting)[0][0] == 4)
    expect(True, "a waiting file is cancelled")
    expect(not words, f"acting leaves nothing on the console {words or ''}")
    context.close()


def check_player(browser, place, done):
    """Nothing is fetched from the site before somebody presses play, and the policy allows no other place."""
    context, page, words, strangers = open_page(browser, place, 1280, "light", f"files/{done}")
    expect(page.locator("#play video").count() == 1 and not strangers, f"the player fetches nothing by itself {strangers or ''}")
    source = page.locator("#play source").get_attribute("src")
    allowed = page.evaluate("""async address => { const video = document.querySelector('video'); video.load(); video.play().catch(() => {});
        return await new Promise(done => { document.addEventListener('securitypolicyviolation', event => done(event.violatedDirective)); setTimeout(() => done('none'), 2000); }) }""", source)
    expect(allowed == "none", f"the page may load {source} {allowed}")
    refused = page.evaluate("""async () => { const video = document.createElement('video'); document.body.append(video);
        return await new Promise(done => { document.addEventListener('securitypolicyviolation', event => done(event.violatedDirective)); video.src = 'http://elsewhere.example/x.mp4'; video.load(); setTimeout(() => done('none'), 2000); }) }""")
    expect(refused == "media-src", f"and from nowhere else ({refused})")
    context.close()


def check_door(place):
    expect(place.fetch("", {"Authorization": ""})[0] == 401, "without the token nothing is shown")
    expect(place.fetch("dashboard.json", {"Host": "attacker.example"})[0] == 421, "another name for our address is refused")
    for path in ("posters/../.env", "posters/0", "posters/%2e%2e%2f.env", "posters/1/2", ".env"):
        expect(place.fetch(path)[0] == 404, f"/{path} leads nowhere")


def main():
    programs, pictures = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="transcoder-dashboard-") as folder:
        place = Place(programs, folder)
        try:
            place.make()
            place.fill()
            check_numbers(place, expect)
            check_door(place)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"])
                done, failed = (place.database("SELECT id FROM fs_files WHERE name = ?", name)[0][0] for name in ("Harbour at dawn.mp4", "holiday.mp4"))
                check_pages(browser, place, pictures, done, failed)
                check_player(browser, place, done)
                place.speak("zh-Hans")
                place.wait("it speaks Chinese", lambda: place.told()["language"] == "zh-Hans")
                # Its reason is in the language of its last attempt.
                check_acts(browser, place, failed)
                place.wait("it failed again", lambda: place.database("SELECT transcoding_state FROM fs_files WHERE id = ?", failed)[0][0] == 4)
                check_pages(browser, place, pictures, done, failed, "zh-Hans-")
                place.speak("zh-Hant")
                place.wait("it speaks the other Chinese", lambda: place.told()["language"] == "zh-Hant")
                check_page(browser, place, pictures, "zh-Hant-", "")
                place.speak("en")
                place.wait("it speaks English", lambda: place.told()["language"] == "en")
                check_conduct(browser, place)
                browser.close()
        finally:
            place.stop()
    print(f"{len(faults)} faults. Pictures are in {pictures}")
    sys.exit(1 if faults else 0)


main()
