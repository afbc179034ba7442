"""What tells offers of one act apart: whom a question beside the procedure is put to, or who asks, and what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from textwrap import shorten

from engine.casework import consulting
from engine.casework.offers import Offer
from engine.desk.dossier import DossierView
from procedures.declaration import Text

Whose = Callable[[Offer], Text | None]

# What whoever asked may do about a question; the rest is done by whom it is put to.
ASKING = frozenset({"recall", "resend", "send_documents", "withdraw_consultation"})
LONGEST = 80


def telling_apart(view: DossierView) -> Whose:
    """Of a question always; of a step where several offers have the same name."""
    asked = {consulting.place(row.no): row for row in view.consultations}
    steps = {place.state: place.name for place in view.where}
    alike = Counter(event for event, _ in {(offer.event, offer.state) for offer in view.offers if offer.permitted})

    def whose(offer: Offer) -> Text | None:
        row = asked.get(offer.state or "")
        if row is None:
            return steps.get(offer.state or "") if alike[offer.event] > 1 else None
        unit = row.unit.name if offer.event in ASKING else row.asking.name
        question = shorten(row.purpose, LONGEST, placeholder="…")
        verb = ("hỏi", "asked") if offer.event in ASKING else ("bên hỏi", "asked by")
        return Text(vi=f"{verb[0]} {unit.vi}: {question}", en=f"{verb[1]} {unit.en}: {question}")

    return whose
