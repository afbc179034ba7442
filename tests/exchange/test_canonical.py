"""One form of JSON: what two writers make of the same value is the same, and every other form is refused."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.canonical import DEEPEST, LARGEST, NotCanonical, decode, encode

letters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
words = st.text(letters, max_size=20).map(lambda text: normalize("NFC", text))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | words,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(words, inner, max_size=5), max_leaves=20)


@given(values)
def test_the_standard_library_writes_the_same_bytes_and_they_are_read_back(value: Any) -> None:
    data = encode(value)
    assert data == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert decode(data) == value


@pytest.mark.parametrize("data", [
    b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":1,"a":2}', b"1.0", b"1e3", b"-0", b"01", b"+1", b"NaN",
    b"Infinity", b"9007199254740992", b"-9007199254740992", b"123456789012345678901234567890", b"", b" 1", b"1 ",
    b"1\n", b'"\\u0041"', b'"\\/"', b'"\\u001F"', b'"\\u0000"', b'{"\\u0000":1}',
    b'"\\ud800"', b'"\xff"', b"\xef\xbb\xbf1", "\"e\u0302\"".encode(),
    '{"e\u0302":1}'.encode(), b"[1,]", b"{'a':1}", b"nul", b'"a', b"\x00", b'"\x01"', b"tru\x00e",
    b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), b"[" * 100_000, b'{"a":' * 500 + b"1" + b"}" * 500,
])
def test_any_other_form_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        decode(data)


@pytest.mark.parametrize("value", [1.5, {1: 2}, (1,), b"x", {"a": {1.0}}, "\ud800", LARGEST + 1, {"a": "e\u0302"}])
def test_what_has_no_canonical_form_is_not_written(value: Any) -> None:
    with pytest.raises(NotCanonical):
        encode(value)


def test_control_characters_are_written_the_shortest_way() -> None:
    assert encode("\b\t\n\f\r\x01\x1f\x7f\"\\/") == b'"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\\"\\\\/"'


def test_members_stand_in_the_order_of_code_points() -> None:
    assert encode({"\U0001f600": 1, "\uff21": 2, "a": 3, "B": 4}) == '{"B":4,"a":3,"\uff21":2,"\U0001f600":1}'.encode()
