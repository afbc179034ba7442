"""What waits for a person, by the pages of the bar: read once for every page that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from storage import custody, linewatch, links, payouts, portal
from storage.session import Database
from storage.views import notices

# A page he has no use for costs nothing: of a CASE only the branch that is taken is read.
COUNTS = f"""select
  case when %(of_notices)s then {notices.COUNT} end as notices,
  case when %(of_courier)s then {custody.TROUBLES} end as courier,
  case when %(of_answers)s then {links.TO_SEND} end as answers,
  case when %(of_payouts)s then {payouts.TO_PASS} end as payouts,
  case when %(of_portal)s then {portal.EXCEPTIONAL} end as portal,
  case when %(of_exchange)s then {linewatch.STUCK} end as exchange"""


@dataclass(slots=True)
class Counts:
    """None: not asked for, or nothing of the kind was ever here."""

    notices: int | None
    courier: int | None
    answers: int | None
    payouts: int | None
    portal: int | None
    exchange: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """`units` answer slips for, `agencies` pass on pay-outs whose month is from `since` to `month`."""

    person: int
    today: date
    now: datetime
    units: Sequence[int]
    agencies: Sequence[str]
    since: date
    month: date
    most: int


def counts(db: Database, asked: Asked, pages: Mapping[str, bool]) -> Counts:
    """`pages`: for each field of Counts whether it is wanted."""
    found = db.one(Counts, COUNTS, {**asdict(asked), "blind": False,
                                    **{f"of_{page}": wanted for page, wanted in pages.items()}})
    assert found is not None
    return found
