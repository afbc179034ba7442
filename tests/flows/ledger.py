"""Looks behind the application's back: what is in the tables, and what happens when somebody breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection


@dataclass(frozen=True)
class Ledger:
    connection: Connection[Any]

    def rows(self, query: str, *params: object) -> list[Any]:
        return self.connection.execute(query.encode(), params).fetchall()

    def values(self, query: str, *params: object) -> list[Any]:
        return [row[0] for row in self.rows(query, *params)]

    def value(self, query: str, *params: object) -> Any:
        return self.values(query, *params)[0]

    def do(self, statement: str, *params: object) -> int:
        return self.connection.execute(statement.encode(), params).rowcount

    def poison(self, code: str, seq: int) -> None:
        """A message that no receiver will ever understand."""
        done = self.do("update outbox set payload = payload || '{\"code\": \"H51.02-000000-0000\"}' "
                       "where seq = %s and dossier_id = (select id from dossier where code = %s)", seq, code)
        assert done == 1

    def hurry(self) -> None:
        """All pauses between attempts are over."""
        self.do("update outbox set next_attempt_at = clock_timestamp() where sent_at is null and parked_at is null")

    def unsent(self, code: str) -> list[int]:
        return self.values("select o.seq from outbox o join dossier d on d.id = o.dossier_id "
                           "where d.code = %s and o.sent_at is null order by o.seq", code)

    def alarms(self) -> list[tuple[str, int, str, str]]:
        """(code, clock, action, rang for) of every alarm in the audit, in the order they were written."""
        return self.rows(
            "select d.code, (a.details::jsonb->>'clock')::int, a.action, a.details::jsonb->>'rang_for' "
            "from audit a join dossier d on d.id = a.dossier_id where a.action like 'alarm:%%' "
            "order by a.xmin::text::bigint, a.seq")
