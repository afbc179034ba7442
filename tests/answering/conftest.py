"""Agencies without a system are asked; after every test the whole database must be sound."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine import delivery
from engine.answering import by_link, by_slip
from engine.answering.asked import Asked
from engine.answering.closing import Sent, Signer
from engine.answering.reaching import reach
from engine.casework.outside import Said
from engine.notifying.drain import drain
from engine.settings import Settings
from tests import samples
from tests.casework.conftest import start
from tests.casework.walking import Walk
from tests.notifying.partners import Partner, mail_server
from tests.sound import compiled, office, sound

__all__ = ["compiled", "office", "sound", "start"]

CULTURE = "H51.08"
MAIL = "van-thu@vanhoa.example.vn"
LEAD = "H51.01/ngoai-vu:officer"
SOMEBODY = Signer(name="Huỳnh Thị Mỹ Duyên", position="Phó Giám đốc")
YES = Said(event="answer_consultation", verdict="agree", words="Thống nhất nội dung")
HERE = "192.0.2.7"


@pytest.fixture
def post() -> Iterator[Partner]:
    with mail_server() as running:
        yield running


def ways(post: Partner) -> Settings:
    return Settings(NOTIFY_MAIL_URL=f"mailto://127.0.0.1:{post.port}?to={{address}}&from=mot-cua@example.vn&mode=insecure",
                    public_address="https://mot-cua.example.vn")


class Desk:
    """One dossier of which the Department of Culture is asked beside the procedure, and how that agency is reached."""

    def __init__(self, walk: Walk, post: Partner) -> None:
        self.walk, self.office, self.post = walk, walk.office, post

    @property
    def posts(self) -> list[tuple[int, str]]:
        member = self.walk.cast.member(LEAD)
        return [(member.unit_id, member.role)]

    def reached(self, way: str) -> None:
        reach(self.office, CULTURE, way, MAIL if way == "mail" else "", "test", self.walk.now)

    def ask(self) -> None:
        self.walk.journey.register_all(self.walk.code)
        culture = self.walk.cast.unit("H51.08/chuyen-mon")
        self.walk.do("consult_further", self.walk.cast[LEAD], words="Cần ý kiến về chuyên môn", limit="3 ngày làm việc",
                     join="all", units=(culture,))

    @property
    def handoff(self) -> dict[str, Any]:
        return next(row for row in self.walk.handoffs if row["to_agency"] == CULTURE)

    @property
    def slip(self) -> str:
        return f"{self.walk.code}-H{self.handoff['seq']}"

    def mailed(self) -> str:
        """The key in the newest mail, once it was sent."""
        drain(self.office, self.walk.now, chosen=ways(self.post))
        return keys(self.post)[-1]

    def look(self, key: str) -> Asked:
        return by_link.look(self.office, key, HERE, self.walk.now)

    def take(self, key: str) -> None:
        by_link.take(self.office, self.look(key), SOMEBODY, self.walk.now)

    def answer(self, key: str, said: Said = YES, files: tuple[Sent, ...] = ()) -> None:
        by_link.answer(self.office, self.look(key), SOMEBODY, said, files, self.walk.now)

    def enter(self, said: Said = YES, **changes: Any) -> None:
        found = by_slip.find(self.office, self.slip, self.posts, self.walk.now)
        told = {"signer": SOMEBODY, "dated": self.walk.now.date(), "said": said, "files": (), **changes}
        by_slip.enter(self.office, found, by_slip.Paper(**told), self.walk.cast[LEAD], self.walk.now)

    def deliver(self) -> None:
        delivery.drain(self.office, self.walk.now)


def keys(post: Partner) -> list[str]:
    """In the order they came."""
    found = [re.search(r"https://mot-cua\.example\.vn/answer/([\w-]+)", mail.get_content()) for mail in post.mails]
    return [one[1] for one in found if one]


def scan(name: str = "van-ban.pdf") -> Sent:
    return Sent(name=name, declared_type="application/pdf", chunks=[samples.pdf()])


@pytest.fixture
def desk(start: Callable[..., Walk], post: Partner) -> Desk:
    return Desk(start(), post)
