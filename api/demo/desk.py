"""What the desks do beside the dossiers themselves, and what is left of it: substitutes, votes, papers, messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.table import Table

from api.demo.acting import Hands, Playing, hash_of, instant
from api.demo.cast import Cast
from api.demo.script import Away, Case, End
from api.demo.stage import Stage
from api.demo.ways import Way
from engine.absences import register
from engine.counter import returning
from engine.counter.returning import AlreadyRated
from engine.errors import Invalid, NotFound
from engine.printing import book, forms

# What the record of one dossier of each kind shows at the least.
ACTS = ("claim", "assign", "comment", "draft_letter", "save_letter", "submit_letter", "return_letter", "remark_letter",
        "settle_remark", "initial_letter", "sign_letter", "issue_letter")
IN_PLACE = "(thay "
# As many of each form as show that it can be printed.
MOST_PAPERS = 5
PAPERS = {1: "Giấy tiếp nhận và hẹn trả · receipts", 2: "Yêu cầu bổ sung · requests for supplements",
          3: "Từ chối tiếp nhận · refusals", 4: "Xin lỗi và hẹn lại · apologies", 5: "Dừng, rút · stop notices",
          6: "Kiểm soát quá trình · control slips", 7: "Sổ theo dõi hồ sơ · tracking books"}
VOTES = (5, 4, 5, 3)
NO_CHANNEL = "chưa cấu hình kênh gửi · no channel configured"
_MESSAGES = """select case when sent_at is not null then 'sent' when parked_at is not null then 'parked'
  else 'waiting' end as stands, count(*) as many from message group by 1"""


@dataclass(kw_only=True)
class Desk:
    """What was seen of the desks when the play was over. `papers`: by form, how many were printed."""

    papers: Counter[int] = field(default_factory=Counter)
    lines: dict[str, int] = field(default_factory=dict)
    messages: Counter[str] = field(default_factory=Counter)
    in_place: int = 0
    offline: int = 0
    votes: int = 0
    letters: int = 0
    faults: list[str] = field(default_factory=list)


def enter(stage: Stage, hands: Hands, away: Away) -> None:
    """As on the page of absences."""
    person, other = hands.writing.person(away.login), hands.writing.person(away.substitute)
    register.enter(stage.office, person, register.Asked(
        person=person.id, substitute=other.id, first=away.first, last=away.last, reason=away.reason),
        stage.clock.step(1))
    hands.acts["absence"] += 1


def rate(stage: Stage, hands: Hands, cast: Cast, playing: Iterable[Playing]) -> None:
    """Those who came to the counter for a result vote on the screen there; a second vote is refused."""
    for each in playing:
        desk = cast.desk_of(each.case, "returning") if each.case.returned_by == "counter" else None
        if each.case.end is not End.RETURNED or desk is None:
            continue
        who = hands.writing.person(cast.on_duty(desk, 0))
        for _ in range(2):
            try:
                returning.rate(stage.office, each.code, who, VOTES[hash_of(each.case.name) % len(VOTES)], "",
                               stage.clock.now())
                hands.acts["rate"] += 1
            except AlreadyRated:
                hands.acts["rated_twice"] += 1
            except Invalid:
                break  # it has not been handed over, which is named with the dossier


def collect(stage: Stage, hands: Hands, cast: Cast, ways: Sequence[Way]) -> Desk:
    """Prints the forms, counts the messages, and names what the script says and the record does not."""
    found = Desk(letters=hands.acts["issue_letter"])
    _print(stage, hands, cast, ways, found)
    for row in stage.office.db.rows(Stands, _MESSAGES):
        found.messages[row.stands] = row.many
    found.votes = int(stage.office.db.value("select count(*) from rating"))
    for way in ways:
        if way.case.written or way.case.synchronised is not None:
            view = hands.look(cast.auditor, way.code)
            found.in_place += sum(IN_PLACE in str(entry["who"]) for entry in view["timeline"])
            found.offline += (way.case.synchronised is not None
                              and instant(view["header"]["received_at"]) == way.case.arrives)
    found.faults += _faults(found, hands, [way.case for way in ways])
    return found


@dataclass(slots=True)
class Stands:
    stands: str
    many: int


def _print(stage: Stage, hands: Hands, cast: Cast, ways: Sequence[Way], found: Desk) -> None:
    auditor, now = hands.writing.person(cast.auditor), stage.clock.now()
    codes = sorted(way.code for way in ways)
    for no in forms.FORMS:
        for code in codes:
            if found.papers[no] == MOST_PAPERS:
                break
            try:
                found.papers[no] += forms.form(stage.office, code, no, auditor, now).pdf.startswith(b"%PDF-")
            except NotFound:
                continue  # what it tells of did not happen to this dossier
    for one in book.books(stage.office, auditor, now):
        asked = book.Asked(agency=one.agency, year=one.year)
        found.papers[forms.BOOK] += book.pdf(stage.office, asked, auditor, now).pdf.startswith(b"%PDF-")
        found.lines[cast.agency_name(one.agency)] = one.lines


def _faults(found: Desk, hands: Hands, cases: Sequence[Case]) -> Iterable[str]:
    acts = hands.acts
    for name, got, wanted in (
        ("tiếp nhận khi mất mạng, giữ giờ gốc / offline, with their own times", found.offline, acts["synchronise"]),
        ("phiếu đánh giá / votes", found.votes, acts["rate"]),
        ("phiếu đánh giá lần hai bị từ chối / second votes refused", acts["rated_twice"], acts["rate"]),
        ("kết quả ký số / results signed digitally", found.letters, sum(case.written for case in cases)),
        ("tin đã gửi khi chưa có kênh / messages sent without a channel", found.messages["sent"], 0),
        ("tin chưa có người chịu trách nhiệm / messages without an owner", found.messages["waiting"], 0),
    ):
        if got != wanted:
            yield f"{name}: {got}, phải là / should be {wanted}"
    for name, got in (("phiếu đánh giá / votes", found.votes),
                      ("việc làm thay / acts in another's place", found.in_place),
                      ("tin trong hàng đợi / messages queued", found.messages["parked"]),
                      *((f"Mẫu / Form {no:02d}", found.papers[no]) for no in PAPERS)):
        if not got:
            yield f"thiếu / missing: {name}"


def table(found: Desk, acts: Counter[str], signatures: int) -> Table:
    shown = Table(title="Ở bộ phận Một cửa và các phòng · at the desks")
    shown.add_column("")
    shown.add_column("", justify="right")
    lines = ", ".join(f"{name}: {many}" for name, many in sorted(found.lines.items()))
    for name, number in (
        ("Việc được nhận, được giao · work claimed, assigned", acts["claim"] + acts["assign"]),
        ("Mục ghi “X (thay Y)” · entries in somebody's place", found.in_place),
        ("Kết quả soạn, ký nháy, ký, lấy số, ký của cơ quan · results written and signed here", found.letters),
        ("Tệp ký số kiểm tra lại · signed files checked again", signatures),
        ("Tiếp nhận khi mất mạng, đồng bộ một lần · taken in offline, synchronised once", found.offline),
        ("Phiếu đánh giá, không ghi tên · votes, without names", found.votes),
        (f"Tin xếp hàng, {NO_CHANNEL}", found.messages["parked"]),
        *((f"Mẫu {no:02d}: {name}", found.papers[no]) for no, name in PAPERS.items()),
        (f"Dòng trong sổ theo dõi ({lines}) · lines of the books", sum(found.lines.values())),
    ):
        shown.add_row(name, str(number))
    return shown
