"""What the days of all posts share: every page of a day is looked at on a desk and on a telephone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.pages.house import House
from tests.pages.looks import faults

# A busy machine.
PATIENCE = 60_000


class Day:
    """`wrong` fills with what axe finds in light and dark, and with pages wider than the smallest telephone."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.wrong: list[tuple[object, ...]] = []

    def sits_down(self, who: str, **options: Any) -> Page:
        page = self.house.person(who, **options)
        page.set_default_timeout(PATIENCE)
        return page

    def look(self, page: Page, name: str) -> None:
        """Light and dark at the page's own width, pictures at 390 px, the width at 320 px."""
        self.wrong += faults(self.house, page, name)
        own = page.viewport_size or {"width": 1280, "height": 800}
        page.set_viewport_size({"width": 390, "height": 844})
        self.house.shot(page, f"phone-{name}")
        page.set_viewport_size({"width": 320, "height": 640})
        width = int(page.evaluate("document.documentElement.scrollWidth"))
        page.set_viewport_size(own)
        if width > 320:
            self.wrong.append((name, width))
