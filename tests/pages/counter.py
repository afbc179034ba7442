"""What tests of the counter share: its desk, what a card reader types, how keys are counted."""

from __future__ import annotations

from playwright.sync_api import Page, expect

BUSINESS = {"business_name": "Quán Sóc Kha", "business_address": "Số 5 đường Hùng Vương", "fee_group": "none",
            "business_line": "Ăn uống", "capital": 50_000_000, "family_members": 1}
WARD = "H51.21/mot-cua:receptionist"
CARD = "094188000002|361000002|Sơn Thị Sóc Phia|12041988|Nữ|Ấp Phước Hòa, xã Mỹ Xuyên|01062021"


def typed(page: Page, text: str) -> None:
    """As a scanner types it: fast, into whatever has the focus, Enter at the end."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def saved(page: Page) -> None:
    """All that is in the form now; a pause in the middle of it was a reason to save, too."""
    with page.expect_request("**/draft") as sent:
        page.evaluate("document.querySelector('form[data-preview] input:not([type=hidden])')"
                      ".dispatchEvent(new Event('input', { bubbles: true }))")
    sent.value.response()
    expect(page.locator("[data-draft]")).to_contain_text("Đã tự lưu nháp lúc")


class Keys:
    """Counts what is pressed: a clerk presses two keys a second and needs a minute for a hundred and twenty."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def type(self, text: str) -> None:
        self.pressed += len(text)
        self.page.keyboard.type(text)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.pressed += 1
            self.page.keyboard.press(key)
