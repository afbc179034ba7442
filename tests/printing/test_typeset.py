"""PDF/A with letters of our own, whatever people are called; codes that a scanner reads again; the same bytes again."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
import typst
import zxingcpp
from pikepdf import Dictionary, Name, Pdf
from PIL import Image

from engine.casework.keys import ALPHABET, access_key, opens
from engine.printing import typeset
from tests.printing import pdfa
from tests.printing.conftest import Look, picture, text_of
from tests.printing.samples import CODE, ELSEWHERE, LONG, MARKUP, SPREAD, STACKED, fact, receipt


def test_a_receipt_is_pdf_a(look: Look) -> None:
    made = typeset.pdf("receipt.typ", receipt())
    look(made, "typeset-receipt")
    assert pdfa.faults(made) == []


def test_the_same_data_give_the_same_bytes() -> None:
    assert typeset.pdf("receipt.typ", receipt()) == typeset.pdf("receipt.typ", receipt())


@pytest.mark.parametrize("ppi", [200, 300, 600])
def test_codes_are_read_again_from_the_picture(ppi: int) -> None:
    (page,) = typeset.png("receipt.typ", receipt(), ppi=ppi)
    read = {found.format.name: found.text for found in zxingcpp.read_barcodes(picture(page))}
    assert read["QRCode"] == CODE
    assert ppi < 300 or read["Code128"] == CODE


@pytest.mark.parametrize("code", ["H51.21-261123-0001", "H51.05.21-261231-123456", "000.00.15.H51-261123-0042"])
def test_longer_codes_too(code: str) -> None:
    (page,) = typeset.png("receipt.typ", receipt(qr=typeset.qr(code), bars=typeset.code128(code)), ppi=600)
    assert {found.text for found in zxingcpp.read_barcodes(picture(page))} == {code}


def test_stacked_letters_are_printed_composed() -> None:
    assert SPREAD != STACKED
    text = text_of(typeset.pdf("receipt.typ", receipt(submitter=SPREAD, applicant=[fact("Người nộp", SPREAD)])))
    assert text.count(STACKED) == 2
    assert SPREAD not in text


def test_markup_in_a_name_is_text() -> None:
    made = typeset.pdf("receipt.typ", receipt(submitter=MARKUP, applicant=[fact("Người nộp", MARKUP)]))
    assert "".join(MARKUP.split()) in "".join(text_of(made).split())
    assert pdfa.faults(made) == []


def test_letters_no_font_has_are_shown_as_unknown_and_break_nothing(look: Look) -> None:
    made = typeset.pdf("receipt.typ", receipt(submitter=ELSEWHERE, clerk=""))
    look(made, "unknown-letters")
    assert pdfa.faults(made) == []
    assert typeset.UNKNOWN in text_of(made)


def test_two_hundred_papers_and_endless_names_go_on_over_pages(look: Look) -> None:
    papers = [{"name": f"{LONG if at % 20 == 0 else 'Giấy tờ'} số {at}", "form": "Bản chính", "count": "01"}
              for at in range(1, 201)]
    made = typeset.pdf("receipt.typ", receipt(papers=papers, submitter=LONG, issuer=LONG,
                                              applicant=[fact("Người nộp", LONG), fact("Địa chỉ", "x" * 400)]))
    pages = look(made, "receipt-200")
    text = text_of(made)
    assert text.count("x") >= 400
    assert _right_edge(pages[0]) == 255, "nothing runs off the sheet"
    assert len(pages) > 5
    assert text.count("Thành phần hồ sơ nộp") >= len(pages) - 2
    assert all(f"số {at} " in text for at in range(1, 201))
    assert pdfa.faults(made) == []


def _right_edge(page: Image.Image) -> int:
    """The darkest point of the last millimetres."""
    edge = page.convert("L").crop((page.width - 60, 0, page.width, page.height))
    return int(edge.getextrema()[0])


def test_what_is_empty_shows_a_line() -> None:
    made = typeset.pdf("receipt.typ", receipt(applicant=[fact("Địa chỉ", "")], submitter="", clerk="", rows=[]))
    assert "Địa chỉ: –" in text_of(made)


def test_templates_read_nothing_outside(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    for path in ("/etc/passwd", "../secret"):
        (inside / "bad.typ").write_text(f'#read("{path}")', encoding="utf-8")
        with pytest.raises(typst.TypstError):
            typeset.pdf("bad.typ", {}, folder=inside)


def plain() -> bytes:
    """What a typesetter makes when nobody asks for PDF/A."""
    return bytes(typst.compile(b"#set text(font: \"Libertinus Serif\")\nxin", format="pdf"))


def changed(change: Callable[[Pdf], None], **how: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(typeset.pdf("receipt.typ", receipt()))) as pdf:
        change(pdf)
        pdf.save(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


def _without_fonts(pdf: Pdf) -> None:
    for one in pdf.objects:
        if isinstance(one, Dictionary) and "/FontFile2" in one:
            del one["/FontFile2"]


def _script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS="app.alert(1)"))


def _without_intent(pdf: Pdf) -> None:
    del pdf.Root["/OutputIntents"]


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["x.txt"] = b"x"


def _nothing(pdf: Pdf) -> None:
    """Saved again as it is."""


@pytest.mark.parametrize(("change", "how", "fault"), [
    (_without_fonts, {}, "not embedded"), (_script, {}, "/JavaScript"), (_without_intent, {}, "0 output intents"),
    (_attachment, {}, "an embedded file"),
    (_nothing, {"encryption": pikepdf.Encryption(owner="a", user="")}, "encrypted"),
])
def test_the_check_can_fail(change: Callable[[Pdf], None], how: dict[str, object], fault: str) -> None:
    assert any(fault in one for one in pdfa.faults(changed(change, **how)))


def test_a_plain_pdf_is_no_pdf_a() -> None:
    found = pdfa.faults(plain())
    assert any("XMP" in one for one in found)
    assert "0 output intents" in found


def test_an_access_key_opens_its_own_dossier_only_however_it_is_typed() -> None:
    key = access_key(b"k" * 16, CODE)
    assert len(key) == 9
    assert set(key.replace("-", "")) <= set(ALPHABET)
    assert key != access_key(b"l" * 16, CODE)
    assert key != access_key(b"k" * 16, "H51.02-261123-0002")
    for typed in (key, key.lower(), key.replace("-", ""), f" {key} ", key.replace("0", "o").replace("1", "l")):
        assert opens(b"k" * 16, CODE, typed), typed
    for wrong in ("", key[:-1], access_key(b"l" * 16, CODE), "ế" * 8, key + "0"):
        assert not opens(b"k" * 16, CODE, wrong), wrong
