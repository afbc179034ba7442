"""A dossier's history in words: the timeline of its audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from engine.audit import read_told
from engine.casework import payouts
from engine.casework.mirrors import TASK
from engine.casework.telling import CLOCKS, PAYOUT_FAILURES, PAYOUT_RECEIPTS, act_name, masked, of_clock
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.desk.places import places_shown, state_name
from engine.states.procedure import Procedure
from procedures.declaration import Text

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of the audit. `words` are what was written with it, by field (reason, words, recipient, slip, proof).

    `about` names what a refusal, an attachment or a move to another version was about, the papers that were asked for,
    the dates a new calendar moved, the people a comment names, whether an allowance was paid, where a paper
    came to outside.
    """

    seq: int
    at: datetime
    who: str
    unit: str
    action: str
    name: Text
    from_names: list[Text]
    to_names: list[Text]
    words: dict[str, str]
    about: Text | None = None


# The acts that bring a dossier under another version of its procedure.
MOVES = ("migrate", "undo_migration")
RECOMPUTED = "recompute_dues"
# Those by which a hand-off comes back, or is asked back.
CAME_BACK = ("refuse_handoff", "recall", "recalled")
# Those that name papers the citizen is to hand in, or has brought.
ASKING = ("request_supplement", "propose_additions", "bring_supplement", "supplement")

# Those that may name a unit as it was called then: whose it is, or where a paper came to that the sender records for an
# agency that does not work here.
OUTSIDE_AT = ("receiver", "ở", "at")
PLACES = {"refuse": ("competent", "thuộc thẩm quyền của", "belongs to"), "confirm_paper": OUTSIDE_AT,
          "report_missing": OUTSIDE_AT}


def in_force(catalogue: Catalogue, procedure: Procedure, rows: list[Row]) -> dict[int, Procedure]:
    """The version each entry happened under, by its number; `procedure` is the one of now."""
    found: dict[int, Procedure] = {}
    for row in reversed(rows):
        before = read_told(row["details"]).get("from_version") if row["action"] in MOVES else None
        if isinstance(before, int):
            procedure = catalogue.procedures.get(before, procedure)
        found[row["seq"]] = procedure
    return found


def at_intake(catalogue: Catalogue, procedure: Procedure, rows: list[Row]) -> Procedure:
    """The version the dossier was received under: a later one changes no fee that was told."""
    return in_force(catalogue, procedure, rows)[rows[0]["seq"]] if rows else procedure


def called_now(procedure: Procedure, rows: list[Row], state: str) -> str:
    """What the present version calls a step that was done under an earlier one."""
    undone = {read_told(row["details"]).get("migration") for row in rows if row["action"] == "undo_migration"}
    for row in rows:
        told = read_told(row["details"]) if row["action"] == "migrate" else {}
        if state not in procedure.states and told.get("migration") not in undone:
            state = told.get("states", {}).get(state, state)
    return state


def timeline(catalogue: Catalogue, procedure: Procedure, rows: list[Row],
             reasons: Mapping[int, str] | None = None) -> list[Entry]:
    """Oldest first, every step called as it was called then. `reasons`: why calendars were published, by number."""
    before, found = in_force(catalogue, procedure, rows), []
    for row, following in zip_longest(rows, rows[1:]):
        after = before[following["seq"]] if following else procedure
        found.append(_entry(before[row["seq"]], after, row, reasons or {}))
    return found


def calendars_named(rows: list[Row]) -> set[int]:
    """The numbers of the calendars by which dates were computed again."""
    named = {read_told(row["details"]).get("calendar") for row in rows if row["action"] == RECOMPUTED}
    return {number for number in named if isinstance(number, int)}


def _entry(procedure: Procedure, later: Procedure, row: Row, reasons: Mapping[int, str]) -> Entry:
    before, after, told = row["from_states"], row["to_states"], read_told(row["details"])
    about = _moved(told, reasons) if row["action"] == RECOMPUTED else _about(procedure, later, row)
    return Entry(
        seq=row["seq"], at=datetime.fromisoformat(row["at"]), who=row["who"], unit=row["unit"], action=row["action"],
        name=(TAKEN_BACK if row["action"] == "recalled" and after != before
              else _called(act_name(procedure, row["action"], before), row["action"], told)),
        from_names=_names(procedure, before), to_names=_names(later, after) if after != before else [],
        words=_masked(read_told(row["words"])) if row["words"] else {}, about=about)


def _masked(words: dict[str, str]) -> dict[str, str]:
    return words | {"identity": masked(words["identity"])} if "identity" in words else words


# The technical receipt where the receiver has no system.
OUTSIDE = {
    "mail": Text(vi="Lập liên kết trả lời, xếp hàng gửi thư", en="A link to answer is made, its mail is queued"),
    "paper": Text(vi="Lập phiếu trả lời, chuyển bằng giấy", en="An answer slip is made, it goes on paper"),
}


# Where it ends the work that was asked for; at the sender, whose act it was, it moves nothing.
TAKEN_BACK = Text(vi="Bên gửi thu hồi", en="Taken back by the sender")
# Of another installation nothing is taken back: it is asked for, and they decide.
ASKED_BACK = Text(vi="Yêu cầu bên nhận trả lại hồ sơ đã chuyển", en="The receiver is asked to give the hand-off back")


def _called(name: Text, action: str, told: Row) -> Text:
    """Of what rang: whose time it is and when it is or was due; what no system took in was not delivered by one."""
    if action == "deliver" and str(told.get("way")) in OUTSIDE:
        return OUTSIDE[str(told["way"])]
    if action == "recall" and told.get("asked"):
        return ASKED_BACK
    if action.endswith("_payout") and isinstance(told.get("payout"), int):
        return payouts.of_order(name, told["payout"])
    if not action.startswith(("alarm:", "expired:")):
        return name
    return _rung(name, str(told.get("of")), _date(told.get("due")))


@lru_cache(maxsize=10_000)
def _rung(name: Text, of: str, due: str) -> Text:
    """Kept: what rings every day says the same every day."""
    name = of_clock(of, name)
    return Text(vi=f"{name.vi} (hạn {due})", en=f"{name.en} (due {due})") if due else name


def _date(told: object) -> str:
    """Empty for what a record that was tampered with has instead."""
    try:
        return f"{datetime.fromisoformat(str(told)).astimezone(ZONE):%d/%m/%Y %H:%M}"
    except ValueError:
        return ""


def _moved(told: Row, reasons: Mapping[int, str]) -> Text | None:
    """The dates before and after, and why the calendar was published."""
    listed, number = told.get("clocks"), told.get("calendar")
    moves = [entry for entry in listed if isinstance(entry, list) and len(entry) == 4] if isinstance(
        listed, list) else []
    named = [(CLOCKS.get(str(kind)), _date(old), _date(new)) for _, kind, old, new in moves]
    vi = "; ".join(f"{of.vi} {old} → {new}" for of, old, new in named if of)
    en = "; ".join(f"{of.en} {old} → {new}" for of, old, new in named if of)
    if not vi:
        open_still = told.get("provisional") is True
        vi, en = ("hạn thành tạm tính", "the date is provisional") if open_still else (
            "hạn thành chính thức", "the date is final")
    reason = reasons.get(number) if isinstance(number, int) else None
    return Text(vi=f"{vi}, vì {reason}", en=f"{en}, because of: {reason}") if reason else Text(vi=vi, en=en)


def left_elsewhere(rows: list[Row]) -> list[str]:
    """The states that were left by what another installation, a link or a slip said."""
    return [state for row in rows if row["from_states"] != row["to_states"] and "proof" in read_told(row["details"])
            for state in row["from_states"] if state not in row["to_states"]]


def why_back(rows: list[Row]) -> dict[str, str]:
    """The reason of the newest entry that gave one, by hand-off: why it was refused or is asked back."""
    found = {}
    for row in rows:
        reason = read_told(row["words"]).get("reason") if row["words"] else None
        if reason and row["action"] in CAME_BACK:
            found[str(read_told(row["details"]).get("handoff"))] = str(reason)
    return found


def _names(procedure: Procedure, states: list[str]) -> list[Text]:
    return [state_name(procedure, state) for state in places_shown(procedure, states)] if states else []


def _about(procedure: Procedure, later: Procedure, row: Row) -> Text | None:
    told = read_told(row["details"])
    if row["action"] in MOVES:
        return _move(procedure, later, told)
    if row["action"] == "refused" and "event" in told:
        return act_name(procedure, str(told["event"]), row["from_states"])
    if row["action"] == "attach" and "component" in told:
        return document_name(procedure, str(told["component"]))
    if row["action"] == "receive" and isinstance(told.get("offline"), dict):
        return _offline(told["offline"])
    if row["action"] in ASKING and isinstance(told.get("documents"), list):
        papers = [document_name(procedure, str(component)) for component in told["documents"]]
        return Text(vi="; ".join(paper.vi for paper in papers), en="; ".join(paper.en for paper in papers))
    if row["action"] == "comment" and isinstance(told.get("mentions"), list):
        names = ", ".join(str(one[1]) for one in told["mentions"] if isinstance(one, list) and len(one) == 2)
        return Text(vi=names, en=names)
    if row["action"] in PLACES:
        return _place(row["action"], told)
    if row["action"] == "record_payout":
        return _PAID.get(str(told.get("receipt") or told.get("why")))
    if row["action"].startswith("alarm:") and "apology" in told:
        return Text(vi="đã dự thảo xin lỗi và hẹn lại", en="an apology with a new date was drafted")
    return None


def _place(action: str, told: Row) -> Text | None:
    kept, vi, en = PLACES[action]
    unit = told.get(kept)
    return Text(vi=f"{vi} {unit.get('vi', '')}", en=f"{en} {unit.get('en', '')}") if isinstance(unit, dict) else None


# How it was paid, or why not.
_PAID = {**PAYOUT_RECEIPTS, **PAYOUT_FAILURES}


def _offline(told: Row) -> Text:
    """Taken in under a code set aside before; entered in the record when the network was back."""
    when = _date(told.get("synchronised_at"))
    return Text(vi=f"tiếp nhận khi mất mạng, đồng bộ lúc {when}", en=f"taken in without a network, synchronised {when}")


def _move(procedure: Procedure, later: Procedure, told: Row) -> Text:
    """From which version to which, and by whose decision."""
    old, new, decision = procedure.declaration.version, later.declaration.version, told.get("decision")
    return Text(vi=f"từ phiên bản {old} sang phiên bản {new}" + (f", theo {decision}" if decision else ""),
                en=f"from version {old} to version {new}" + (f", by {decision}" if decision else ""))


_OTHER = {
    "result": Text(vi="Kết quả giải quyết", en="The result"),
    "other": Text(vi="Tài liệu khác", en="Another document"),
    "received": Text(vi="Tài liệu cơ quan khác gửi", en="A document another agency sent"),
}


def document_name(procedure: Procedure, component: str) -> Text:
    if component == "result" and procedure.key == TASK:
        # whoever asked another agency is answered; the result is theirs to give
        return procedure.declaration.results["answer"].name
    declared = procedure.declaration.documents.get(component)
    return declared.name if declared else _OTHER.get(component, Text(vi=component, en=component))
