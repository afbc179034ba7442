"""A line between two installations that can be cut, or lose the answers to some of the requests it carried."""

from __future__ import annotations

import random
import threading

from tests.wire import Gate, Mode, Wire


class Line(Wire):
    """`carried` counts connections, `answers` requests.

    `loss`: the share of requests whose answer never comes back. What comes back is cut off before its first byte,
    after the other side did its work; the connection is lost with it.
    """

    def __init__(self, target: int) -> None:
        self.loss = 0.0
        self.carried = 0
        self.answers = 0
        self.lost = 0
        self.chance = random.Random()
        super().__init__(target)

    def part(self) -> None:
        """From now on nothing gets through, and what was on its way is torn off."""
        self.turn(Mode.CUT)

    def mend(self) -> None:
        self.turn(Mode.PASS)

    def _gates(self) -> tuple[Gate, Gate]:
        """Requests follow each other on a connection; the chance is drawn once for each answer, when it begins."""
        self.carried += 1
        asked = threading.Event()

        def there() -> bool:
            asked.set()
            return True

        def back() -> bool:
            if asked.is_set():
                asked.clear()
                self.answers += 1
                if self.chance.random() < self.loss:
                    self.lost += 1
                    raise ConnectionAbortedError
            return True

        return there, back
