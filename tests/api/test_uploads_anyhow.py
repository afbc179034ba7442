"""Whatever is cut, lost, repeated or sent twice, what comes together is the file and nothing else."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import suppress
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import uploads
from engine.documents import Upload
from engine.errors import LienThongError
from engine.office import Office
from engine.uploads import Standing, WrongOffset
from tests import samples
from tests.conftest import Fresh
from tests.journey import Journey

DATA = samples.jpeg()

# What may happen between two pieces: how far a piece goes, and what goes wrong with it.
MISHAPS = st.tuples(
    st.sampled_from(["sent", "answer lost", "sent twice", "late piece", "too far", "record lost", "disk lost",
                     "begun again", "too early"]),
    st.integers(1, 90_000))


class Sender:
    """A client that believes only what it was answered."""

    def __init__(self, office: Office, journey: Journey) -> None:
        self.office, self.journey, self.actor = office, journey, journey.cast["H51.02/tiep-nhan:receptionist"]
        self.told = Upload(code=journey.receive().code, component="plan", name="a.jpg", declared_type="image/jpeg",
                           actor=self.actor, key=str(uuid.uuid4()))
        self.standing = self.begin()

    def begin(self) -> Standing:
        return uploads.begin(self.office, self.told, len(DATA), self.journey.now)

    def send(self, at: int, size: int) -> Standing:
        return uploads.append(self.office, self.standing.id, at, DATA[at:at + size], self.actor)

    def go_on(self, size: int) -> None:
        try:
            self.standing = self.send(self.standing.offset, size)
        except WrongOffset:
            self.standing = self.begin()


def mishap(sender: Sender, what: str, size: int, fresh: Fresh) -> None:
    at, upload_id = sender.standing.offset, sender.standing.id
    unheard = {"answer lost": [at], "sent twice": [at, at], "late piece": [max(0, at - size)], "too far": [at + size]}
    for place in unheard.get(what, []):
        with suppress(LienThongError):
            sender.send(place, size)
    if what == "sent":
        sender.go_on(size)
    elif what == "record lost":
        written(fresh, "update upload set received = greatest(0, received - %s) where id = %s", size, upload_id)
    elif what == "disk lost":
        with sender.office.spool.growing(upload_id) as file:
            file.put(max(0, file.size - size), b"")
    elif what == "begun again":
        sender.standing = sender.begin()
    elif what == "too early" and not whole(sender, upload_id):
        with pytest.raises(WrongOffset):
            uploads.complete(sender.office, upload_id, None, sender.actor, sender.journey.now)


def whole(sender: Sender, upload_id: UUID) -> bool:
    return uploads.standing(sender.office, upload_id, sender.actor).offset == len(DATA)


def written(fresh: Fresh, statement: str, *values: object) -> None:
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute(statement.encode(), values)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(mishaps=st.lists(MISHAPS, max_size=14))
def test_any_order_of_cuts_and_repetitions_gives_the_same_bytes(
        office: Office, journey: Journey, fresh: Fresh, mishaps: list[tuple[str, int]]) -> None:
    sender = Sender(office, journey)
    for what, size in mishaps:
        mishap(sender, what, size, fresh)
    sender.standing = sender.begin()
    while sender.standing.offset < len(DATA):
        sender.go_on(70_000)
    expected = hashlib.sha256(DATA).hexdigest()
    uploads.complete(office, sender.standing.id, expected, sender.actor, journey.now)
    found = office.db.value("select sha256 from document f join dossier d on d.id = f.dossier_id "
                            "where d.code = %s and f.component = 'plan'", (sender.told.code,))
    assert found == expected
