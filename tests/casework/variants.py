"""Procedures that differ in a few words from known ones, published under keys of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from procedures.declaration import LIBRARY
from tests.casework.publishing import COPIES, publish
from tests.casework.walking import FACTS, Walk
from tests.conftest import Fresh
from tests.journey import CONFERENCE, Journey

Change = tuple[str, str]
Variant = Callable[..., Walk]

CONFERENCE_TEXT = (LIBRARY / "conferences" / "conference_permit_local.yaml").read_text(encoding="utf-8")
# The desk, the lead and the consulted bodies are different agencies.
SUPPLEMENT, PAYABLE = "supplement: {max: 1}\n", ("switch_off: [request_payment]\n", "")
# Everything is done in one commune.
COPIES_SUPPLEMENT = "supplement: {max: 2, after: resume}\n"


def changed(text: str, key: str, *changes: Change) -> str:
    for old, new in ((f"procedure: {key}\n", "procedure: test_variant\n"), *changes):
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


def conference(journey: Journey, fresh: Fresh, *changes: Change, **given: Any) -> Walk:
    publish(fresh.owner_url, changed(CONFERENCE_TEXT, "conference_permit_local", *changes))
    return Walk(journey, journey.receive("test_variant", facts=CONFERENCE, **given).code)


def copies(journey: Journey, fresh: Fresh, *changes: Change, **given: Any) -> Walk:
    publish(fresh.owner_url, changed(COPIES, "test_copies", *changes))
    return Walk(journey, journey.receive("test_variant", facts=FACTS["test_copies"], desk="H51.21/mot-cua",
                                         **given).code)
