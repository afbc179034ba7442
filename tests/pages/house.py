"""A web server, a real Chromium, and the people of the demonstration province sitting at it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from engine import courier, delivery, timekeeper
from engine.clocks.zone import ZONE
from engine.office import Office
from engine.seed import DEMO_PASSWORD
from tests.journey import MONDAY, Cast

# The first is the same browser without the window that nobody sees: a third of the work.
CHROMIUM = next((path for path in ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium",
                                   "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                 if os.path.exists(path)), "/usr/bin/chromium")
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class House:
    """`person("H51.02/tiep-nhan:receptionist")` is that person's page, signed in by hand."""

    def __init__(self, address: str, office: Office, cast: Cast, browser: Browser, *, clock: Path,
                 shots: Path | None) -> None:
        self.address, self.office, self.cast, self.browser = address, office, cast, browser
        self.clock, self.shots = clock, shots
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    def page(self, **options: Any) -> Page:
        """A browser window of its own, nobody signed in. What the browser complains about fails the test."""
        size = {"width": options.pop("width", 1280), "height": options.pop("height", 800)}
        context = self.browser.new_context(base_url=self.address, viewport=size, locale="vi-VN",
                                           reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def person(self, who: str, **options: Any) -> Page:
        page = self.page(**options)
        self.sign_in(page, self.cast.member(who).login)
        return page

    def sign_in(self, page: Page, login: str, password: str = DEMO_PASSWORD) -> None:
        page.goto("/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", password)
        page.click("main button")
        page.wait_for_load_state()

    def shot(self, page: Page, name: str) -> None:
        """Pictures are for people: PAGES_SHOTS names the folder, without it none are taken."""
        if self.shots is not None:
            page.screenshot(path=self.shots / f"{name}.png", full_page=True)

    def at(self, hour: int, minute: int = 0) -> datetime:
        """It is now that time of the Monday."""
        shown = datetime.combine(MONDAY.astimezone(ZONE).date(), time(hour, minute), ZONE)
        timekeeper.set_shown(self.clock, shown, 1.0)
        return timekeeper.now()

    def deliver(self) -> None:
        """What the dispatcher does: hand-offs reach the other agencies."""
        delivery.drain(self.office, timekeeper.now())

    def draw_manifests(self) -> None:
        courier.plan(self.office, timekeeper.now().astimezone(ZONE).date())
        courier.draw_due_manifests(self.office, timekeeper.now())

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def press(page: Page, name: str) -> None:
    """The button of that name, and what follows."""
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def code_of(page: Page) -> str:
    return page.url.split("/dossiers/")[1].split("?")[0].split("#")[0]
