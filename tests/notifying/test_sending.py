"""Citizens and colleagues are told: once in effect, in time, never at night; what fails has an owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from engine.casework.act import act
from engine.casework.receive import Person
from engine.notifying import channels
from engine.notifying.drain import Tally, drain, tell_overdue
from engine.office import Office
from engine.settings import Settings
from storage import messages
from tests.conftest import Fresh
from tests.journey import Cast, Journey
from tests.notifying.partners import Partner, gateway, mail_server

WHO = Person(name="Nguyễn Thị Bích Ngọc", id_number="094000000001", phone="0900000001", email="bich.ngoc@example.vn")
NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@pytest.fixture
def post() -> Iterator[Partner]:
    with mail_server() as running:
        yield running


@pytest.fixture
def sms() -> Iterator[Partner]:
    with gateway() as running:
        yield running


def ways(post: Partner, sms: Partner) -> Settings:
    return Settings(NOTIFY_MAIL_URL=f"mailto://127.0.0.1:{post.port}?to={{address}}&from=mot-cua@example.vn&mode=insecure",
                    NOTIFY_SMS_URL=f"json://127.0.0.1:{sms.port}/send?:to={{address}}",
                    NOTIFY_WEBHOOK_URL=f"json://127.0.0.1:{sms.port}/staff/{{address}}")


def of(office: Office, columns: str) -> list[tuple[Any, ...]]:
    with office.db.connection() as connection:
        return connection.execute(f"select {columns} from message order by kind, channel".encode()).fetchall()


def prefer(office: Office, person: int, *, channels: list[str], unwanted: list[str] | None = None,
           quiet: tuple[int, int] | tuple[None, None] = (None, None)) -> None:
    with office.db.connection() as connection:
        connection.execute(
            b"insert into preference values (%s, %s, %s, %s, %s, %s, %s)",
            (person, "hong.diep@example.vn", "0900000099", channels, unwanted or [], *quiet))


def test_the_citizen_hears_that_the_dossier_is_in(
        office: Office, journey: Journey, post: Partner, sms: Partner) -> None:
    code = journey.receive(applicant=WHO).code

    assert drain(office, journey.now, chosen=ways(post, sms)) == Tally(sent=2)

    mail = post.mails[0]
    assert mail["to"] == "bich.ngoc@example.vn"
    assert mail["subject"] == f"Hồ sơ {code}: đã tiếp nhận"
    assert "Hẹn trả kết quả" in mail.get_content()
    assert sms.took[0]["to"] == "0900000001"
    assert code in sms.took[0]["message"]
    told = f"{mail.items()} {mail.get_content()} {sms.took}"
    assert not any(secret in told for secret in (WHO.name, WHO.id_number, "Hội thảo"))
    assert drain(office, journey.now, chosen=ways(post, sms)) == Tally()
    assert all(sent is not None for (sent,) in of(office, "sent_at"))


def test_who_gave_no_address_is_told_nothing_and_a_repeated_request_tells_once(
        office: Office, journey: Journey) -> None:
    journey.receive(applicant=Person(name="Trần Văn Bảy", id_number="094000000002", phone=""))
    assert of(office, "kind") == []

    once = journey.submission(applicant=WHO)
    for _ in range(2):
        journey.receive(applicant=WHO, key=once.key)

    assert of(office, "kind, channel") == [("received", "mail"), ("received", "sms")]


def test_a_supplement_is_asked_for_with_its_date(office: Office, journey: Journey, cast: Cast, post: Partner,
                                                 sms: Partner) -> None:
    code = journey.receive(applicant=WHO, accept=False).code
    journey.do(code, "request_supplement", cast["H51.02/tiep-nhan:receptionist"], reason="Thiếu kế hoạch",
               documents=("plan",))

    drain(office, journey.now, chosen=ways(post, sms))

    assert [mail["subject"] for mail in post.mails] == [f"Hồ sơ {code}: cần bổ sung giấy tờ"]
    assert "Thiếu kế hoạch" not in post.mails[0].get_content()


def test_without_a_channel_messages_wait_with_their_owner_and_go_when_there_is_one(
        office: Office, journey: Journey, cast: Cast, post: Partner, sms: Partner) -> None:
    journey.receive(applicant=WHO)
    clerk, today = cast["H51.02/tiep-nhan:receptionist"], journey.now.date()

    assert drain(office, journey.now, chosen=Settings()) == Tally(parked=2)
    assert drain(office, journey.now + timedelta(days=1), chosen=Settings()) == Tally()

    waiting = messages.stuck(office.db, clerk.id, today)
    assert [(found.last_error, found.channel) for found in waiting].count((channels.NO_CHANNEL, "mail")) == 1
    stranger = cast["H51.01/ngoai-vu:officer"]
    assert messages.stuck(office.db, stranger.id, today) == []
    ids = [found.id for found in waiting]
    assert messages.again(office.db, ids, stranger.id, today, journey.now) == 0
    assert messages.again(office.db, ids, clerk.id, today, journey.now) == 2
    assert drain(office, journey.now, chosen=ways(post, sms)) == Tally(sent=2)


@pytest.mark.parametrize("temper", ["refuses", "takes_and_cuts"])
def test_a_partner_that_fails_gets_it_again_under_the_same_id_until_a_person_must_look(
        office: Office, journey: Journey, cast: Cast, post: Partner, sms: Partner, temper: Any) -> None:
    journey.receive(applicant=WHO)
    post.temper = sms.temper = temper
    told, now = ways(post, sms), journey.now

    for _ in range(messages.TRIES):
        assert drain(office, now, chosen=told).failed == 2
        now += timedelta(hours=2)
        if now.hour >= 14 or now.hour < 1:
            now = now.replace(hour=1) + timedelta(days=now.hour >= 14)

    rows = of(office, "parked_at, attempts")
    assert all(parked is not None and attempts == messages.TRIES for parked, attempts in rows)
    assert len(messages.stuck(office.db, cast["H51.02/tiep-nhan:receptionist"].id, now.date())) == 2
    assert all(why and "bich.ngoc" not in why for (why,) in of(office, "last_error"))
    if temper == "takes_and_cuts":
        assert len(set(post.ids)) == len(set(sms.ids)) == 1
        assert len(post.ids) == messages.TRIES


def test_a_partner_that_never_answers_is_not_waited_for_long(office: Office, journey: Journey, post: Partner,
                                                             sms: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    journey.receive(applicant=WHO)
    monkeypatch.setattr(channels, "BOUNDS", "cto=1&rto=1")
    post.temper = sms.temper = "silent"

    assert drain(office, journey.now, chosen=ways(post, sms)) == Tally(failed=2)


def test_nobody_is_disturbed_at_night(office: Office, journey: Journey, post: Partner, sms: Partner) -> None:
    journey.receive(applicant=WHO)
    told = ways(post, sms)

    assert drain(office, NIGHT, chosen=told) == Tally(waiting=2)
    assert of(office, "next_attempt_at, attempts") == [(MORNING, 0), (MORNING, 0)]
    assert drain(office, NIGHT, chosen=told) == Tally()
    assert drain(office, MORNING, chosen=told) == Tally(sent=2)


def test_colleagues_are_told_as_they_chose(office: Office, journey: Journey, cast: Cast, post: Partner,
                                           sms: Partner) -> None:
    code = journey.receive().code
    sender = cast["H51.02/tiep-nhan:receptionist"]
    prefer(office, sender.id, channels=["mail", "webhook"], quiet=(8 * 60, 9 * 60))
    (handoff, unit, role), *_ = journey.incoming(code)
    act(office, journey.order(code, "refuse_handoff", cast[f"{unit}:{role}"], handoff=handoff, reason="Sai nơi nhận"),
        journey.now)

    assert of(office, "kind, channel, address") == [
        ("came_back", "mail", "hong.diep@example.vn"), ("came_back", "webhook", cast.member(
            "H51.02/tiep-nhan:receptionist").login), ("received", "sms", "0900000001")]
    assert drain(office, journey.now, chosen=ways(post, sms)) == Tally(sent=2, waiting=1)
    assert post.mails == []
    assert drain(office, journey.now + timedelta(hours=1), chosen=ways(post, sms)) == Tally(sent=1)


def test_kinds_not_wanted_and_people_without_preferences_get_none(office: Office, journey: Journey, cast: Cast) -> None:
    code = journey.receive().code
    prefer(office, cast["H51.02/tiep-nhan:receptionist"].id, channels=["mail"], unwanted=["came_back"])
    (handoff, unit, role), *_ = journey.incoming(code)
    act(office, journey.order(code, "refuse_handoff", cast[f"{unit}:{role}"], handoff=handoff, reason="Sai nơi nhận"),
        journey.now)

    assert of(office, "kind") == [("received",)]


def test_overdue_work_is_told_once_a_day(office: Office, journey: Journey, cast: Cast, fresh: Fresh) -> None:
    code = journey.receive(accept=False).code
    clerk = cast["H51.02/tiep-nhan:receptionist"]
    prefer(office, clerk.id, channels=["mail"])
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update work_item set due_at = %s", (journey.now - timedelta(days=1),))

    assert [tell_overdue(office, journey.now) for _ in range(2)] == [1, 0]
    assert tell_overdue(office, journey.now.replace(hour=20)) == 0, "before seven in the morning"
    assert of(office, "kind, person_id, data") == [("overdue", clerk.id, {"many": 1, "codes": [code]})]
    tell_overdue(office, journey.now + timedelta(days=1))
    assert len(of(office, "id")) == 2


def test_a_message_is_closed_with_a_reason_by_its_owners_only(office: Office, journey: Journey, cast: Cast) -> None:
    journey.receive(applicant=WHO)
    drain(office, journey.now, chosen=Settings())
    clerk, today = cast["H51.02/tiep-nhan:receptionist"], journey.now.date()
    ids = [found.id for found in messages.stuck(office.db, clerk.id, today)]

    assert messages.close(office.db, ids, cast["H51.01/ngoai-vu:officer"].id, "x", today, journey.now) == 0
    assert messages.close(office.db, ids, clerk.id, "đã gọi điện", today, journey.now) == 2
    assert messages.how_many_stuck(office.db, clerk.id, today) == 0
    assert messages.again(office.db, ids, clerk.id, today, journey.now) == 0
