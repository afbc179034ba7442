"""What must hold of the time of every dossier, whatever was done to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

from engine.catalogue import Catalogue
from engine.clocks.booking import Life, Stay, book, tile
from engine.judging.dossier import DossierTime, Reading
from engine.judging.lives import life_of
from engine.office import Office
from storage.views import timeliness
from storage.views.timeliness import LifeRow


def untiled(office: Office) -> list[str]:
    """Everything that is wrong, named; as of the last entry of each dossier."""
    catalogue, found = office.fresh_catalogue(), []
    with office.db.connection() as connection:
        rows = connection.execute(b"select d.code, a.at from dossier d "
                                  b"join audit a on a.dossier_id = d.id and a.seq = d.audit_seq").fetchall()
    for code, last in rows:
        row = timeliness.life(office.db, code, 0, date(2026, 1, 1), blind=True)
        assert row is not None
        found += [f"{code}: {fault}" for fault in _faults(row, catalogue, last)]
    return found


def _faults(row: LifeRow, catalogue: Catalogue, now: datetime) -> list[str]:
    life = life_of(row, now)
    ended = row.finished_at is not None and row.received_at is not None
    if ended != (row.judgement is not None):
        return [f"ended: {ended}, judged: {row.judgement}"]
    if life is None:
        return []
    return _gaps(life, row, catalogue) + _differences(Reading(row, catalogue, now).told(), row)


def _gaps(life: Life, row: LifeRow, catalogue: Catalogue) -> list[str]:
    calendar = catalogue.calendar(row.intake_agency)
    segments = tile(life, calendar)
    found = [f"{one.ends} is followed by {two.begins}" for one, two in pairwise(segments) if one.ends != two.begins]
    whole = calendar.between(life.received, max(life.received, life.ended))
    if sum(one.minutes for one in segments) != whole:
        found.append(f"{sum(one.minutes for one in segments)} minutes are booked of {whole}")
    if segments and (abs(segments[0].begins - life.received) >= timedelta(minutes=1)
                     or abs(segments[-1].ends - life.ended) >= timedelta(minutes=1)):
        found.append(f"booked from {segments[0].begins} to {segments[-1].ends}, not {life.received} to {life.ended}")
    found += [f"nobody had it from {one.begins} to {one.ends}" for one in segments if one.stay is Stay.UNHELD]
    held = sum(one.office for one in book(life, calendar, lambda unit: calendar))
    shared = sum(one.minutes * len(one.items) for one in segments if one.stay is Stay.OFFICE)
    return found + ([f"the units are booked {held} minutes, they had it {shared}"] if held != shared else [])


def _differences(told: DossierTime, row: LifeRow) -> list[str]:
    """The judgement that follows from the record again is the one that was written."""
    written, derived = row.judgement, told.judgement
    if written is None or derived is None:
        return []
    pairs = {name: (written[name], getattr(derived, name))
             for name in ("national", "local", "late_original", "late_new", "worked", "allowed", "extended")}
    pairs["grounds"] = (written["grounds"], [str(ground) for ground in derived.grounds])
    pairs |= {name: (written[name] and datetime.fromisoformat(written[name]), getattr(derived, name))
              for name in ("due_original", "due_judged", "due_new")}
    return [f"{name}: {was} was written, {now} follows" for name, (was, now) in pairs.items() if was != now]
