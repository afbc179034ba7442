"""The questionnaire at intake: answers are made exact, faults come all at once."""

from __future__ import annotations

from datetime import date

import pytest

from procedures import answers
from procedures.declaration import CountMode, Declaration, parse

TODAY = date(2026, 11, 20)
SEED = {
    "topic": "Lúa thơm ST thích ứng xâm nhập mặn",
    "topic_field": "agriculture",
    "event_date": "2027-03-18",
    "participants": 120,
    "foreign_guests": 12,
    "head_of_state_level": False,
    "state_secret": False,
}


@pytest.fixture
def permit(library: dict[str, Declaration]) -> Declaration:
    return library["conference_permit_local"]


def test_the_sample_of_the_law_is_accepted(permit: Declaration) -> None:
    assert answers.faults(permit, SEED, TODAY) == {}
    assert answers.typed(permit, SEED) == (SEED, {})


def test_answers_from_a_form_become_exact(permit: Declaration) -> None:
    told, faults = answers.typed(
        permit,
        {
            "topic": "  Lúa thơm ",
            "participants": "120",
            "foreign_guests": " 12 ",
            "head_of_state_level": "on",
            "state_secret": "không",
            "event_date": date(2027, 3, 18),
            "topic_field": "",
        },
    )
    assert faults == {}
    assert told == {
        "topic": "Lúa thơm",
        "participants": 120,
        "foreign_guests": 12,
        "head_of_state_level": True,
        "state_secret": False,
        "event_date": "2027-03-18",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("topic", "a\x00b"),
        ("topic", "x" * 5000),
        ("topic", 7),
        ("topic_field", "ministry"),
        ("topic_field", ["agriculture"]),
        ("event_date", "18/03/2027"),
        ("event_date", "2027-02-30"),
        ("event_date", "9999-01-01"),
        ("event_date", 20270318),
        ("participants", "many"),
        ("participants", 0),
        ("participants", 10**30),
        ("participants", "9" * 5000),
        ("participants", 1.5),
        ("participants", True),
        ("participants", "²"),
        ("state_secret", "maybe"),
        ("state_secret", 1),
        ("unknown", "x"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named_in_both_languages(
    permit: Declaration, name: str, value: object
) -> None:
    faults = answers.faults(permit, {**SEED, name: value}, TODAY)
    assert list(faults) == [name]
    assert all(faults[name])


def test_all_faults_come_at_once(permit: Declaration) -> None:
    faults = answers.faults(permit, {"participants": "many", "event_date": "2026-11-21"}, TODAY)
    assert set(faults) == set(SEED)


@pytest.mark.parametrize(("day", "accepted"), [("2026-12-19", False), ("2026-12-20", True)])
def test_thirty_days_ahead_means_thirty_days(permit: Declaration, day: str, accepted: bool) -> None:
    faults = answers.faults(permit, {**SEED, "event_date": day}, TODAY)
    assert (faults == {}) is accepted
    if not accepted:
        assert "20/12/2026" in faults["event_date"][0]
        assert "Quyết định 06/2020" in faults["event_date"][0]


@pytest.mark.parametrize(
    "reason",
    [
        {"head_of_state_level": True},
        {"state_secret": True},
        {"topic_field": "sovereignty"},
        {"topic_field": "defence_security"},
        {"topic_field": "ethnicity_religion"},
        {"topic_field": "human_rights"},
    ],
)
@pytest.mark.parametrize("kind", ["permit", "hosting"])
def test_the_questionnaire_decides_between_province_and_prime_minister(
    library: dict[str, Declaration], kind: str, reason: dict[str, object]
) -> None:
    local, pm = library[f"conference_{kind}_local"], library[f"conference_{kind}_pm"]
    seed = {**SEED, "funding": "Ngân sách"} if kind == "hosting" else SEED
    assert answers.faults(local, seed, TODAY) == {}
    assert list(answers.faults(pm, seed, TODAY)) == ["checks.0"]
    assert answers.faults(pm, {**seed, **reason}, TODAY) == {}
    assert list(answers.faults(local, {**seed, **reason}, TODAY)) == ["checks.0"]
    assert local.checks[0].right_procedure == pm.procedure
    assert pm.checks[0].right_procedure == local.procedure


def test_the_questionnaire_says_nothing_before_its_questions_are_answered(library: dict[str, Declaration]) -> None:
    assert "checks.0" not in answers.faults(library["conference_permit_pm"], {}, TODAY)


def test_documents_depend_on_the_answers(library: dict[str, Declaration]) -> None:
    permit, funeral = library["conference_permit_local"], library["funeral_allowance"]
    assert list(answers.required_documents(permit, SEED)) == ["request_letter", "plan"]
    assert "hosting_approval" in answers.required_documents(permit, {**SEED, "hosting_approved": True})
    assert "agency_opinions" not in answers.required_documents(permit, SEED)
    assert "resistance_papers" in answers.required_documents(funeral, {"never_received_one_time_allowance": True})


def test_a_state_secret_makes_the_dossier_confidential(permit: Declaration) -> None:
    assert answers.confidential(permit, {**SEED, "state_secret": True})
    assert not answers.confidential(permit, SEED)


def test_nobody_dies_tomorrow(library: dict[str, Declaration]) -> None:
    told = {"deceased_name": "Lâm Văn Bé", "merit_category": "war_invalid", "buried_by": "relative"}
    funeral = library["funeral_allowance"]
    assert answers.faults(funeral, {**told, "date_of_death": "2026-11-20"}, TODAY) == {}
    assert list(answers.faults(funeral, {**told, "date_of_death": "2026-11-21"}, TODAY)) == ["date_of_death"]


def test_fees_and_advice_follow_the_answers(small: str) -> None:
    declaration = parse(
        small.replace("    basis: Điều 1", "    basis: Điều 1\n    effect: advise")
        + "fees:\n"
        + "  - {name: {vi: Phí, en: Fee}, amount: 8000}\n"
        + "  - {name: {vi: Phí thêm, en: More}, amount: 2000, when: guests > 5}\n",
        "small.yaml",
    )
    told = {"guests": 6, "topic": "other", "day": "2027-01-01"}
    assert [fee.amount for fee in answers.fees(declaration, told)] == [8000, 2000]
    assert [fee.amount for fee in answers.fees(declaration, {"guests": 5})] == [8000]
    assert answers.faults(declaration, told, TODAY) == {}
    assert [check.message.vi for check in answers.advice(declaration, told)] == ["Quá đông"]


def test_a_refusing_check_names_its_basis(small: str) -> None:
    told = {"guests": 6, "topic": "other", "day": "2027-01-01"}
    assert answers.faults(parse(small, "small.yaml"), told, TODAY) == {
        "checks.0": ("Quá đông (Điều 1)", "Too many (Điều 1)")
    }


COSTLY = """\
fees:
  - name: {vi: Lệ phí, en: Fee}
    amount: 8001
    per: guests
    exemptions:
      - {name: {vi: Chủ đề nông nghiệp, en: Farming}, when: topic == 'farming', percent: 50, basis: Nghị quyết 1}
      - {name: {vi: Mọi chủ đề, en: Everybody}, when: topic != None, basis: Nghị quyết 2}
"""


def test_a_fee_is_multiplied_and_the_first_exemption_counts(small: str) -> None:
    declaration = parse(small + COSTLY, "small.yaml")
    (half,) = answers.fees(declaration, {"guests": 3, "topic": "farming"})
    assert (half.full, half.amount) == (24_003, 12_001)
    assert half.exempted_by is not None
    assert half.exempted_by.basis == "Nghị quyết 1"
    (free,) = answers.fees(declaration, {"guests": 3, "topic": "other"})
    assert (free.full, free.amount) == (24_003, 0)
    (one,) = answers.fees(declaration, {})
    assert (one.full, one.amount, one.exempted_by) == (8001, 8001, None)
    (none,) = answers.fees(declaration, {"guests": 0})
    assert none.amount == 0


CASES = """\
limit_cases:
  - {when: topic == 'farming', limit: [2 working days, 3 days]}
  - {when: channel == 'online', limit: 3 working days, count_mode: HOUR}
"""


def test_the_first_limit_case_that_holds_counts(small: str) -> None:
    declaration = parse(small + CASES, "small.yaml")
    assert answers.limit(declaration, {}) == (("5 working days",), CountMode.DAY)
    assert answers.limit(declaration, {"channel": "direct"}) == (("5 working days",), CountMode.DAY)
    assert answers.limit(declaration, {"channel": "online"}) == (("3 working days",), CountMode.HOUR)
    both = {"channel": "online", "topic": "farming"}
    assert answers.limit(declaration, both) == (("2 working days", "3 days"), CountMode.DAY)


def test_a_procedure_may_have_a_limit_in_one_case_only(small: str) -> None:
    text = small.replace("limit: 5 working days", "limit_note: {vi: Không có, en: None}")
    declaration = parse(text + CASES, "small.yaml")
    assert answers.limit(declaration, {}) == (None, CountMode.DAY)
    assert answers.limit(declaration, {"channel": "online"})[0] == ("3 working days",)


def test_what_is_owed_afterwards_follows_the_answers(small: str) -> None:
    text = small.replace("within: 15 days, after: day}", "within: 15 days, after: day, when: guests > 2}")
    declaration = parse(text, "small.yaml")
    assert answers.obligations(declaration, {"guests": 2}) == ()
    (owed,) = answers.obligations(declaration, {"guests": 3})
    assert owed.name.en == "Report"
