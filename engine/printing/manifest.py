"""What a courier carries, on paper: a list for each sender and receiver with room for both signatures; bag labels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine import desk
from engine.casework.orders import Actor
from engine.catalogue import UnitInfo
from engine.courier import bags
from engine.desk.rounds import LoadRow
from engine.errors import NotFound, WrongRole
from engine.office import Office
from engine.printing import typeset, writing
from engine.printing.case import Sheet, row
from storage import runs
from storage.runs import Bag, Run

TITLE = "Bảng kê giao nhận giấy tờ"
KINDS = {"submitted": "Hồ sơ giấy", "result": "Bản giấy kết quả"}


def of_run(office: Office, run_id: int, actor: Actor, now: datetime) -> bytes:
    """As the person may see it: couriers all, others what comes from or goes to their agency. NotFound for nothing."""
    return _pdf(office, run_id, actor, now, None)


def of_bag(office: Office, bag_id: int, actor: Actor, now: datetime) -> bytes:
    """The list that lies in the bag."""
    bag = bags.find(office, bag_id)
    return _pdf(office, bag.run_id, actor, now, bag)


def label(office: Office, bag_id: int, actor: Actor, now: datetime) -> bytes:
    """For the outside: seal as a barcode, from, to, how many."""
    bag, units = bags.find(office, bag_id), office.fresh_catalogue().units
    sender, receiver = units[bag.from_unit_id], units[bag.to_unit_id]
    if not bags.desks(office, actor, now) & {sender.id, receiver.id}:
        raise WrongRole(event="in nhãn túi", event_en="print the label of a bag",
                        who_vi=sender.full_vi, who_en=sender.full_en)
    sheet = {"seal": bag.seal, "bars": typeset.code128(bag.seal) if bag.seal.isascii() else "", "rows": [
        row("Từ", sender.full_vi), row("Đến", receiver.full_vi, strong=True),
        row("Giấy tờ", str(bag.papers)), row("Niêm phong", writing.moment(bag.sealed_at))]}
    return typeset.pdf("manifest.typ", {"title": "Nhãn túi", "label": True, "left_out": [], "sheets": [sheet]},
                       at=bag.sealed_at)


def _pdf(office: Office, run_id: int, actor: Actor, now: datetime, bag: Bag | None) -> bytes:
    view, units = desk.courier_run(office, run_id, actor.id, now), office.fresh_catalogue().units
    sealed = {one.id: one for one in ([bag] if bag else runs.bags(office.db, run_id))}
    ways: dict[tuple[int, int, int | None], list[LoadRow]] = {}
    for line in view.lines:
        if bag is None or line.bag_id == bag.id:
            ways.setdefault((line.sender.id, line.receiver.id, line.bag_id), []).append(line)
    if not ways:
        raise NotFound(what="bảng kê", what_en="the manifest")
    sheets = [_sheet(view.run, units[sender], units[receiver], sealed[in_bag].seal if in_bag else "", lines)
              for (sender, receiver, in_bag), lines in ways.items()]
    return typeset.pdf("manifest.typ", {"title": TITLE, "label": False, "left_out": [], "sheets": sheets}, at=now)


def _sheet(run: Run, sender: UnitInfo, receiver: UnitInfo, seal: str, lines: Sequence[LoadRow]) -> Sheet:
    told = f"{run.route_vi}, chuyến {run.no}, khởi hành {writing.moment(run.depart_at)}"
    return {"run": told, "foot": f"{TITLE} · {told}",
            "rows": [row("Bên giao", sender.full_vi), row("Bên nhận", receiver.full_vi, strong=True),
                     row("Số niêm phong", seal or "không niêm phong")],
            "lines": [{"code": line.barcode, "bars": typeset.code128(line.barcode), "kind": KINDS[line.kind]}
                      for line in lines],
            "signs": ["Bên giao", "Người giao nhận", "Bên nhận"]}
