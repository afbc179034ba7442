"""Several people at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.casework import steps
from engine.casework.act import BESIDE, transact
from engine.casework.decision import Decision
from engine.casework.orders import Order, Reply
from engine.catalogue import Catalogue
from engine.errors import LienThongError
from storage.dossiers import Loaded
from tests.casework.walking import Walk

Outcome = Reply | LienThongError


def together(*calls: Callable[[], Any]) -> list[Any]:
    """What each returns or is refused with, started at the same moment; anything else fails the test."""
    start, found, wrong = threading.Barrier(len(calls)), [None] * len(calls), list[BaseException]()

    def run(number: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            found[number] = call()
        except LienThongError as refusal:
            found[number] = refusal
        except BaseException as error:  # noqa: BLE001 - raised again in the thread of the test
            wrong.append(error)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return found


def race(walk: Walk, *orders: Order) -> list[Outcome]:
    """Each has loaded and decided before any is recorded: the closest possible run."""
    decided = threading.Barrier(len(orders))

    def acting(order: Order) -> Callable[[], Reply]:
        plain, first = BESIDE.get(order.event, steps.decide), [True]

        def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
            try:
                return plain(loaded, order, catalogue, now)
            finally:
                if first:
                    first.clear()
                    decided.wait(timeout=60)

        return lambda: transact(walk.office, order, decide, walk.now)

    return together(*(acting(order) for order in orders))
