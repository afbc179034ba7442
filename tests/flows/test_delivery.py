"""Hand-offs reach the receiving desk once, in order, whatever happens to one of them or to who carries it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from engine import delivery
from engine.casework.act import act
from engine.casework.receive import receive
from engine.delivery import Tally
from engine.errors import Unavailable
from engine.office import Office
from storage import outbox
from storage.outbox import TRIES
from tests.conftest import Fresh
from tests.flows.ledger import Ledger
from tests.journey import Cast, Journey


def test_a_hand_off_is_delivered_once_whoever_tries_again(office: Office, journey: Journey, ledger: Ledger) -> None:
    code = receive(office, journey.submission(), journey.now).code

    assert delivery.drain(office, journey.now) == Tally(delivered=1)
    ledger.do("update outbox set sent_at = null")
    assert delivery.drain(office, journey.now) == Tally(repeated=1)

    assert ledger.unsent(code) == []
    assert ledger.value("select count(*) from inbox") == 1
    assert ledger.value("select count(*) from audit where action = 'deliver'") == 1


def test_four_senders_at_once_deliver_each_hand_off_once(office: Office, journey: Journey, ledger: Ledger) -> None:
    for _ in range(40):
        receive(office, journey.submission(), journey.now)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: delivery.drain(office, journey.now, batch=3), range(4)))

    assert sum(tally.delivered for tally in done) == 40
    assert sum(tally.repeated + tally.failed for tally in done) == 0
    assert ledger.value("select count(*) from audit where action = 'deliver'") == 40


def consulted(office: Office, journey: Journey, cast: Cast) -> str:
    """A dossier whose consultation was just asked for: several messages of one dossier, none sent."""
    code = journey.receive().code
    journey.register_all(code)
    act(office, journey.order(code, "consult", cast["H51.01/ngoai-vu:officer"]), journey.now)
    return code


def test_messages_of_a_dossier_go_in_order_one_at_a_time(
        office: Office, journey: Journey, cast: Cast, ledger: Ledger) -> None:
    code = consulted(office, journey, cast)
    waiting = ledger.unsent(code)
    assert len(waiting) > 1

    for sent, seq in enumerate(waiting):
        (message,) = outbox.claim(office.db, 10)
        assert not outbox.claim(office.db, 10), "the next one waits for the one before"
        assert delivery.deliver(office, message, journey.now) == Tally(delivered=1)
        assert ledger.unsent(code) == waiting[sent + 1:], seq


def due(office: Office, journey: Journey) -> Tally:
    """Once all that is due now: what fails is due again a second later, and a drain may last as long."""
    total = Tally()
    for message in outbox.claim(office.db, 10):
        total += delivery.deliver(office, message, journey.now)
    return total


def test_a_poison_message_is_parked_after_ten_tries_and_only_its_own_dossier_waits(
        office: Office, journey: Journey, cast: Cast, ledger: Ledger) -> None:
    code = consulted(office, journey, cast)
    waiting = ledger.unsent(code)
    ledger.poison(code, waiting[0])

    for _ in range(TRIES):
        assert not outbox.parked(office.db)
        ledger.hurry()
        other = receive(office, journey.submission(), journey.now).code
        assert due(office, journey) == Tally(delivered=1, failed=1)
        assert (ledger.unsent(other), ledger.unsent(code)) == ([], waiting)

    ledger.hurry()
    assert not outbox.anything_due(office.db), "nobody is woken for what waits behind a parked message"
    (parked,) = outbox.parked(office.db)
    assert (parked.code, parked.attempts, parked.last_error) == (code, TRIES, "not_found")
    owner = ledger.rows("select i.kind, u.agency || '/' || u.key from incident i join unit u on u.id = i.unit_id")
    assert owner == [("message_parked", "H51.01/ngoai-vu")]


def test_a_message_nobody_can_read_does_not_stop_the_others(office: Office, journey: Journey, ledger: Ledger) -> None:
    bad, good = (receive(office, journey.submission(), journey.now).code for _ in range(2))
    ledger.do("update outbox set payload = '[]' where dossier_id = (select id from dossier where code = %s)", bad)

    assert due(office, journey) == Tally(delivered=1, failed=1)

    assert (ledger.unsent(bad), ledger.unsent(good)) == ([1], [])


def test_a_message_for_an_unknown_hand_off_is_not_taken_for_delivered(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    code = receive(office, journey.submission(), journey.now).code
    ledger.do("update outbox set payload = payload || '{\"handoff\": \"00000000-0000-4000-8000-000000000000\"}'")

    assert due(office, journey) == Tally(failed=1)

    assert ledger.unsent(code) == [1]


def test_pauses_between_attempts_grow_and_vary(office: Office, journey: Journey, ledger: Ledger) -> None:
    code = receive(office, journey.submission(), journey.now).code
    ledger.poison(code, 1)
    for attempt in range(1, 7):
        ledger.hurry()
        before = ledger.value("select clock_timestamp()")
        delivery.drain(office, journey.now)
        after, again = ledger.rows("select clock_timestamp(), next_attempt_at from outbox")[0]

        # it failed at some moment between the two
        assert (again - before).total_seconds() >= 2**attempt * 0.5
        assert (again - after).total_seconds() <= 2**attempt * 1.5


def test_a_sender_that_slept_past_its_lease_cannot_close_the_row(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    receive(office, journey.submission(), journey.now)
    (sleeper,) = outbox.claim(office.db, 1)
    assert not outbox.claim(office.db, 1)
    ledger.do("update outbox set lease_until = clock_timestamp() - interval '1 s'")
    (waking,) = outbox.claim(office.db, 1)

    assert not outbox.sent(office.db, sleeper)
    assert not outbox.failed(office.db, sleeper, "too late")
    outbox.release(office.db, [sleeper])
    kept = ledger.rows("select sent_at, last_error, lease_until > clock_timestamp() from outbox")
    assert kept == [(None, None, True)]
    assert outbox.sent(office.db, waking)


def test_a_drain_that_is_told_to_stop_gives_back_what_it_claimed(office: Office, journey: Journey) -> None:
    for _ in range(6):
        receive(office, journey.submission(), journey.now)
    answers = iter([False, False, False, True, True])

    stopped = delivery.drain(office, journey.now, enough=lambda: next(answers))

    assert stopped == Tally(delivered=2)
    assert delivery.drain(office, journey.now) == Tally(delivered=4)


def test_without_its_database_a_drain_ends_and_no_message_is_blamed(
        office: Office, journey: Journey, ledger: Ledger, fresh: Fresh) -> None:
    code = receive(office, journey.submission(), journey.now).code
    (message,) = outbox.claim(office.db, 1)
    name = fresh.app_url.rsplit("/", 1)[1]
    with psycopg.connect(fresh.superuser_url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false")
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s "
                      "and usename = 'lienthong_app'", (name,))
        with pytest.raises(Unavailable):
            delivery.deliver(office, message, journey.now)
        admin.execute(f"alter database {name} allow_connections true")

    assert ledger.unsent(code) == [1]
    assert ledger.value("select last_error from outbox") is None
