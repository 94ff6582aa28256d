"""One running set and one browser for all tests of a run, and people who use them."""

import contextlib
import os
import shutil

from playwright.sync_api import Error, sync_playwright

import one_machine
from shop import Shop

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 860}
# A4 without margins of 10 mm, at 96 pixels to an inch.
PAPER = {"width": 718, "height": 1047}
# Nothing but this machine is reached, whatever a page asks for.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class NoBrowser(Exception):
    """There is no Chromium on the PATH."""


class Session:
    """A running set, a browser, and what the pages asked for."""

    def __init__(self, machine, browser):
        self.machine = machine
        self.browser = browser
        self.foreign = []
        self.broken = []

    @contextlib.contextmanager
    def page(self, viewport=None, **settings):
        """A page with cookies of its own. What it asks of others, and every error of it, is noted."""
        context = self.browser.new_context(viewport=viewport or DESKTOP, locale="id-ID", base_url=self.machine.url, **settings)
        context.on("request", self.note_request)
        page = context.new_page()
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", self.note_console)
        page.set_default_timeout(60_000)
        try:
            yield page
        finally:
            context.close()

    def note_request(self, request):
        if not request.url.startswith((self.machine.url + "/", "data:")):
            self.foreign.append(request.url)

    def note_console(self, message):
        # A page that was refused is refused on purpose; everything else that a browser complains of is a defect,
        # such as a style that the content security policy does not let through.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.broken.append(message.text)

    @contextlib.contextmanager
    def staff(self, person, viewport=None, **settings):
        """A page on which somebody has logged in at the local issuer."""
        with self.page(viewport, **settings) as page:
            page.goto("/dashboard")
            follow(page.get_by_role("button", name=person))
            page.wait_for_url("**/dashboard**")
            yield page


def follow(target):
    """Presses what leads to another page, and waits until that is there: a click alone comes back before."""
    with target.page.expect_navigation():
        target.click()


def until_told(page, words, address=None):
    """Loads an address, or else the page again, until it says these words: what streams and queues do takes a moment.

    A load that fails is tried again as well: a machine that is busy may answer later than a page waits.
    """
    last = ""

    def told():
        nonlocal last
        try:
            if address:
                page.goto(address)
            else:
                page.reload()
            last = page.locator("main").inner_text()
        except Error as failure:
            last = failure.message
            return False
        return words in last

    if not Shop.until(told):
        raise AssertionError(f"{words!r} is not in: {last[:1500]}")


CURRENT = None


def current():
    return CURRENT


@contextlib.contextmanager
def started():
    """Starts the set and the browser for a run."""
    global CURRENT
    if not CHROMIUM:
        raise NoBrowser("the tests in a browser need chromium on the PATH; on Debian: apt-get install chromium")
    with one_machine.running() as machine, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=180_000)
        try:
            CURRENT = Session(machine, browser)
            yield CURRENT
        finally:
            CURRENT = None
            browser.close()
