"""Carries a bundle on: what its parts wait for, what is stopped, asked or shared, and its expected dates.

Each part's act is a transaction of its own, and no two dossiers are ever locked at once. Whatever is cut off in between
is done by the next pass; passing twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from engine.bundles import expectation, moves
from engine.bundles.moves import Settled
from engine.bundles.progress import Adopt, Ask, Move, Part, Progress, Release, Resume, Stop, instant
from engine.casework.act import Decide, transact
from engine.casework.decision import iso
from engine.casework.orders import MACHINE, Order
from engine.errors import LienThongError, NotFound, Unavailable
from engine.office import Office
from procedures.entry import Text
from storage import bundles

log = structlog.get_logger()
# Far more moves than twelve parts can need; a pass that takes longer is a fault.
MOST_MOVES = 400
# A window whose letter could not be written is looked at again later, not without pause.
AGAIN = timedelta(minutes=15)


def unknown(code: str) -> NotFound:
    """There is no such bundle, or none that is for the reader to see."""
    return NotFound(what=f"hồ sơ liên thông {code[:80]}", what_en=f"bundle {code[:80]}")


def load(office: Office, code: str, now: datetime) -> Progress:
    """Raises NotFound."""
    told = bundles.read(office.db, code)
    if told is None:
        raise unknown(code)
    return Progress(told, office.catalogue(told["revision"]), now)


def advance(office: Office, code: str, now: datetime) -> int:
    """How many acts it took. Raises the first refusal once everything else is done, so that it is tried again."""
    done, left = 0, set[Move]()
    trouble: LienThongError | None = None
    for _ in range(MOST_MOVES):
        progress = load(office, code, now)
        move = next((found for found in progress.moves() if found not in left), None)
        if move is None:
            if not _settle(office, progress):
                continue
            break
        try:
            _do(office, progress, move, now)
            done += 1
        except Settled:
            continue
        except Unavailable:
            raise
        except LienThongError as refusal:
            log.warning("bundle_move_refused", bundle=code, move=type(move).__name__, part=move.part, why=refusal.code)
            left.add(move)
            trouble = trouble or refusal
    if trouble is not None:
        raise trouble
    return done


def _do(office: Office, progress: Progress, move: Move, now: datetime) -> None:
    part = progress.parts[move.part]
    event, decide, at = _act(progress, move, now)
    transact(office, Order(code=part.code, event=event, actor=MACHINE), decide, at)
    log.info("bundle_moved", bundle=progress.row["code"], part=part.key, act=event)


def _act(progress: Progress, move: Move, now: datetime) -> tuple[str, Decide, datetime]:
    match move:
        case Release():
            return "release", moves.release, now
        case Stop():
            why = _because(progress, progress.parts[move.because], whole=move.whole)
            return "stop", moves.stop(move.because, why, whole=move.whole), now
        case Adopt():
            return "attach", moves.adopt(move.papers), now
        case Ask():
            # one letter, one instant: what a crash left over is asked as of when the letter was written
            at = instant(move.letter["at"]) or now
            return "request_supplement", moves.ask(move.letter, progress.row["version"]), at
        case Resume():
            letter = next(letter for letter in progress.letters if letter["no"] == move.no)
            return "supplement", moves.resume(move.no), instant(letter["answered_at"]) or now


_ENDS = {
    "refused": Text(vi="bị từ chối tiếp nhận", en="was refused at intake"),
    "stopped": Text(vi="đã dừng xử lý", en="was stopped"),
    "withdrawn": Text(vi="đã được công dân rút", en="was withdrawn by the applicant"),
}
_REJECTED = Text(vi="bị từ chối giải quyết", en="was rejected")


def how_it_failed(part: Part) -> Text:
    return _REJECTED if part.finished else next((_ENDS[state] for state in part.row["states"] if state in _ENDS),
                                                _ENDS["stopped"])


def _because(progress: Progress, part: Part, *, whole: bool) -> Text:
    code, how = progress.row["code"], how_it_failed(part)
    if whole:
        return Text(
            vi=f"Phần “{part.name.vi}” của hồ sơ liên thông {code} {how.vi} nên các phần còn lại dừng theo.",
            en=f"The part “{part.name.en}” of bundle {code} {how.en}, so the other parts are stopped with it.")
    return Text(
        vi=f"Phần này cần kết quả của phần “{part.name.vi}” trong hồ sơ liên thông {code}, mà phần đó {how.vi}.",
        en=f"This part needs the result of “{part.name.en}” in bundle {code}, which {how.en}.")


def _settle(office: Office, progress: Progress) -> bool:
    """Writes expected dates, the end of a window that led to nothing, the close. False: it moved, look again."""
    found = expectation.expected(progress)
    ended = [instant(part.row["closed_at"]) for part in progress.parts.values()]
    closed = None if None in ended else max(at for at in ended if at is not None)
    changes: dict[str, Any] = {
        "due_at": found.due, "due_provisional": found.provisional, "closed_at": closed,
        "gather_until": None if progress.gathered_nothing or closed else instant(progress.row["gather_until"])}
    stored = progress.row
    same = all(value == (instant(stored[name]) if name != "due_provisional" else stored[name])
               for name, value in changes.items())
    parts = [{"bundle_id": stored["id"], "part": key, "expected_due_at": iso(at),
              "released_at": progress.parts[key].row["released_at"],
              "stopped_for": progress.parts[key].row["stopped_for"]}
             for key, at in found.parts.items() if at != instant(progress.parts[key].row["expected_due_at"])]
    if same and not parts:
        return True
    told = {name: iso(value) if isinstance(value, datetime) else value for name, value in changes.items()}
    return bundles.settle(office.db, {**_kept(stored), **told}, parts)


def settle(office: Office, code: str, now: datetime) -> None:
    """Writes what may be expected of the bundle now; no act of any part."""
    while not _settle(office, load(office, code, now)):
        pass


def _kept(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in ("id", "version", "partial_at", "partial_by", "letters", "gather_until")}


def sweep(office: Office, now: datetime, *, enough: Callable[[], bool] = lambda: False) -> int:
    """Writes the letters of every bundle whose window is over; one that fails does not hold up the others."""
    done = 0
    for code in bundles.gathered(office.db, now):
        if enough():
            break
        try:
            done += advance(office, code, now)
        except Unavailable:
            raise
        except LienThongError as error:
            _later(office, code, now, error.code)
        except Exception as error:  # noqa: BLE001 - one bundle that fails must not hold up the rest
            _later(office, code, now, type(error).__name__)
    return done


def _later(office: Office, code: str, now: datetime, why: str) -> None:
    log.warning("bundle_letter_failed", bundle=code, why=why)
    stored = bundles.read(office.db, code)
    if stored is not None and stored["gather_until"] is not None:
        rest = {name: stored[name] for name in ("due_at", "due_provisional", "closed_at")}
        bundles.settle(office.db, {**_kept(stored), **rest, "gather_until": iso(now + AGAIN)}, [])
