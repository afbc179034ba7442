"""What messages say: the code, what to do, by when, where; nothing personal where anybody may read it."""

from __future__ import annotations

import pytest

from engine.notifying.kinds import CITIZENS, KINDS, masked_address, wording

DATA = {"code": "H51.02-261123-0001", "at": "Bộ phận Một cửa, UBND phường", "at_en": "One-stop desk, ward",
        "way": "post", "due": "2026-11-30T10:00:00+00:00", "by": "Lâm Thị Ngọc Hân", "many": 3, "codes": ["A", "B"],
        "amount": 50000}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_worded_in_both_languages(kind: str, language: str) -> None:
    subject, body = wording(kind, "mail", language, DATA)

    assert subject
    assert "{" not in subject + body
    assert KINDS[kind].staff or DATA["at"] in body or DATA["at_en"] in body
    assert "Hân" not in subject


@pytest.mark.parametrize("kind", CITIZENS)
def test_a_text_message_is_short_and_has_no_subject(kind: str) -> None:
    subject, body = wording(kind, "sms", "vi", DATA)

    assert subject == ""
    assert DATA["code"] in body
    assert len(body) <= 160


def test_a_date_is_told_in_vietnam_and_only_where_there_is_one() -> None:
    assert ". Hạn nộp: 17:00 30/11/2026." in wording("supplement", "mail", "vi", DATA)[1]
    assert "Hạn nộp" not in wording("supplement", "mail", "vi", {**DATA, "due": None})[1]


@pytest.mark.parametrize(("channel", "address", "shown"), [
    ("mail", "ngoc.ha@example.vn", "n•••@example.vn"), ("sms", "0900000001", "•••001"), ("mail", "broken", "•••")])
def test_addresses_are_shown_masked(channel: str, address: str, shown: str) -> None:
    assert masked_address(channel, address) == shown
