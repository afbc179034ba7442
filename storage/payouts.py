"""Pay-outs, month by month: what is on an agency's list, and whether the list was passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

# For the bar of every page: what is on a list its agency has not passed on; nothing where no pay-out is ordered.
TO_PASS = """(select case when count(*) > 0 then count(*) filter (where p.paid_on is null and p.month <= %(month)s
    and not exists (select from payout_list l where (l.agency, l.month) = (p.agency, p.month))) end
  from payout p where p.month >= %(since)s and p.agency = any (%(agencies)s))"""
PAYOUTS = f"""select d.code, d.version, d.status, p.no, p.purpose, p.agency, p.beneficiary, p.address, p.account,
  p.amount, p.way, p.first_month, p.month, p.failed, p.visits, p.paid_on, p.ordered_at,
  (select v.why from payout_visit v where v.dossier_id = p.dossier_id and v.payout_no = p.no and v.month = %(month)s
    order by v.no desc limit 1) as why
from payout p join dossier d on d.id = p.dossier_id
where (p.month = %(month)s or exists (select from payout_visit v
    where v.dossier_id = p.dossier_id and v.payout_no = p.no and v.month = %(month)s)) and {VISIBLE}
order by p.way, p.beneficiary, d.code"""


@dataclass(slots=True)
class PayoutRow:
    """`why`: of the last visit of that month, None without one; `month` is later where it was carried over."""

    code: str
    version: int
    status: int
    no: int
    purpose: str
    agency: str
    beneficiary: str
    address: str
    account: str
    amount: int
    way: str
    first_month: date
    month: date
    failed: int
    visits: int
    paid_on: date | None
    ordered_at: datetime
    why: str | None


def payouts(db: Database, month: date, person: int, today: date) -> list[PayoutRow]:
    """On the list of a month, or were: those carried over since stay in its report."""
    return db.rows(PayoutRow, PAYOUTS, {"month": month, "person": person, "today": today, "blind": False})


@dataclass(slots=True)
class Passed:
    agency: str
    agency_vi: str
    agency_en: str
    passed_at: datetime
    passed_by: str


def passed(db: Database, month: date) -> list[Passed]:
    return db.rows(Passed, "select l.agency, a.name_vi as agency_vi, a.name_en as agency_en, l.passed_at, "
                           "p.name as passed_by from payout_list l join agency a on a.code = l.agency "
                           "join person p on p.id = l.passed_by where l.month = %s order by l.agency", (month,))


def months_passed(db: Database, agency: str) -> set[date]:
    """First days of the months whose list an agency has passed on."""
    with db.connection() as connection:
        return {row[0] for row in connection.execute(b"select month from payout_list where agency = %s", (agency,))}


def pass_list(db: Database, agency: str, month: date, person: int, now: datetime) -> bool:
    """Whoever orders for that month at this moment is on the list, or finds it passed."""
    with db.transaction() as connection:
        connection.execute(b"select pg_advisory_xact_lock(hashtextextended(%s || %s::date, 8))", (agency, month))
        return connection.execute(b"insert into payout_list (agency, month, passed_at, passed_by) "
                                  b"values (%s, %s, %s, %s) on conflict do nothing",
                                  (agency, month, now, person)).rowcount == 1
