"""A page in headless Chromium, and what went wrong in it."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"


class Opened:
    """A page that is open, with its errors, its warnings and what it asked the network for."""

    def __init__(self, browser, address, **options):
        self.troubles = []
        self.page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", self._asked)
        self.page.goto(address)
        self.page.evaluate("window.neurarium.ready")

    def _asked(self, request):
        if not request.url.startswith(("file://", "data:", "blob:")):
            self.troubles.append(f"asked for {request.url}")

    def until(self, holds, arg=None):
        """Ask again and again until something holds in the page.

        Playwright's own wait asks in the page by eval, which the page's policy forbids from the second time on.
        """
        for _ in range(1000):
            if self.page.evaluate(holds, arg):
                return
            self.page.wait_for_timeout(10)
        raise AssertionError(f"never in ten seconds: {holds}, {arg!r}")
