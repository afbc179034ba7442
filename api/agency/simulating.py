"""`lienthong agency simulate`: a partner installation in one small process, until it is interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api.agency.bodies import BASE, Address
from api.agency.ledger import Ledger
from api.agency.life import Life
from api.agency.line import Line
from api.agency.manners import Manner, answering, lies
from api.agency.parties import Other, Own
from api.agency.partner import Partner, Problem
from api.agency.serving import listening, serving
from engine.errors import LienThongError
from engine.exchange.envelope import unseal

BEAT = 0.2
Tell = Callable[[str, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`hosts`: the agencies of the other side, empty: those of its directory. `after`: seconds a person takes.
    `state`: the file it keeps everything in, None: memory. `desk`: how it works, other than right only in tests."""

    own: Own
    other: Other
    home: Address
    manner: Manner = Manner.PROMPT
    hosts: tuple[str, ...] = ()
    after: float = 1.5
    state: Path | None = None
    desk: type[Partner] = Partner


@contextmanager
def simulated(plan: Plan, host: str, port: int, tell: Tell) -> Iterator[int]:
    """Runs until the block is left; gives the port. Raises OSError where it is taken."""
    line = Line(plan.own, plan.other)
    ledger = Ledger(str(plan.state) if plan.state else ":memory:")
    partner = plan.desk(own=plan.own, other=plan.other, home=plan.home, ledger=ledger, tell=tell, after=plan.after,
                        hosts=_hosts(plan, line))
    life = Life(partner=partner, line=line, refuses=plan.manner is Manner.REFUSING)
    stop = threading.Event()
    living = threading.Thread(target=_live, args=(life, plan, stop), daemon=True)
    bound = listening(host, port)
    with serving(answering(partner, plan.manner), bound):
        living.start()
        try:
            yield int(bound.getsockname()[1])
        finally:
            stop.set()
            living.join(40)
    ledger.close()


def _live(life: Life, plan: Plan, stop: threading.Event) -> None:
    lied = False
    while not stop.wait(BEAT):
        life.beat()
        if plan.manner is Manner.LYING and not lied:
            lied = _lie(life)


def _lie(life: Life) -> bool:
    """Once it knows whom it speaks with."""
    receiver = life.partner.ledger.anybody()
    if receiver is None:
        return False
    for vi, en, data in lies(life.partner, Address(**receiver)):
        answer = life.line.post(data)
        life.partner.tell(f"{vi}: {answer}", en)
    return True


def _hosts(plan: Plan, line: Line) -> Callable[[], Collection[str]]:
    """Asked once it is needed: the other side may be started after this one."""
    known: set[str] = set(plan.hosts)

    def hosts() -> Collection[str]:
        if not known:
            answer = line.ask(f"{BASE}/directory")
            with suppress(LienThongError):
                told = unseal(answer.data, "directory", plan.other.key_of()).body
                known.update(agency["code"] for agency in told["agencies"])
        if not known:
            raise Problem(503, "no_directory", "the directory of the other side cannot be read")
        return known

    return hosts


def split_listen(listen: str) -> tuple[str, int]:
    """HOST:PORT. Raises ValueError."""
    found = urlsplit(f"//{listen}")
    return found.hostname or "127.0.0.1", found.port or 0
