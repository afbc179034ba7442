"""Names from people go back to people, and can do nothing on the way."""

from __future__ import annotations

import re
import unicodedata
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storage.names import attachment_header, safe_name

HEADER = re.compile(r"attachment; filename=\"[A-Za-z0-9._ -]+\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+")
HOSTILE = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            [
                "../",
                "..\\",
                "/",
                "\0",
                "%2e%2e%2f",
                "\u202e",
                "\u200b",
                '"',
                "'",
                ";",
                "\r\n",
                "\\",
                "con",
                "nul.pdf",
                " ",
                ".",
                "é",
                "e\u0301",
                "Đơn",
                "ữ",
                "\ud800",
                "a" * 400,
                ".pdf",
                "😀",
                "*",
                "filename=",
                "\t",
                "\u2028",
            ]
        ),
        max_size=12,
    ).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(HOSTILE)
@example("x" * 4096)
@example("\r\nSet-Cookie: a=b")
@example('a"; filename="b.exe')
def test_whatever_the_name_the_header_is_one_safe_line(name: str) -> None:
    header = attachment_header(name)
    assert HEADER.fullmatch(header)
    assert len(header) < 4000
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"
    assert unquote(header.rpartition("''")[2]) == safe_name(name)


@settings(max_examples=400, deadline=None)
@given(HOSTILE)
@example("COM1.txt")
@example("...")
def test_a_safe_name_is_one_visible_component_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert len(safe) <= 120
    assert not set(safe) & set('/\\:*?"<>|\0\r\n')
    assert not any(unicodedata.category(c).startswith("C") for c in safe)
    assert not safe.startswith(".")
    assert not safe.endswith((".", " "))
    assert safe.partition(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1", "lpt1"}
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("don.pdf", "attachment; filename=\"don.pdf\"; filename*=UTF-8''don.pdf"),
        (
            "Đơn đề nghị.pdf",
            'attachment; filename="Don de nghi.pdf"; '
            "filename*=UTF-8''%C4%90%C6%A1n%20%C4%91%E1%BB%81%20ngh%E1%BB%8B.pdf",
        ),
        ("../../x.pdf", "attachment; filename=\"_.._x.pdf\"; filename*=UTF-8''_.._x.pdf"),
        ("", "attachment; filename=\"tai-lieu\"; filename*=UTF-8''tai-lieu"),
    ],
)
def test_known_names(name: str, header: str) -> None:
    assert attachment_header(name) == header


def test_composed_and_decomposed_letters_are_the_same_name() -> None:
    assert safe_name(unicodedata.normalize("NFD", "Quyết định.pdf")) == "Quyết định.pdf"


def test_a_long_name_keeps_its_extension() -> None:
    assert safe_name("đ" * 500 + ".pdf") == "đ" * 116 + ".pdf"


def test_letters_that_turn_the_direction_of_writing_are_dropped() -> None:
    assert safe_name("hoa-don\u202efdp.exe") == "hoa-donfdp.exe"


def test_a_name_without_extension_gets_the_one_of_its_type() -> None:
    assert "%2012.2024.pdf" in attachment_header("Quyết định số 12.2024", "application/pdf")
    assert attachment_header("a.JPEG", "image/jpeg").endswith("''a.JPEG")
    assert attachment_header("a", "text/plain").endswith("''a")
