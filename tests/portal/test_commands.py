"""`lienthong portal …`, as an administrator types it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.portal_cli import commands
from engine import timekeeper
from engine.settings import Settings, settings
from storage.local.machine import Machine
from tests.casework.conftest import Start
from tests.conftest import Fresh
from tests.portal.standin import StandIn

Ask = Callable[..., Result]


@pytest.fixture
def ask(machine: Machine, fresh: Fresh, chosen: Settings, monkeypatch: pytest.MonkeyPatch,
        tmp_path_factory: pytest.TempPathFactory) -> Ask:
    told = {**machine.environment(), "DATABASE_URL": fresh.app_url}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LIENTHONG_HOME", str(tmp_path_factory.mktemp("home")))
    settings.cache_clear()
    return lambda *words: CliRunner().invoke(commands(settings), list(words))


@pytest.fixture
def at_noon(start: Start, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Start:
    """The commands are asked an hour after the dossiers came in."""
    def begin(procedure: str = "test_copies", **changes: object) -> object:
        walk = start(procedure, **changes)
        monkeypatch.setattr(timekeeper, "now", lambda: walk.now + timedelta(hours=1))
        return walk
    return begin  # type: ignore[return-value]


def test_a_day_at_the_command_line(at_noon: Start, ask: Ask, npsp: StandIn) -> None:
    walk = at_noon()
    assert "chờ gửi / queued: 2" in ask("status").output
    sent = ask("send")
    assert (sent.exit_code, sent.output) == (0, "đã gửi / sent: 2, cần người xử lý / for a person: 0\n")

    equal = ask("reconcile", "2026-11-23")
    assert (equal.exit_code, "khớp / equal 1," in equal.output) == (0, True)
    npsp.dossiers[walk.code]["TrangThaiHoSo"] = "9"
    different = ask("reconcile", "2026-11-23")
    assert (different.exit_code, "khác / different 1," in different.output) == (1, True)
    assert ask("begin").output == "đã xếp hàng / queued: 0\n"
    assert "1.001193  Đăng ký khai sinh" in ask("procedures").output


def test_what_cannot_be_done_is_one_line(at_noon: Start, ask: Ask, npsp: StandIn,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    at_noon()
    npsp.down = True
    for words in (("reconcile", "hom qua"), ("reconcile", "2026-11-23"), ("procedures",)):
        result = ask(*words)
        assert (result.exit_code, result.stderr.count("\n"), "Traceback" in result.output) == (1, 1, False)
    assert ask("send").exit_code == 1
    trouble = ask("status")
    assert (trouble.exit_code, "sự cố từ / trouble since" in trouble.output) == (1, True)

    monkeypatch.delenv("NPSP_URL")
    settings.cache_clear()
    off = ask("status")
    assert (off.exit_code, off.stderr) == (1, "Chưa cấu hình NPSP_URL / no portal is set up\n")
