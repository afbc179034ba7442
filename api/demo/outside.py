"""Agencies without a system: one answers by the link in a mail, one on paper. The API has none of it; pages do this."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rich.table import Table

from api.demo.acting import ACT_SECONDS, Hands, Stumble
from api.demo.script import MAILED, ON_PAPER
from api.demo.stage import Stage
from engine.answering import by_link, by_slip, slips
from engine.answering.asked import Stage as Asked
from engine.answering.by_slip import Paper
from engine.answering.closing import Signer
from engine.answering.reaching import reach
from engine.casework import payouts
from engine.casework.outside import Said
from engine.clocks.zone import ZONE
from engine.post import paying
from storage import links
from storage.tables.organisation import Reach

MAILBOX = "van-thu@tu-phap.vi-du.vn"
ANSWER = "answer_consultation"
JURIST = Signer(name="Huỳnh Thị Mỹ Xuyến", position="Phó Giám đốc")
BUILDER = Signer(name="Ngô Quang Vinh", position="Chánh Văn phòng")
# Whoever opens the link: an address for documentation.
ELSEWHERE = "192.0.2.7"
HANDOFFS = """select h.id, h.seq from handoff h join dossier d on d.id = h.dossier_id
where d.code = %s and h.to_agency = %s"""


@dataclass(slots=True)
class Handoff:
    id: UUID
    seq: int


@dataclass(kw_only=True)
class Outside:
    stage: Stage
    hands: Hands

    def begin(self) -> None:
        """As an operator does with `lienthong reach`."""
        for unit, way, address in ((MAILED, Reach.MAIL, MAILBOX), (ON_PAPER, Reach.PAPER, "")):
            reach(self.stage.office, _agency(unit), way, address, "lienthong demo", self.stage.clock.now())

    def by_link(self, code: str) -> None:
        """No mail leaves the play: the key is made here as its sending makes it."""
        office, handoff = self.stage.office, self._handoff(code, MAILED).id
        key = links.mint(office.db, handoff, links.mail_of(office.db, handoff), self._now())
        assert key is not None, "no other mail is queued in the play"
        by_link.take(office, by_link.look(office, key, ELSEWHERE, self._now()), JURIST, self._now())
        said = Said(event=ANSWER, verdict="agree", words="Đơn vị phối hợp có đủ tư cách pháp lý.")
        by_link.answer(office, by_link.look(office, key, ELSEWHERE, self._now()), JURIST, said, (), self._now())
        stands = by_link.look(office, key, ELSEWHERE, self._now()).stage
        if stands is not Asked.ANSWERED:
            raise Stumble(f"{code}: liên kết chưa khép lại / the link is not closed ({stands})")
        self.hands.acts["by_link"] += 1

    def printed(self, code: str, who: str) -> None:
        """The slip is on its way once it is printed."""
        clerk = self.hands.writing.person(who)
        slips.printed(self.stage.office, [self._slip(code)], clerk, self._posts(who), self._now())
        self.hands.acts["print_slip"] += 1

    def by_slip(self, code: str, who: str) -> None:
        """Its barcode is scanned; whoever enters it is named beside who signed the paper."""
        office = self.stage.office
        found = by_slip.find(office, self._slip(code), self._posts(who), self._now())
        said = Said(event=ANSWER, verdict="agree", words="Không có ý kiến khác về địa điểm tổ chức.")
        paper = Paper(signer=BUILDER, dated=self._now().astimezone(ZONE).date(), said=said, files=())
        by_slip.enter(office, found, paper, self.hands.writing.person(who), self._now())
        self.hands.acts["by_slip"] += 1

    def pass_list(self, who: str) -> None:
        """Of the month that is ordered for today."""
        month = payouts.list_month(self._now().astimezone(ZONE).date())
        paying.pass_on(self.stage.office, month, self.hands.writing.person(who), self._now())
        self.hands.acts["payout_list"] += 1

    def _handoff(self, code: str, unit: str) -> Handoff:
        found = self.stage.office.db.rows(Handoff, HANDOFFS, (code, _agency(unit)))
        if len(found) != 1:
            raise Stumble(f"{code}: {len(found)} hồ sơ chuyển đến / hand-offs to {unit}")
        return found[0]

    def _slip(self, code: str) -> str:
        return f"{code}-H{self._handoff(code, ON_PAPER).seq}"

    def _posts(self, who: str) -> list[tuple[int, str]]:
        return [(int(post["unit"]["id"]), str(post["role"])) for post in self.hands.api.get(who, "/me")["posts"]]

    def _now(self) -> datetime:
        return self.stage.clock.step(ACT_SECONDS)


def _agency(unit: str) -> str:
    return unit.partition("/")[0]


def table(acts: Counter[str]) -> Table:
    shown = Table(title="Giữa các cơ quan, giấy tờ, bưu chính · between agencies, paper, post")
    shown.add_column("")
    shown.add_column("", justify="right")
    for name, number in (
        ("Trả lời bằng liên kết trong thư · answered by a mailed link", acts["by_link"]),
        ("Trả lời bằng phiếu giấy, quét mã · answered on a slip of paper", acts["by_slip"]),
        ("Bản giấy đã giao, đã nhận · papers taken, confirmed", acts["paper_confirm"]),
        ("Túi niêm phong, sự việc đã khép · sealed bags with an incident that was closed", acts["incident"]),
        ("Biên bản giao nhận với bưu chính · hand-over records with the post", acts["post_intake"]),
        ("Lần phát không thành · deliveries in vain", acts["record_posting"]),
        ("Lệnh chi, danh sách, lần đi chi trả tại nhà · pay-out orders, lists, visits",
         acts["order_payout"] + acts["payout_list"] + acts["record_payout"]),
    ):
        shown.add_row(name, str(number))
    return shown
