"""Pay-outs, month by month: what is on an agency's list, and whether the list was passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

# For the bar of every page: what is on a list its agency has not passed on; nothing where no pay-out is ordered.
TO_PASS = """(select case when count(*) > 0 then count(*) filter (
    where p.paid_on is null and p.closed_on is null and p.month <= %(month)s
    and not exists (select from payout_list l where (l.agency, l.month) = (p.agency, p.month))) end
  from payout p where p.month >= %(since)s and p.agency = any (%(agencies)s))"""
# Of an order `p`: its recipient died, and nobody has named an heir since.
DIED = """exists (select from payout_visit v where v.dossier_id = p.dossier_id and v.payout_no = p.no and v.why = 'died'
  and not exists (select from payout_turn t
    where t.dossier_id = p.dossier_id and t.payout_no = p.no and t.at >= v.at))"""
PAYOUTS = f"""select d.code, d.version, d.status, p.no, p.purpose, p.agency,
  coalesce(dead.beneficiary, p.beneficiary) as beneficiary,
  case when dead is null then p.address else '' end as address,
  case when dead is null then p.account else '' end as account,
  p.amount, p.way, p.first_month, p.month, p.failed, p.visits, p.paid_on, p.closed_on, p.ordered_at,
  (select v.why from payout_visit v where v.dossier_id = p.dossier_id and v.payout_no = p.no and v.month = %(month)s
    order by v.no desc limit 1) as why
from payout p join dossier d on d.id = p.dossier_id
left join lateral (select t.beneficiary from payout_turn t where t.dossier_id = p.dossier_id and t.payout_no = p.no
  and t.month = %(month)s and p.month > %(month)s order by t.no limit 1) dead on true
where (p.month = %(month)s or dead is not null or exists (select from payout_visit v
    where v.dossier_id = p.dossier_id and v.payout_no = p.no and v.month = %(month)s))
  and (p.closed_on is null or exists (select from payout_list l
    where l.agency = p.agency and l.month = coalesce(p.since_month, p.first_month))) and {VISIBLE}
order by p.way, beneficiary, d.code"""


@dataclass(slots=True)
class PayoutRow:
    """`why`: of the last visit of that month, None without one; `month` is later where it was carried over. Who was on
    the list and died stands there still; his heir is on a later one.
    """

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
    closed_on: date | None
    ordered_at: datetime
    why: str | None


def payouts(db: Database, month: date, person: int, today: date) -> list[PayoutRow]:
    """On the list of a month, or were: those carried over since stay in its report. What was closed before its list was
    passed on is on none.
    """
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
