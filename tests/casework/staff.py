"""People who come, go and change their posts, as an administrator would enter them."""

from __future__ import annotations

from datetime import date

import psycopg

from tests.conftest import Fresh


def join(fresh: Fresh, person: int, unit: int, role: str, since: date = date(2021, 1, 1)) -> None:
    change(fresh, "insert into membership (person_id, unit_id, role, valid_from) values (%s, %s, %s, %s) "
                   "on conflict do nothing", person, unit, role, since)


def leave(fresh: Fresh, person: int, last_day: date) -> None:
    change(fresh, "update membership set valid_to = %s where person_id = %s", last_day, person)


def disable(fresh: Fresh, person: int) -> None:
    change(fresh, "update person set disabled_at = now() where id = %s", person)


def bind(fresh: Fresh, party: str, unit: int, since: date) -> None:
    change(fresh, "insert into binding (party, unit_id, valid_from) values (%s, %s, %s)", party, unit, since)


def change(fresh: Fresh, statement: str, *params: object) -> None:
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute(statement.encode(), params)
        connection.execute("update revision set number = number + 1")
