"""Pay-out by month: the list passed before the 25th, the report of paid and unpaid before the 20th; both as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from engine.casework import payouts
from engine.casework.orders import Actor
from engine.casework.telling import PAYOUT_FAILURES, PAYOUT_PURPOSES, PAYOUT_WAYS
from engine.clocks.zone import ZONE
from engine.errors import Conflict, WrongRole
from engine.office import Office
from procedures import policies
from storage import events
from storage import payouts as lists
from storage.dossiers import load_desk
from storage.payouts import Passed, PayoutRow

# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("STT", "Mã hồ sơ", "Khoản trợ cấp", "Người nhận", "Địa chỉ", "Tài khoản", "Số tiền (đồng)", "Hình thức",
           "Tháng đầu", "Tháng chi", "Số lần chưa chi được", "Ngày chi", "Lý do chưa chi")


class PassedBefore(Conflict):
    code = "payout_list_passed"
    vi = "Danh sách tháng này đã chuyển."
    en = "The list of this month was passed before."


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    count: int
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """`rows`: on the list, or carried over from it since. `pass_by`, `report_by`: the days of the rules; `paid_with`:
    the later month whose money goes with this one.
    """

    month: date
    rows: list[PayoutRow]
    passed: list[Passed]
    pass_by: date
    report_by: date
    paid_with: list[date]

    @property
    def waiting(self) -> set[str]:
        """Agencies that have not passed theirs on."""
        return {row.agency for row in self.rows} - {one.agency for one in self.passed}

    def _sum(self, rows: list[PayoutRow]) -> Sum:
        return Sum(count=len(rows), amount=sum(row.amount for row in rows))

    @property
    def all(self) -> Sum:
        return self._sum(self.rows)

    @property
    def paid(self) -> Sum:
        return self._sum([row for row in self.rows if row.paid_on and row.month == self.month])

    @property
    def unpaid(self) -> Sum:
        return self._sum([row for row in self.rows if row.month > self.month or not (row.paid_on or row.closed_on)])

    @property
    def closed(self) -> Sum:
        """The recipient died, and no heir is to be paid."""
        return self._sum([row for row in self.rows if row.closed_on and row.month == self.month])

    @property
    def carried_in(self) -> Sum:
        return self._sum([row for row in self.rows if row.first_month < self.month])

    @property
    def carried_out(self) -> Sum:
        return self._sum([row for row in self.rows if row.month > self.month])

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why nothing was paid, most frequent first."""
        return Counter(row.why for row in self.rows
                       if row.why and (not row.paid_on or row.month > self.month)).most_common()


def month(office: Office, first: date, actor: Actor, now: datetime) -> Month:
    """Of the dossiers the person may see."""
    rules = policies.at(now.astimezone(ZONE).date())
    before = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    later, merged = payouts.following(first), []
    following = payouts.next_month(first)
    while following < later:
        merged.append(following)
        following = payouts.next_month(following)
    rows = lists.payouts(office.db, first, actor.id, now.astimezone(ZONE).date())
    shown = {row.agency for row in rows}
    return Month(month=first, rows=rows, passed=[one for one in lists.passed(office.db, first) if one.agency in shown],
                 pass_by=before.replace(day=rules.payout_list_before - 1),
                 report_by=first.replace(day=rules.payout_report_before - 1), paid_with=merged)


def pass_on(office: Office, first: date, actor: Actor, now: datetime) -> None:
    """The list of the person's agency goes to whoever pays out. Raises WrongRole, PassedBefore."""
    held = load_desk(office.db, person=actor.id, key="", today=now.astimezone(ZONE).date()).memberships
    units = office.fresh_catalogue().units
    mine = {row.agency for row in month(office, first, actor, now).rows}
    agency = next((units[unit].agency for unit, role in held
                   if role in payouts.ORDERS and units[unit].agency in mine), None)
    if agency is None:
        raise WrongRole(event="chuyển danh sách chi trả", event_en="pass the list on",
                        who_vi="cơ quan quyết định trợ cấp", who_en="the agency that decided")
    if not lists.pass_list(office.db, agency, first, actor.id, now):
        raise PassedBefore


def as_csv(told: Month) -> str:
    """For spreadsheets: what looks like a formula is text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for no, row in enumerate(told.rows, start=1):
        paid = row.paid_on is not None and row.month == told.month
        writer.writerow([_plain(cell) for cell in (
            str(no), row.code, PAYOUT_PURPOSES[row.purpose].vi, row.beneficiary, row.address, row.account,
            str(row.amount), PAYOUT_WAYS[row.way].vi, f"{row.first_month:%m/%Y}", f"{row.month:%m/%Y}",
            str(row.visits - (row.paid_on is not None)), f"{row.paid_on:%d/%m/%Y}" if paid and row.paid_on else "",
            _unpaid(row, told) if not paid else "")])
    return "\ufeff" + out.getvalue()


def _unpaid(row: PayoutRow, told: Month) -> str:
    if row.closed_on and row.month == told.month:
        return f"{PAYOUT_FAILURES['died'].vi}, đã khép lệnh chi"
    return PAYOUT_FAILURES[row.why].vi if row.why else ""


def taken_away(office: Office, told: Month, actor: Actor, now: datetime) -> None:
    """So many names and sums at once: who took them with him is logged."""
    events.append(office.db, "payouts_downloaded", actor.id, now, {"month": f"{told.month:%Y-%m}",
                                                                   "lines": len(told.rows)})


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
