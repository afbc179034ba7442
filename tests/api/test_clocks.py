"""Why a date, for programs and on the command line: the same lines as on the page, for whoever may see the dossier."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from engine.settings import settings
from tests.api.web import Session, Web
from tests.conftest import Fresh
from tests.journey import Journey

Command = Callable[..., Result]


@pytest.fixture
def code(journey: Journey) -> str:
    found = journey.receive().code
    journey.register_all(found)
    return found


def test_every_clock_and_why_it_is_due(desk: Session, code: str) -> None:
    told = desk.get(f"/dossiers/{code}/clocks").json()
    assert [(clock["no"], clock["kind"], clock["state"]) for clock in told["clocks"]] == [
        (1, "dossier", "running"), (2, "handoff", "ended"), (3, "step", "running")]
    assert told["clocks"][2]["name"] == {"vi": "Bước: Thẩm định hồ sơ", "en": "Step: Examining"}

    why = desk.get(f"/dossiers/{code}/clocks/1").json()

    assert why["agrees"] is True
    assert why["computed_due_at"] == why["clock"]["due_at"] == desk.get(f"/dossiers/{code}").json()["header"]["due_at"]
    counted = [line for line in why["lines"] if line["kind"] == "counted"]
    assert sum(line["amount"] for line in counted) == counted[-1]["total"] == 20
    skipped = next(line for line in why["lines"] if line["day"] == "2026-11-24")
    assert (skipped["kind"], skipped["basis"]) == ("skipped", "Nghị quyết 28/2026/QH16")
    assert why["lines"][0]["cause"]["action"] == "accept"
    assert [part["number"] for part in why["calendar"]["parts"]] == [1]
    assert [change["kind"] for change in why["changes"]] == ["start"]


@pytest.mark.parametrize("path", ["clocks", "clocks/1"])
def test_strangers_find_nothing(stranger: Session, code: str, path: str) -> None:
    assert stranger.get(f"/dossiers/{code}/{path}").status_code == 404


@pytest.mark.parametrize(("number", "status"), [("99", 404), ("2147483647", 404), ("0", 422), ("1e3", 422)])
def test_a_number_that_no_clock_has(desk: Session, code: str, number: str, status: int) -> None:
    assert desk.get(f"/dossiers/{code}/clocks/{number}").status_code == status


def test_a_dossier_that_was_not_accepted_has_none(desk: Session, web: Web) -> None:
    waiting = desk.received(accept=False, papers=[])

    assert [row["kind"] for row in desk.get(f"/dossiers/{waiting}/clocks").json()["clocks"]] in ([], ["step"])


@pytest.fixture
def command(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """`lienthong clock` on the database of this test."""
    monkeypatch.setenv("DATABASE_URL", fresh.app_url)
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(app, ["clock", *words])
    settings.cache_clear()


def test_the_command_line_tells_the_same(command: Command, code: str) -> None:
    listed = command(code).stdout.splitlines()
    why = command(code, "--no", "1").stdout
    english = command(code, "--no", "1", "--language", "en").stdout

    assert listed[0].startswith(f"{code}, Cho phép tổ chức hội nghị")
    assert "Cả hồ sơ: 20 ngày làm việc, đang tính, hạn 17:00 thứ Ba 22/12/2026" in listed[1]
    assert "Hạn là 17:00 thứ Ba 22/12/2026: 20 ngày làm việc kể từ" in why
    assert "Ngày Văn hóa Việt Nam (Nghị quyết 28/2026/QH16)" in why
    assert "Cộng: 20 ngày làm việc = thời hạn 20 ngày làm việc. Hạn: 17:00 thứ Ba 22/12/2026" in why
    assert "Due 17:00 Tuesday 22/12/2026: 20 working days from" in english
    assert "thực tiễn, không phải luật định" not in why
    assert "thời hạn riêng của bước trong quy trình nội bộ; thực tiễn, không phải luật định" in command(
        code, "--no", "3").stdout


def test_the_command_line_says_since_when_a_limit_that_began_anew_is_counted(
        command: Command, journey: Journey, code: str) -> None:
    officer = journey.cast["H51.01/ngoai-vu:officer"]
    journey.do(code, "request_supplement", officer, reason="Thiếu", documents=("other",))
    journey.register_all(code)
    journey.do(code, "supplement", journey.cast["H51.02/tiep-nhan:receptionist"], state="awaiting_supplement",
               documents=("other",))

    assert "Cả hồ sơ: 20 ngày làm việc, tính lại từ " in command(code).stdout


@pytest.mark.parametrize("words", [["H51.02-261123-9999"], ["gì đó"], ["H51.02-261123-9999", "--no", "1"]])
def test_an_unknown_code_is_one_sentence_and_no_traceback(command: Command, words: list[str]) -> None:
    answer = command(*words)

    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert answer.stderr.splitlines()[0].startswith("Không tìm thấy hồ sơ")
