"""Writing a procedure in the browser as an administrator does: from the keyboard, field by field."""

from __future__ import annotations

from playwright.sync_api import Page


def tab_to(page: Page, name: str, value: str | None = None) -> None:
    """As a finger on the Tab key gets to the field or button of that name."""
    for _ in range(250):
        page.keyboard.press("Tab")
        at = page.evaluate("[document.activeElement.name ?? '', document.activeElement.value ?? '']")
        if at[0] == name and value in (None, at[1]):
            return
    raise AssertionError(f"Tab never reaches {name} {value or ''}")


def tab_to_words(page: Page, words: str) -> None:
    """To the link or button that says so."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().startswith(words):
            return
    raise AssertionError(f"Tab never reaches “{words}”")


def follow(page: Page, words: str) -> None:
    tab_to_words(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, **fields: str) -> None:
    """Texts by the field's name, dots written as two underscores; in the order of the page."""
    for name, text in fields.items():
        tab_to(page, name.replace("__", "."))
        page.keyboard.type(text)


def choose(page: Page, name: str, label: str) -> None:
    """With the arrow keys, to the option that begins so; parties by their id, since provinces name them."""
    tab_to(page, name)
    chosen = page.evaluate("label => [...document.activeElement.options].findIndex("
                           "(one) => one.value === label || one.text.startsWith(label))", label)
    assert chosen >= 0, (name, label)
    before = page.evaluate("document.activeElement.selectedIndex")
    for _ in range(abs(chosen - before)):
        page.keyboard.press("ArrowDown" if chosen > before else "ArrowUp")
    assert page.evaluate("document.activeElement.selectedIndex") == chosen


def tick(page: Page, name: str, value: str | None = None) -> None:
    tab_to(page, name, value)
    page.keyboard.press("Space")


def send(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def step(page: Page, words: str, vi: str, en: str, party: str, role: str, **more: str) -> None:
    """Follows the link `words` to the form and fills it in; `amount` and `unit` of the limit, `when` a row."""
    follow(page, words)
    write(page, name__vi=vi, name__en=en)
    choose(page, "party", party)
    choose(page, "role", role)
    if "amount" in more:
        write(page, limit__amount=more["amount"])
        choose(page, "limit.unit", more["unit"])
    if "when" in more:
        choose(page, "when.0.fact", more["when"])
        choose(page, "when.0.compared", more["compared"])
        write(page, when__0__value=more["value"])
    send(page)


def define_six_steps(page: Page) -> str:
    """A whole procedure from an empty form, with the keyboard alone; the address of its draft.

    Six steps, two bodies consulted at the same time (one only for deep digging), and it is sound.
    """
    page.goto("/procedures/drafts/new")
    write(page, **{"name__vi": "Cấp phép đào đường đô thị", "name__en": "Permit to dig up an urban street"})
    send(page)
    page.wait_for_url("**?did=created")
    address = page.url.split("?")[0]
    _head(page, address)
    _parts(page, address)
    _steps(page, address)
    page.goto(address)
    return address


def _head(page: Page, address: str) -> None:
    page.goto(f"{address}/head")
    write(page, codes__0__code="1.009994", codes__0__valid_from="01/07/2025", field__code="HTKT",
          field__name__vi="Hạ tầng kỹ thuật", field__name__en="Infrastructure",
          legal_basis="Nghị định 61/2018/NĐ-CP")
    choose(page, "level", "Cấp tỉnh")
    tick(page, "received_at", "province")
    tick(page, "subjects", "person")
    tick(page, "subjects", "enterprise")
    tick(page, "channels", "direct")
    tick(page, "channels", "online")
    send(page)


def _parts(page: Page, address: str) -> None:
    page.goto(f"{address}/facts?add=1")
    write(page, label__vi="Độ sâu đào (cm)", label__en="Depth in cm")
    choose(page, "type", "Số nguyên")
    send(page)
    page.goto(f"{address}/documents?add=1")
    write(page, name__vi="Đơn đề nghị cấp phép", name__en="Application")
    send(page)
    page.goto(f"{address}/fees?add=1")
    write(page, name__vi="Lệ phí cấp phép", name__en="Fee", amount="500.000")
    send(page)
    page.goto(f"{address}/limits")
    write(page, limit__0__amount="10")
    choose(page, "limit.0.unit", "ngày làm việc")
    send(page)
    page.goto(f"{address}/results?add=1")
    write(page, name__vi="Giấy phép đào đường", name__en="Digging permit")
    send(page)


def _steps(page: Page, address: str) -> None:
    page.goto(f"{address}/steps")
    step(page, "Thêm bước: Tiếp nhận", "Kiểm tra hồ sơ", "Checking", "centre", "Tiếp nhận",
         amount="4", unit="giờ làm việc")
    step(page, "Thêm bước: Giải quyết", "Thẩm định", "Examining", "lead", "Chuyên viên",
         amount="2", unit="ngày làm việc")
    follow(page, "Thêm nhóm lấy ý kiến song song")
    write(page, name__vi="Lấy ý kiến", name__en="Consulting")
    send(page)
    step(page, "Thêm cơ quan được hỏi", "Ý kiến Công an", "Opinion of the police", "police", "Chuyên viên",
         amount="3", unit="ngày làm việc")
    step(page, "Thêm cơ quan được hỏi", "Ý kiến về nông nghiệp", "Opinion on farming", "agriculture", "Chuyên viên",
         amount="3", unit="ngày làm việc", when="Độ sâu đào", compared="lớn hơn", value="100")
    step(page, "Thêm bước: Giải quyết", "Tổng hợp", "Summing up", "lead", "Chuyên viên",
         amount="1", unit="ngày làm việc")
    step(page, "Thêm bước: Trình ký", "Ký giấy phép", "Signing", "ppc", "Người ký", amount="1", unit="ngày làm việc")
    step(page, "Thêm bước: Trả kết quả", "Trả giấy phép", "Returning", "centre", "Trả kết quả",
         amount="4", unit="giờ làm việc")
