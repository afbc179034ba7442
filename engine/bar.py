"""What waits for a person on the pages of the bar."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from engine.answering import by_slip
from engine.casework import payouts
from engine.desk.places import day_of
from engine.office import Office
from engine.settings import settings
from storage.views import bar
from storage.views.bar import Asked, Counts

MOST_COUNTED = 100


def counts(office: Office, person: int, posts: Sequence[tuple[int, str]], pages: Collection[str],
           now: datetime) -> Counts:
    """`posts`: unit and role, as held today; `pages`: those of Counts the person has a use for.

    None for the others, and for what is of no use here: answers where every agency has the system, pay-outs where
    none was ordered lately, the portal and other installations where there is none.
    """
    today = day_of(now)
    units = office.catalogue().units
    asked = Asked(
        person=person, today=today, now=now, most=MOST_COUNTED, units=by_slip.mine(posts),
        agencies=sorted({units[unit].agency for unit, role in posts if role in payouts.PAYS}),
        since=(today.replace(day=1) - timedelta(days=1)).replace(day=1), month=payouts.list_month(today.replace(day=1)))
    wanted = {field.name: field.name in pages for field in fields(Counts)}
    wanted["portal"] = wanted["portal"] and bool(settings().npsp_url)
    return bar.counts(office.db, asked, wanted)
