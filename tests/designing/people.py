"""Two administrators, whatever the province of the demonstration has."""

from __future__ import annotations

import psycopg

from engine.casework.orders import Actor
from engine.office import Office
from tests.conftest import Fresh

FOUND = ("select distinct p.id, p.name from person p join membership m on m.person_id = p.id "
         "where m.role = 'administrator' order by p.id limit 2")


class Found:
    def __init__(self, id: int, name: str) -> None:
        self.id, self.name = id, name


def administrators(office: Office, fresh: Fresh) -> tuple[Actor, Actor]:
    found = office.db.rows(Found, FOUND)
    if len(found) < 2:
        with psycopg.connect(fresh.owner_url, autocommit=True) as connection:
            connection.execute(
                "insert into membership (person_id, unit_id, role, valid_from) select person_id, unit_id, "
                "'administrator', valid_from from membership where role = 'auditor' or role = 'courier' limit 2")
        found = office.db.rows(Found, FOUND)
    first, second = found
    return Actor(id=first.id, name=first.name), Actor(id=second.id, name=second.name)
