"""Two people at the same moment: one wins, the other is told who was first, nothing is lost or doubled."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from engine.casework.orders import Order, Reply
from engine.casework.receive import receive
from engine.errors import Conflict, LienThongError, StaleVersion
from tests.casework.conftest import Start
from tests.casework.racing import race, together
from tests.casework.walking import Walk
from tests.journey import Cast, Journey

LEAD = "H51.01/ngoai-vu:officer"


def test_of_two_officers_who_do_the_same_one_succeeds_and_the_other_learns_who(start: Start) -> None:
    walk = start("test_copies")
    officers = [walk.member(walk.items["comparing"]["unit_id"], "officer", number) for number in (0, 1)]
    wins = {officer.name: 0 for officer in officers}

    for _ in range(60):
        event = "forward" if walk.states == {"comparing"} else "send_back"
        before = walk.dossier["version"]
        replies = race(walk, *(walk.order(event, officer, reason="Làm lại") for officer in officers))

        won = next(number for number, reply in enumerate(replies) if isinstance(reply, Reply))
        lost = replies[1 - won]
        assert isinstance(lost, StaleVersion)
        assert lost.data["who"] == officers[won].name
        assert lost.data["action"] == event
        assert walk.dossier["version"] == before + 1
        wins[officers[won].name] += 1

    actions = [row["action"] for row in walk.entries]
    assert actions.count("forward") + actions.count("send_back") == 60
    assert actions.count("refused") == 60
    assert sum(wins.values()) == 60


def test_the_loser_is_told_who_acted_and_not_who_was_refused_or_what_rang(start: Start) -> None:
    walk = start("test_copies")
    officers = [walk.member(walk.items["comparing"]["unit_id"], "officer", number) for number in (0, 1)]
    late = walk.order("forward", officers[1])
    walk.do("forward", officers[0])
    with pytest.raises(LienThongError):
        walk.do("sign", walk.cast["H51.21/lanh-dao:signer"])

    with pytest.raises(StaleVersion) as refusal:
        walk.act(late)

    assert (refusal.value.data["who"], refusal.value.data["action"]) == (officers[0].name, "forward")


def test_either_the_recall_or_the_registration_wins(start: Start) -> None:
    won = {"register": 0, "recall": 0}

    for _ in range(50):
        walk = start()
        handoff = walk.handoffs[0]["id"]
        replies = race(walk, walk.order("register", walk.cast[LEAD], handoff=handoff),
                       walk.order("recall", walk.cast["H51.02/tiep-nhan:receptionist"], handoff=handoff, reason="Nhầm"))

        successes = [reply for reply in replies if isinstance(reply, Reply)]
        refusals = [reply for reply in replies if isinstance(reply, Conflict)]
        assert (len(successes), len(refusals)) == (1, 1)
        won[successes[0].action] += 1
        state = walk.handoffs[0]["state"]
        assert state == {"register": "registered", "recall": "recalled"}[successes[0].action]

    assert sum(won.values()) == 50


def test_the_answers_of_several_agencies_at_the_same_moment_all_count(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.journey.register_all(walk.code)
    orders = [walk.order("give_opinion", walk.holder(state), state=state, verdict="agree", words="Đồng ý")
              for state in sorted(walk.items)]

    replies = race(walk, *orders)

    assert all(isinstance(reply, Reply) for reply in replies)
    assert walk.states == {"synthesis"}
    assert len(walk.of("opinion")) == 3


ACTS: dict[str, Callable[[Walk], Order]] = {
    "consult": lambda walk: walk.order("consult", walk.cast[LEAD]),
    "reject": lambda walk: walk.order("propose_rejection", walk.cast[f"{LEAD}#1"], reason="Không đủ điều kiện"),
    "supplement": lambda walk: walk.order("request_supplement", walk.cast[LEAD], documents=("plan",), reason="Thiếu"),
    "stop": lambda walk: walk.order("stop", walk.cast["H51.02/tiep-nhan:manager"], reason="Dừng"),
    "withdraw": lambda walk: walk.order("withdraw", walk.cast["H51.02/tiep-nhan:receptionist"], reason="Rút"),
    "extend": lambda walk: walk.order("extend", walk.cast["H51.01/ngoai-vu:head"], reason="Nhiều việc",
                                      new_due=walk.dossier["due_at"].replace(month=12, day=29)),
}


@pytest.mark.parametrize("first", list(ACTS))
def test_any_two_acts_at_the_same_moment_leave_one_and_a_sound_record(start: Start, first: str) -> None:
    for second in ACTS:
        walk = start().go_to("examining")

        replies = race(walk, ACTS[first](walk), ACTS[second](walk))

        assert sum(isinstance(reply, Reply) for reply in replies) == 1, (first, second)
        assert sum(isinstance(reply, StaleVersion) for reply in replies) == 1, (first, second)


def test_eight_desks_take_in_four_hundred_dossiers_without_a_code_twice(journey: Journey, cast: Cast) -> None:
    submissions = iter([journey.submission() for _ in range(400)])
    shares = [list(itertools.islice(submissions, 50)) for _ in range(8)]

    def desk(share: list) -> Callable[[], list[Reply]]:
        return lambda: [receive(journey.office, submission, journey.now) for submission in share]

    replies = list(itertools.chain.from_iterable(together(*(desk(share) for share in shares))))

    codes = sorted(reply.code for reply in replies)
    assert codes == [f"H51.02-261123-{number:04}" for number in range(1, 401)]
    assert journey.office.db.value("select count(*) from dossier") == 400
    assert journey.office.db.value("select count(distinct id) from dossier") == 400
