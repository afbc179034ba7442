"""`lienthong peer` and `lienthong evidence`: two people, one fingerprint, one line for whatever is wrong."""

from __future__ import annotations

import getpass
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from api.cli import ELSEWHERE, app
from engine import signin, timekeeper
from engine.anchoring import making, tending
from engine.exchange import keys
from engine.office import Office
from engine.seed import DEMO_PASSWORD
from engine.settings import settings
from storage.local.machine import Machine
from tests.conftest import Fresh
from tests.exchange.keyrings import Keyring
from tests.exchange.sides import POLICE, Pair, consult
from tests.journey import Cast

Say = Callable[..., Result]
THERE = Keyring("ca-mau")
LINE, SPOKEN = keys.as_string("ca-mau", THERE.public.public), keys.fingerprint(THERE.public.public)
URL = "https://mot-cua.example.org"


def saying(machine: Machine, database: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    for name, value in {**machine.environment(), "DATABASE_URL": database, "LIENTHONG_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return lambda *words, typed=DEMO_PASSWORD: CliRunner().invoke(app, list(words), input=f"{typed}\n")


@pytest.fixture
def say(machine: Machine, fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Say]:
    yield saying(machine, fresh.app_url, tmp_path, monkeypatch)
    settings.cache_clear()


@pytest.fixture
def by(cast: Cast) -> list[str]:
    """Two administrators."""
    return list(dict.fromkeys(one.login for one in cast.members if one.role == "administrator"))[:2]


def test_a_peer_is_entered_by_one_and_approved_by_another_who_heard_the_fingerprint(
        say: Say, by: list[str], fresh: Fresh) -> None:
    assert "no installation is entered" in say("peer", "list").output
    entered = say("peer", "add", "ca-mau", URL, LINE, "--by", by[0], "--title", "Tỉnh Cà Mau")
    assert entered.exit_code == 0, entered.output
    assert SPOKEN in entered.output

    itself = say("peer", "approve", "ca-mau", "--fingerprint", SPOKEN, "--by", by[0])
    wrong = say("peer", "approve", "ca-mau", "--fingerprint", "1" + SPOKEN[1:], "--by", by[1])
    assert (itself.exit_code, wrong.exit_code) == (1, 1)
    assert len(wrong.stderr.splitlines()) == 2
    listed = say("peer", "list").output
    assert "Tỉnh Cà Mau: chờ phê duyệt / proposed" in listed
    assert SPOKEN in listed
    approved = say("peer", "approve", "ca-mau", "--fingerprint", SPOKEN.replace(" ", ""), "--by", by[1])
    assert approved.exit_code == 0, approved.output
    assert f"({by[1]})" in approved.output
    listed = say("peer", "list").output
    assert "active" in listed
    assert SPOKEN not in listed
    with psycopg.connect(fresh.superuser_url) as connection:
        told = dict(connection.execute("select kind, details->>'account' from event_log where kind like 'peer_%'"))
    assert told == {"peer_proposed": getpass.getuser(), "peer_approved": getpass.getuser()}

    assert say("peer", "host", "H51.05", "ca-mau", "--by", by[0]).exit_code == 0
    assert say("peer", "suspend", "ca-mau", "--by", by[0]).exit_code == 0
    assert "suspended" in say("peer", "list").output
    assert say("peer", "resume", "ca-mau", "--by", by[1]).exit_code == 0
    assert say("peer", "key", "revoke", THERE.public.key_id, "--by", by[0]).exit_code == 0
    assert "revoked" in say("peer", "list").output


def test_a_further_key_comes_from_a_file_and_is_compared_too(say: Say, by: list[str], tmp_path: Path) -> None:
    say("peer", "add", "ca-mau", URL, LINE, "--by", by[0])
    newer = Keyring("ca-mau", seed=8).public
    (tmp_path / "key").write_text(keys.as_string("ca-mau", newer.public) + "\n")
    assert say("peer", "key", "add", "ca-mau", f"@{tmp_path}/key", "--by", by[0]).exit_code == 1, "not approved itself"
    say("peer", "approve", "ca-mau", "--fingerprint", SPOKEN, "--by", by[1])
    assert say("peer", "key", "add", "ca-mau", f"@{tmp_path}/key", "--by", by[0]).exit_code == 0

    spoken = keys.fingerprint(newer.public)
    assert say("peer", "key", "approve", newer.key_id, "--fingerprint", SPOKEN, "--by", by[1]).exit_code == 1
    assert say("peer", "key", "approve", newer.key_id, "--fingerprint", spoken, "--by", by[1]).exit_code == 0


CHANGES = [
    ("peer", "add", "bac-lieu", URL, keys.as_string("bac-lieu", Keyring("bac-lieu", seed=9).public.public)),
    ("peer", "approve", "ca-mau", "--fingerprint", SPOKEN), ("peer", "host", "H51.05", "ca-mau"),
    ("peer", "suspend", "ca-mau"), ("peer", "resume", "ca-mau"), ("peer", "end", "ca-mau"),
    ("peer", "directory", "ca-mau"), ("peer", "rotate"), ("peer", "rotate", "--prepare"),
    ("peer", "key", "add", "ca-mau", keys.as_string("ca-mau", Keyring("ca-mau", seed=8).public.public)),
    ("peer", "key", "approve", THERE.public.key_id, "--fingerprint", SPOKEN),
    ("peer", "key", "revoke", THERE.public.key_id), ("reach", "H51.08", "paper"),
]


def test_wrong_passwords_keep_neither_another_administrator_nor_the_pages_from_acting(
        say: Say, by: list[str], office: Office) -> None:
    say("peer", "add", "ca-mau", URL, LINE, "--by", by[0])
    for _ in range(signin.MOST_WRONG):
        assert say("peer", "key", "revoke", THERE.public.key_id, "--by", by[0], typed="sai").exit_code == 1

    barred = say("peer", "key", "revoke", THERE.public.key_id, "--by", by[0])
    assert "Quản trị khác làm được ngay" in barred.stderr
    assert signin.sign_in(office, by[0], DEMO_PASSWORD, "203.0.113.7").login == by[0]
    assert say("peer", "key", "revoke", THERE.public.key_id, "--by", by[1]).exit_code == 0


def test_who_is_attacked_at_the_pages_still_revokes_at_the_terminal(say: Say, by: list[str], office: Office) -> None:
    say("peer", "add", "ca-mau", URL, LINE, "--by", by[1])
    for number in range(signin.MOST_WRONG):
        with pytest.raises(signin.WrongCredentials):
            signin.sign_in(office, by[0], "sai", f"203.0.113.{number}")
    assert say("peer", "key", "revoke", THERE.public.key_id, "--by", by[0]).exit_code == 0


@pytest.mark.parametrize("words", CHANGES)
def test_whoever_names_an_administrator_must_be_him(say: Say, by: list[str], cast: Cast, fresh: Fresh,
                                                    words: tuple[str, ...]) -> None:
    """Whoever has the machine could name anybody: each command wants the password of whom it names."""
    say("peer", "add", "ca-mau", URL, LINE, "--by", by[0])
    say("peer", "show-key")
    tables = ("peer", "peer_key", "own_key", "agency")
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        def standing() -> list[object]:
            return [connection.execute(f"select json_agg(t order by t::text)::text from {table} t".encode()).fetchone()
                    for table in tables]
        before = standing()
        wrong = say(*words, "--by", by[1], typed="sai")
        nothing = say(*words, "--by", by[1], typed="")
        clerk = say(*words, "--by", cast.member("H51.02/tiep-nhan:receptionist").login)
        assert standing() == before
        done = connection.execute("select kind from event_log where kind ~ '^(peer|own_key|agency)'").fetchall()
    assert [one.exit_code for one in (wrong, nothing, clerk)] == [1, 1, 1]
    assert "password is wrong" in wrong.stderr
    assert "password is wrong" in nothing.stderr
    assert "Only administrators" in clerk.stderr
    assert sorted(done) == [("own_key_made",), ("peer_proposed",)]


@pytest.mark.parametrize("words", [
    ("peer", "add", "ca-mau", URL, "rubbish"), ("peer", "add", "ca-mau", URL, "@/nowhere"),
    ("peer", "add", "ca-mau", "http://10.0.0.1", LINE), ("peer", "host", "H51.05", "ca-mau"), ("peer", "end", "nobody"),
    ("peer", "key", "revoke", "00"), ("peer", "key", "approve", "00", "--fingerprint", "1"),
])
def test_what_is_wrong_is_said_in_two_lines(say: Say, by: list[str], words: tuple[str, ...]) -> None:
    done = say(*words, "--by", by[0])
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 2
    assert say(*words, "--by", "nobody").exit_code == 1


def test_the_key_of_another_and_an_address_inside_are_refused_by_their_own_reasons(say: Say, by: list[str]) -> None:
    other = say("peer", "add", "bac-lieu", URL, LINE, "--by", by[0])
    assert "“ca-mau”, không phải “bac-lieu”" in other.stderr
    assert "is the key of the installation “ca-mau”, not of “bac-lieu”" in other.stderr
    inside = say("peer", "add", "ca-mau", "http://127.0.0.1:8640", LINE, "--by", by[0])
    assert inside.stderr.count("LIENTHONG_PEERS_INSIDE=true") == 2


def test_how_work_comes_to_an_agency_is_changed_in_the_name_of_an_administrator(
        say: Say, by: list[str], cast: Cast, fresh: Fresh) -> None:
    clerk = cast.member("H51.02/tiep-nhan:receptionist").login
    assert [say("reach", "H51.08", "paper", "--by", who).exit_code for who in (clerk, "nobody", by[0])] == [1, 1, 0]
    with psycopg.connect(fresh.superuser_url) as connection:
        told = connection.execute("select p.login, details->>'by' from event_log e join person p on p.id = e.actor_id "
                                  "where kind = 'agency_reach_changed'").fetchall()
    assert told == [(by[0], getpass.getuser())]


def test_in_another_name_than_the_servers_nothing_is_told_moved_or_handed_over(
        say: Say, by: list[str], office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    say("peer", "add", "ca-mau", URL, LINE, "--by", by[0])
    say("peer", "approve", "ca-mau", "--fingerprint", SPOKEN, "--by", by[1])
    making.make(office, timekeeper.now())
    monkeypatch.setenv("LIENTHONG_INSTALLATION", "bac-lieu")
    settings.cache_clear()

    for words in (("show-key",), ("host", "H51.05", "ca-mau", "--by", by[0]), ("directory", "ca-mau", "--by", by[0]),
                  ("rotate", "--by", by[0])):
        told = say("peer", *words)
        assert told.exit_code == 1, words
        assert "that of the installation “soc-trang”, the command speaks for “bac-lieu”" in told.stderr
    assert say("reach").stdout.count("works at another installation") == 0
    assert say("peer", "suspend", "ca-mau", "--by", by[0]).exit_code == 0, "what is urgent does not wait for that"


def test_our_key_is_shown_prepared_and_changed(say: Say, by: list[str]) -> None:
    first = say("peer", "show-key").output
    assert first.startswith("lienthong-key/1 soc-trang ")
    prepared = say("peer", "rotate", "--prepare", "--by", by[0]).output
    assert say("peer", "show-key").output == first
    assert say("peer", "rotate", "--by", by[0]).output == prepared
    assert say("peer", "show-key").output == prepared != first


def test_without_its_file_the_key_is_not_silently_another(say: Say, tmp_path: Path) -> None:
    say("peer", "show-key")
    file, = (tmp_path / "exchange-keys").iterdir()
    file.write_bytes(b"")
    keys._private.cache_clear()
    done = say("peer", "show-key")
    assert done.exit_code == 1
    assert str(file) in done.stderr


def test_the_codes_of_agencies_are_listed_with_how_work_comes_to_them(say: Say, by: list[str]) -> None:
    say("reach", "H51.08", "mail", "--address", "van-thu@vanhoa.example.vn", "--by", by[0])
    told = say("reach")

    assert told.exit_code == 0
    lines = {line.split()[0]: line for line in told.stdout.splitlines()}
    assert "Sở Văn hóa, Thể thao và Du lịch" in lines["H51.08"]
    assert lines["H51.08"].endswith("gets a link by mail (van-thu@vanhoa.example.vn)")
    assert lines["H51.05"].endswith("works here")
    assert say("reach", "H51.08").exit_code == 2
    assert say("reach", "H51.08", "paper").exit_code == 2


def with_keys_of(pair: Pair, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Say, str]:
    """Commands of the province's own installation, and an administrator's login."""
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "exchange-keys").symlink_to(pair.here.office.keys)
    return (saying(machine, pair.here.fresh.app_url, tmp_path / "cli", monkeypatch),
            next(one.login for one in pair.here.cast.members if one.role == "administrator"))


def test_whoever_refuses_the_directory_is_quoted_with_what_to_do(
        pair: Pair, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say, by = with_keys_of(pair, machine, tmp_path, monkeypatch)

    pair.police.rows("update peer set state = 'suspended'")
    told = say("peer", "directory", POLICE, "--by", by)
    assert told.exit_code == 1
    assert "bên đó đang tạm dừng trao đổi: gọi điện hỏi" in told.stderr
    pair.police.rows("update peer_key set approved_at = null, approved_by = null")
    told = say("peer", "directory", POLICE, "--by", by)
    assert "said no (unknown_key): their administrators have not entered and approved our key yet" in told.stderr
    assert len(told.stderr.splitlines()) == 2


def test_why_a_directory_did_not_come_is_said_without_blaming_them_or_promising_anything(
        pair: Pair, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say, by = with_keys_of(pair, machine, tmp_path, monkeypatch)

    pair.here.rows("update peer set url = 'http://127.0.0.1:9'")
    away = say("peer", "directory", POLICE, "--by", by)
    assert away.exit_code == 1
    assert "Hãy chạy lại lệnh này sau" in away.stderr
    assert "Sẽ tự gửi lại" not in away.stderr
    monkeypatch.delenv("LIENTHONG_PEERS_INSIDE")
    settings.cache_clear()
    barred = say("peer", "directory", POLICE, "--by", by)
    assert barred.exit_code == 1
    assert barred.stderr.count("LIENTHONG_PEERS_INSIDE=true") == 2
    assert "chưa trả lời được" not in barred.stderr


def test_a_directory_is_fetched_and_evidence_exported_and_verified(
        pair: Pair, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by = [one.login for one in pair.here.cast.members if one.role == "administrator"]
    home = tmp_path / "cli"
    home.mkdir()
    (home / "exchange-keys").symlink_to(pair.here.office.keys)
    say = saying(machine, pair.here.fresh.app_url, home, monkeypatch)
    assert "last reached –" in say("peer", "list").output
    assert "1 cơ quan" in say("peer", "directory", POLICE, "--by", by[0]).output
    assert "last reached –" not in say("peer", "list").output

    code = consult(pair.here)
    pair.settle()
    assert say("evidence", "anchors").exit_code in (0, 1)
    tending.tend(pair.here.office, tending.by_client, timekeeper.now())
    assert say("evidence", "anchors").exit_code == 0
    file = str(tmp_path / "evidence.zip")
    assert say("evidence", "export", code, "-o", file).exit_code == 0
    ours = keys.own_key(pair.here.office).public.hex()
    theirs = keys.own_key(pair.police.office).public.hex()
    good = say("evidence", "verify", file, "--trust", ours, "--trust", theirs)
    assert good.exit_code == 0, good.output
    assert say("evidence", "verify", file, "--trust", ours).exit_code == 3, "nobody vouches for theirs"
    assert say("evidence", "verify", file).exit_code == 3, "nobody vouches for the keys"
    assert say("evidence", "verify", str(tmp_path / "none")).exit_code == 2
    assert say("evidence", "export", "H51.02-000000-0000", "-o", file).exit_code == 1
    assert say("evidence", "export", "-o", file).exit_code == 2


def test_a_command_waits_for_the_imports_of_no_other() -> None:
    """Every one is asked for at a terminal, by somebody who waits."""
    told = subprocess.run([sys.executable, "-c", (
        "import sys; from api.cli import main; sys.argv = ['lienthong', 'peer', 'list', '--help']\n"
        "try: main()\n"
        "except SystemExit: print(*sorted({'api.demo.run', 'engine.verification', 'engine.desk', 'pyhanko', 'pikepdf', "
        "'api.agency.kit.run', 'engine.portal.drain'} & {*sys.modules}), file=sys.stderr)")],
        capture_output=True, text=True, check=True)
    assert "Các hệ thống và khóa của chúng" in told.stdout
    assert told.stderr == "\n"


def test_every_group_is_listed_and_answers(say: Say) -> None:
    listed = say("--help").output
    for name in ELSEWHERE:
        assert f" {name} " in listed
        told = say(name, "--help")
        assert told.exit_code == 0, name
        assert "completion" not in told.output
