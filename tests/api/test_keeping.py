"""What a sign-in page brings back of a form goes to an address of ours, or nowhere."""

from __future__ import annotations

import orjson
import pytest

from api.pages import keeping


def packed(address: str) -> str:
    return orjson.dumps([address, [["subject", "Hội thảo"]], 7, False]).decode()


@pytest.mark.parametrize("address", [
    "//elsewhere.example/", "/\\elsewhere.example/", "https://elsewhere.example/", "", "/sign-out", "javascript:x"])
def test_it_leads_nowhere_else(address: str) -> None:
    assert keeping.unpacked(packed(address)) is None


@pytest.mark.parametrize("text", [
    "", "[]", "null", "[1,2]", '["/receive",[["a"]],1,false]', '["/receive",[],"x",false]'])
def test_what_is_no_text_of_ours_is_nothing(text: str) -> None:
    assert keeping.unpacked(text) is None


def test_what_was_typed_comes_back() -> None:
    kept = keeping.unpacked(packed("/receive/conference_permit_local"))
    assert kept is not None
    assert (kept.address, kept.writer) == ("/receive/conference_permit_local", 7)
    assert kept.fields == [("subject", "Hội thảo")]
