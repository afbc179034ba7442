"""The portal as people see it: how the line is, which items wait for a person, how both sides compared day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.casework.orders import Actor, reason_faults, text_faults
from engine.casework.telling import STATUSES
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotFound
from engine.office import Office
from engine.portal import rules
from engine.settings import settings
from procedures.declaration import Text
from procedures.entry import text
from procedures.words import Role
from storage import drafts, events, portal, portal_days
from storage.portal import Exceptional, Standing
from storage.portal_days import Day, Differing

WATCHERS = (Role.ADMINISTRATOR, Role.MANAGER)
KINDS = {"dossier": text("Hồ sơ", "Dossier"), "progress": text("Tiến độ xử lý", "Progress")}
DIFFERENCES = {
    "different": text("Khác số liệu", "Different"), "missing_there": text("Cổng chưa có", "Missing on the portal"),
    "missing_here": text("Cổng có, ở đây không có", "On the portal, not here"),
}
REMEDIES = {
    "again": text("Đã xếp hàng gửi lại", "Queued again"),
    "exception": text("Đã chuyển thành mục cần xử lý", "An exception"),
    "noted": text("Cần người phụ trách đối chiếu với Cổng", "A person has to look into it"),
}
# What the line says of itself, by how it begins; anything else is shown as it is.
TROUBLES = {
    "ConnectTimeoutError": text("không kết nối được", "no connection"),
    "NewConnectionError": text("không kết nối được", "no connection"),
    "NameResolutionError": text("không tìm thấy địa chỉ của Cổng", "its address is not found"),
    "ReadTimeoutError": text("Cổng không trả lời kịp", "no answer in time"),
    "ProtocolError": text("đường truyền bị ngắt giữa chừng", "the line was cut"),
    "SSLError": text("chứng thư TLS của Cổng không hợp lệ", "its TLS certificate is not valid"),
    "the portal does not accept": text("Cổng không nhận tài khoản của ta", "it does not accept our account"),
    "the answer": text("trả lời của Cổng không đọc được", "its answer cannot be read"),
    "HTTP 5": text("Cổng báo lỗi nội bộ", "it reports a failure of its own"),
    "NPSP_URL": text("NPSP_URL không phải địa chỉ https", "NPSP_URL is not an https address"),
}
LONGEST_WHY = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """`field` by the portal's name, `name` as people call it; `open`: it may be put right on the page, to one of
    `choices` where there are some.
    """

    field: str
    name: Text
    why: Text
    open: bool
    choices: Mapping[str, Text] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An item that waits for a person, with `behind` more of its dossier behind it."""

    code: str
    no: int
    kind: Text
    status: Text
    at: datetime
    held_at: datetime
    owner: Text
    behind: int
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """`on`: a portal is set up. `share`: what both sides had the same, of all compared in the last 30 days, in %.
    `trouble`: why nothing gets through, if that is so.
    """

    on: bool
    standing: Standing
    trouble: Text | None
    held: list[Held]
    days: list[Day]
    share: float | None


def board(office: Office, actor: Actor, now: datetime) -> Board:
    """Raises NotFound for whoever is neither administrator nor manager today."""
    _must_watch(office, actor, now)
    days, standing = portal_days.days(office.db), portal.standing(office.db)
    compared = sum(day.compared for day in days)
    return Board(on=bool(settings().npsp_url), standing=standing, days=days,
                 trouble=_trouble(standing.trouble),
                 held=[_held(office, row) for row in portal.exceptions(office.db, actor.id, _today(now))],
                 share=round(100 * sum(day.equal for day in days) / compared, 2) if compared else None)


def differences(office: Office, actor: Actor, day: date, now: datetime) -> list[Differing]:
    _must_watch(office, actor, now)
    return portal_days.differing(office.db, day)


def exception(office: Office, code: str, no: int, actor: Actor, now: datetime) -> Held:
    """Raises NotFound for what is none, or somebody else's."""
    return _held(office, _found(office, code, no, actor, now))


def correct(office: Office, code: str, no: int, values: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """Sends it again with what was put right. Raises NotFound, Invalid. Who it was is logged, what he wrote is not."""
    row = _found(office, code, no, actor, now)
    wanted = [one.field for one in _wrong(row) if one.open]
    given = {field: values.get(field, "").strip() for field in wanted}
    faults = text_faults(given)
    faults |= {field: (why.vi, why.en) for field, value in given.items()
               if field not in faults and (why := rules.wrong_correction(row.kind, field, value))}
    if faults:
        raise Invalid(faults)
    if not portal.correct(office.db, code, no, actor.id, _today(now), given, now):
        raise _nothing(code)
    events.append(office.db, "portal_item_corrected", actor.id, now, {"code": code, "item": no, "fields": wanted})


def close(office: Office, code: str, no: int, why: str, actor: Actor, now: datetime) -> None:
    """It is not sent; what waits behind it goes on. Raises NotFound, Invalid without a reason."""
    if faults := {name.replace("reason", "why"): fault for name, fault in reason_faults(why).items()} | text_faults(
            {"why": why}, LONGEST_WHY):
        raise Invalid(faults)
    if not portal.close(office.db, code, no, actor.id, _today(now), why.strip(), now):
        raise _nothing(code)
    events.append(office.db, "portal_item_closed", actor.id, now, {"code": code, "item": no, "why": why.strip()})


def _found(office: Office, code: str, no: int, actor: Actor, now: datetime) -> Exceptional:
    found = portal.exception(office.db, code, no, actor.id, _today(now))
    if found is None:
        raise _nothing(code)
    return found


def _nothing(code: str) -> NotFound:
    return NotFound(what=f"mục cần xử lý của hồ sơ {code}", what_en=f"an exception of dossier {code}")


def _held(office: Office, row: Exceptional) -> Held:
    unit = office.catalogue().units[row.owner_unit_id]
    return Held(code=row.code, no=row.no, kind=KINDS[row.kind], status=STATUSES[row.status], at=row.at,
                held_at=row.held_at, owner=Text(vi=unit.full_vi, en=unit.full_en), behind=row.behind, wrong=_wrong(row))


def _wrong(row: Exceptional) -> tuple[Wrong, ...]:
    return tuple(Wrong(field=told["field"], name=rules.name_of(row.kind, told["field"]),
                       why=Text(vi=told["vi"], en=told["en"]), open=rules.may_correct(row.kind, told["field"]),
                       choices=rules.choices_of(row.kind, told["field"])) for told in row.faults)


def _trouble(why: str | None) -> Text | None:
    if why is None:
        return None
    return next((words for begins, words in TROUBLES.items() if why.startswith(begins)), Text(vi=why, en=why))


def _must_watch(office: Office, actor: Actor, now: datetime) -> None:
    if not drafts.holds(office.db, actor.id, list(WATCHERS), _today(now)):
        raise NotFound(what="trang kết nối Cổng dịch vụ công", what_en="page of the national portal")


def _today(now: datetime) -> date:
    return now.astimezone(ZONE).date()
