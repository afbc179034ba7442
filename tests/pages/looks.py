"""What a page looks like to those who cannot see it well, and on a small telephone."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.pages.house import House

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """rules => axe.run({runOnly: rules, resultTypes: ["violations"]}).then(found => found.violations)"""


def faults(house: House, page: Page, name: str) -> list[tuple[str, ...]]:
    """What axe finds in light and in dark, where only colours differ; pictures of both are taken under that name."""
    found = []
    page.locator("main").wait_for()
    page.evaluate(Axe().axe_script)
    for scheme, rules in (("dark", ["color-contrast"]), ("light", RULES)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [(name, scheme, one["id"], one["nodes"][0]["html"][:160]) for one in page.evaluate(RUN, rules)]
        house.shot(page, f"{scheme}-{name}")
    return found


def too_wide(house: House, page: Page, name: str, most: int = 320) -> list[tuple[str, int]]:
    """The page with its width, if it does not fit on a telephone as wide as `most`."""
    width = int(page.evaluate("document.documentElement.scrollWidth"))
    house.shot(page, f"phone-{name}")
    return [(name, width)] if width > most else []
