"""Codes set aside for a counter that may lose its network, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from storage.session import Database

CODE_KEY = "dossier_code_key"


class CodeTaken(Exception):
    """Another dossier has this code."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """The numbers `first_no` to `last_no` of an agency and day (YYMMDD), for one person at one desk."""

    id: UUID
    agency: str
    period: str
    unit_id: int
    person_id: int
    first_no: int
    last_no: int
    taken_at: datetime

    @property
    def codes(self) -> list[str]:
        """As `take_code` writes them: four digits, more past 9,999."""
        return [f"{self.agency}-{self.period}-{number:04d}" for number in range(self.first_no, self.last_no + 1)]


_COLUMNS = "b.id, b.agency, b.period, b.unit_id, b.person_id, b.first_no, b.last_no, b.taken_at"


def take(db: Database, block: Block, many: int) -> Block:
    """The next `many` numbers of the agency's day; `block` tells for whom, its own numbers are not looked at."""
    with db.connection() as connection:
        found = connection.execute(
            b"select first_no, last_no from take_block(%s, %s, %s, %s, %s, %s, %s)",
            (block.id, block.agency, block.period, block.unit_id, block.person_id, many, block.taken_at)).fetchone()
    assert found is not None
    return Block(id=block.id, agency=block.agency, period=block.period, unit_id=block.unit_id,
                 person_id=block.person_id, first_no=found[0], last_no=found[1], taken_at=block.taken_at)


def taken_today(db: Database, person: int, agency: str, period: str) -> int:
    """How many codes of the day were set aside for this person."""
    return int(db.value("select coalesce(sum(last_no - first_no + 1), 0) from code_block "
                        "where person_id = %s and agency = %s and period = %s", (person, agency, period)))


def block_of(db: Database, person: int, agency: str, period: str, number: int) -> Block | None:
    """The block of this person that holds the number."""
    return db.one(Block, f"select {_COLUMNS} from code_block b where b.person_id = %s and b.agency = %s "
                         "and b.period = %s and %s between b.first_no and b.last_no", (person, agency, period, number))


def holders(db: Database, agency: str, since: datetime) -> list[str]:
    """Who took codes for counters of the agency since then, and may not have sent what was taken in with them."""
    found: list[str] | None = db.value(
        "select array_agg(distinct p.name || ', ' || u.name_vi) from code_block b join person p on p.id = b.person_id "
        "join unit u on u.id = b.unit_id where b.agency = %s and b.taken_at >= %s", (agency, since))
    return found or []


def next_id(db: Database) -> int:
    """The id of a dossier that has its code already."""
    return int(db.value("select take_reserved()"))


@contextmanager
def one_dossier_a_code() -> Iterator[None]:
    """Two receipts with one code at the same moment: the later one raises CodeTaken."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name == CODE_KEY:
            raise CodeTaken from None
        raise
