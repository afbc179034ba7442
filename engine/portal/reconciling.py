"""Both sides compared, day by day and field by field: what we sent that day, and what the portal says changed there.

A dossier that is not the same is told once more; one that is still not the same after that is an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
import structlog

from engine.catalogue import code_on
from engine.clocks.zone import ZONE
from engine.office import Office
from engine.portal import fields, rules
from engine.portal.drain import UNFORESEEN, UNWRITTEN, Ground, ground_of
from engine.portal.identifiers import canonical_code
from engine.portal.line import Portal
from procedures.entry import text
from storage import portal, portal_days
from storage.portal_days import Day, Differing, SentDossier
from storage.tables.portal import Difference, Remedy

log = structlog.get_logger()

STILL = text("sau khi gửi lại, số liệu trên Cổng vẫn khác", "still different on the portal after it was sent again")
ABSENT = text("không có trên Cổng", "not on the portal")
# Without these the portal's answer says nothing of a dossier.
SURE = ("MaHoSo", "TrangThaiHoSo")


def day_before(now: datetime) -> date:
    return now.astimezone(ZONE).date() - timedelta(days=1)


def reconcile(office: Office, line: Portal, day: date, now: datetime) -> Day:
    """The numbers of one day in Vietnam; kept, replacing those of an earlier run. Raises Away, Rejected.

    Due dates that a new calendar moved are told, too: no act did that.
    """
    since = datetime.combine(day, time(), ZONE)
    until = since + timedelta(days=1)
    ground = ground_of(office, line, now)
    sent = portal_days.sent_in(office.db, since, until)
    theirs = _by_code(ground, line.changed(fields.when(since), fields.when(until)))
    theirs |= _by_code(ground, line.look_up([one.code for one in sent if one.code not in theirs]))
    compared = [one for one in sent if not one.waiting]
    found = [differing for one in compared if (differing := _compared(ground, one, theirs.get(one.code)))]
    missing_here = _missing_here(ground, theirs)
    told = Day(day=day, at=now, sent=portal_days.how_many_sent(office.db, since, until), compared=len(compared),
               equal=len(compared) - len(found), waiting=len(sent) - len(compared),
               different=sum(one.what == Difference.DIFFERENT for one in found),
               missing_there=sum(one.what == Difference.MISSING_THERE for one in found), missing_here=len(missing_here))
    portal_days.keep_day(office.db, told, [*found, *missing_here])
    for dossier_id in portal_days.moved(office.db):
        portal.tell(office.db, dossier_id, now, reconciliation=False)
    log.info("portal_reconciled", day=str(day), compared=told.compared, equal=told.equal)
    return told


def _by_code(ground: Ground, rows: Any) -> dict[str, Mapping[str, Any]]:
    """By our spelling of the code, however the portal writes the agency in it."""
    return {canonical_code(str(row.get("MaHoSo", "")), ground.aliases): row for row in rows}


def _compared(ground: Ground, one: SentDossier, theirs: Mapping[str, Any] | None) -> Differing | None:
    """Nothing when both say the same."""
    if theirs is None:
        return _mended(ground, one, Difference.MISSING_THERE, [])
    try:
        ours = fields.dossier(portal.facts(ground.office.db, one.id), None, ground.catalogue, ground.aliases)
    except UNFORESEEN:
        return _unwritten(ground, one)
    names = {name for name in ours if name in theirs} | set(SURE)
    differing = sorted(name for name in names if not _same(ground, name, ours[name], theirs.get(name)))
    return _mended(ground, one, Difference.DIFFERENT, differing) if differing else None


def _same(ground: Ground, name: str, ours: Any, theirs: Any) -> bool:
    if name == "MaHoSo":
        return str(ours) == canonical_code(str(theirs), ground.aliases)
    if isinstance(ours, list):
        return orjson.dumps(ours, option=orjson.OPT_SORT_KEYS) == orjson.dumps(theirs, option=orjson.OPT_SORT_KEYS)
    return str(ours) == str("" if theirs is None else theirs)


def _mended(ground: Ground, one: SentDossier, what: Difference, names: list[str]) -> Differing:
    """Told once more; what reconciliation has told before is for a person."""
    told = [rules.name_of("dossier", name) for name in names] or [ABSENT]
    fault = {"field": names[0] if names else "", "vi": f"{STILL.vi}: {'; '.join(one.vi for one in told)}",
             "en": f"{STILL.en}: {'; '.join(one.en for one in told)}"}
    queued = portal.tell(ground.office.db, one.id, ground.now, reconciliation=True,
                         faults=[fault] if one.reconciled else [])
    remedy = Remedy.EXCEPTION if queued and one.reconciled else Remedy.AGAIN
    return Differing(code=one.code, what=what, fields=names, remedy=remedy)


def _unwritten(ground: Ground, one: SentDossier) -> Differing:
    """A person has to look: what we have of it can be compared with nothing."""
    log.warning("portal_not_compared", dossier=one.code)
    portal.tell(ground.office.db, one.id, ground.now, reconciliation=True, faults=[
        {"field": "", "vi": UNWRITTEN.vi, "en": UNWRITTEN.en}])
    return Differing(code=one.code, what=Difference.DIFFERENT, fields=[], remedy=Remedy.EXCEPTION)


def _missing_here(ground: Ground, theirs: Mapping[str, Any]) -> list[Differing]:
    """What the portal has as ours and nobody here knows; mirrors are told by the system that masters them."""
    known = portal_days.known(ground.office.db, list(theirs))
    return [Differing(code=code, what=Difference.MISSING_HERE, fields=[], remedy=Remedy.NOTED)
            for code in sorted(theirs) if code not in known]


def begin(office: Office, now: datetime) -> int:
    """Tells the portal of every dossier it was never told of, as it stands; for the day the line is set up."""
    catalogue = office.fresh_catalogue()
    told = 0
    for dossier_id in portal_days.never_told(office.db):
        known = portal.facts(office.db, dossier_id)
        procedure = catalogue.procedures[known["version_id"]]
        if not procedure.confidential({**known["facts"], "channel": known["channel"]}):
            told += portal.tell(office.db, dossier_id, now, reconciliation=False)
    return told


def unknown_procedures(office: Office, line: Portal, today: date) -> list[tuple[str, str]]:
    """Code and name of every procedure received here today that the portal does not have."""
    theirs = {str(row.get("MaTTHC", "")) for row in line.procedures()}
    ours = {code_on(one.codes, today): one.name.vi for one in office.fresh_catalogue().offered(today).values()}
    return sorted((code, name) for code, name in ours.items() if code not in theirs)
