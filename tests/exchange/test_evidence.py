"""What two installations signed, exported and verified by a program that knows neither, and nothing of this house."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine import timekeeper
from engine.anchoring import evidence, tending
from engine.errors import NotFound
from engine.exchange import keys, peers, verify_evidence
from engine.exchange.canonical import decode, encode
from engine.exchange.verify_evidence import Findings, findings
from tests.exchange.keyrings import Keyring
from tests.exchange.sides import POLICE, Pair, consult, handoff_to_police

CHANGES = 300


@dataclass
class Packed:
    """An export as it was written, member by member."""

    data: bytes
    folder: Path

    def members(self) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def found(self, members: dict[str, bytes] | None = None, trusted: tuple[str, ...] = ()) -> Findings:
        path = self.folder / "evidence.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in (members or self.members()).items():
                archive.writestr(name, data)
        return findings(str(path), list(trusted))

    def wrong(self, members: dict[str, bytes] | None = None) -> list[str]:
        return self.found(members).wrong


@pytest.fixture
def crossed(pair: Pair) -> str:
    """A dossier that was sent, registered there by a named person and receipted both ways, and then anchored."""
    code = consult(pair.here)
    pair.settle()
    handoff = handoff_to_police(pair.here, code)
    theirs = pair.police.rows("select code from dossier")[0]["code"]
    pair.police.journey.do(theirs, "register", pair.police.cast["H51.05/chuyen-mon:officer"], handoff=handoff)
    pair.settle()
    for side in (pair.here, pair.police):
        tending.tend(side.office, tending.by_client, timekeeper.now())
    return code


@pytest.fixture
def packed(pair: Pair, crossed: str, tmp_path: Path) -> Packed:
    return Packed(evidence.of_dossier(pair.here.office, crossed, timekeeper.now()), tmp_path)


def test_the_export_holds_both_ways_the_chain_and_the_anchor_at_the_peer(packed: Packed, pair: Pair) -> None:
    told, wrong, _, anchored = findings(str(_written(packed)), [])

    assert wrong == []
    assert anchored
    assert any("2 thông điệp trong 2 luồng" in line for line in told)
    assert any("kept at: police, store" in line for line in told)
    names = set(packed.members())
    assert {"README.txt", "chain.json", "keys.json", "lanes.json", "manifest.json", "verify_evidence.py",
            "anchors/path.json"} <= names
    assert len([name for name in names if name.startswith("messages/police/")]) == 4
    assert b"Nguy\xe1\xbb\x85n Th\xe1\xbb\x8b B\xc3\xadch Ng\xe1\xbb\x8dc" not in packed.members()["chain.json"]


def test_it_is_verified_alone_by_nothing_but_python(packed: Packed, pair: Pair, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(_written(packed), alone / "evidence.zip")
    (alone / "verify_evidence.py").write_bytes(packed.members()["verify_evidence.py"])

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-I", "-S", "verify_evidence.py", "evidence.zip", *more], cwd=alone,
                              capture_output=True, text=True, check=False, env={"PATH": "/usr/bin"})
    trust = ("--trust", *_both(pair))
    good = run(*trust)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.splitlines()[-1] == "✓ đúng, bằng các khóa bạn tin / everything holds, by keys you trust"
    unvouched = run()
    assert (unvouched.returncode, unvouched.stderr) == (3, "")
    assert "✓" not in unvouched.stdout
    assert "nobody vouches for the keys" in unvouched.stdout.splitlines()[-1]
    partly = run(*trust[:2])
    assert partly.returncode == 3, "nobody vouches for the other side's key"
    assert f"! không nằm trong các khóa bạn tin / not among the keys you trust: khóa của {POLICE}" in partly.stdout
    assert "✗" not in partly.stdout
    assert "✓" not in partly.stdout
    members = packed.members()
    members["chain.json"] = members["chain.json"].replace(b'"seq":2', b'"seq":3', 1)
    packed.wrong(members)
    shutil.copy(tmp_path / "evidence.zip", alone / "evidence.zip")
    for bad in (run(), run(*trust)):
        assert bad.returncode == 1
        assert "✗" in bad.stdout.splitlines()[-1]


def test_every_changed_byte_is_found(packed: Packed) -> None:
    chance, members = random.Random(6), packed.members()
    names = sorted(members)
    for _ in range(CHANGES):
        name = chance.choice(names)
        place, difference = chance.randrange(len(members[name])), chance.randrange(1, 256)
        data = bytearray(members[name])
        data[place] ^= difference
        wrong = packed.wrong({**members, name: bytes(data)})
        assert wrong, f"{name} at {place}"
        assert not re.search("Error|BadZip", "".join(wrong)), "said for auditors, not for programmers"


def test_what_is_missing_added_or_exchanged_is_found(packed: Packed) -> None:
    members = packed.members()
    for name in members:
        assert packed.wrong({other: data for other, data in members.items() if other != name}), name
    assert packed.wrong({**members, "more.txt": b"x"})
    receipts = [name for name in members if name.endswith(".receipt.json") and name.startswith("messages/")]
    one, other = receipts[:2]
    assert packed.wrong({**members, one: members[other], other: members[one]})


def test_whoever_signs_the_list_anew_still_cannot_change_a_message_the_chain_or_a_lane(
        packed: Packed, pair: Pair) -> None:
    """The exporter himself: he holds one of the keys, and not the other side's."""
    office, members = pair.here.office, packed.members()

    def listed(changed: dict[str, bytes]) -> dict[str, bytes]:
        body = decode(changed["manifest.json"])["body"]
        body["members"] = [{"name": name, "size": len(data), "sha256": evidence.sha256(data).hexdigest()}
                           for name, data in sorted(changed.items()) if name != "manifest.json"]
        sign = keys.signer(office)
        signed = encode({"body": body, "key": sign.key_id})
        signature = sign.sign(b"lienthong-exchange/1\nevidence\n" + signed).hex()
        return {**changed, "manifest.json": encode({"body": body, "key": sign.key_id, "signature": signature})}
    assert packed.wrong(listed(members)) == []

    theirs = next(name for name in members if "/in-" in name and not name.endswith(".receipt.json"))
    assert packed.wrong(listed({**members, theirs: members[theirs].replace(b"registered", b"answered")}))
    lanes = decode(members["lanes.json"])
    lanes["lanes"][0]["messages"][0]["no"] = 2
    assert any("đứt quãng" in fault for fault in packed.wrong(listed({**members, "lanes.json": encode(lanes)})))
    chain = decode(members["chain.json"])
    last = chain["entries"].pop()
    chain["head"] = chain["entries"][-1]["hash"]
    assert any("lacks what was anchored" in fault for fault in packed.wrong(
        listed({**members, "chain.json": encode(chain)})))
    chain["entries"].append({**last, "action": "nothing"})
    assert packed.wrong(listed({**members, "chain.json": encode(chain)}))


def test_of_the_chain_exactly_what_was_touched_is_named(packed: Packed) -> None:
    changed, loose = "đã bị sửa / entry was changed", "không nối với mục trước / entry does not follow the one before"
    gap = "sổ ghi vết: số thứ tự đứt quãng / the numbers of its entries have a gap"
    cut = "sổ ghi vết: bị cắt ở cuối / the chain is cut at its end"

    def named(change: Callable[[list[dict[str, Any]]], object]) -> list[str]:
        members = packed.members()
        chain = decode(members["chain.json"])
        change(chain["entries"])
        wrong = packed.wrong({**members, "chain.json": encode(chain)})
        return [line.removeprefix("sổ ghi vết mục ") for line in wrong if line.startswith("sổ ghi vết")]

    last = len(decode(packed.members()["chain.json"])["entries"])
    assert last > 4
    assert named(lambda entries: None) == []
    assert named(lambda entries: entries[3].update(actor_name="Ai đó")) == [f"4: {changed}"]
    assert named(lambda entries: entries[last - 1].update(actor_name="Ai đó")) == [f"{last}: {changed}"]
    assert named(lambda entries: entries[3].update(seq=9)) == [f"4: {changed}", gap]
    assert named(lambda entries: entries[3].update(prev="00" * 32)) == [f"4: {loose}", f"4: {changed}"]
    assert named(lambda entries: entries[3].update(hash="00" * 32)) == [f"4: {changed}", f"5: {loose}"]
    assert named(lambda entries: entries.pop(3))[:2] == [f"4: {loose}", gap]
    assert named(lambda entries: entries.pop(0))[:2] == [f"1: {loose}", gap]
    assert named(lambda entries: entries.pop())[0] == cut
    assert cut in named(lambda entries: entries.clear())


def test_an_entry_written_anew_with_a_hash_that_fits_no_longer_fits_the_chain(packed: Packed) -> None:
    """At any place, the last one included: there it is the head that tells."""
    members = packed.members()
    for place in range(len(decode(members["chain.json"])["entries"])):
        chain = decode(members["chain.json"])
        entry = chain["entries"][place]
        entry["actor_name"] = "Ai đó"
        entry["hash"] = verify_evidence.entry_hash(chain["dossier"], entry, bytes.fromhex(entry["prev"])).hex()
        wrong = packed.wrong({**members, "chain.json": encode(chain)})
        assert [line for line in wrong if f"mục {place + 2}:" in line or "cut at its end" in line]


def test_keys_that_were_not_compared_outside_prove_nothing(packed: Packed, pair: Pair) -> None:
    ours, theirs = _both(pair)

    assert packed.found(trusted=(ours, theirs))[1:3] == ([], [])
    assert [len(one) for one in packed.found(trusted=(ours,))[1:3]] == [0, 1]
    stranger = keys.as_string(POLICE, Keyring(POLICE, seed=8).public.public)
    assert [len(one) for one in packed.found(trusted=(ours, stranger))[1:3]] == [0, 1]
    assert packed.found(trusted=(ours.replace("soc-trang", POLICE), theirs)).wrong != []


def test_old_evidence_holds_after_keys_were_changed_and_revoked(packed: Packed, pair: Pair, crossed: str) -> None:
    keys.rotate(pair.here.office, None, timekeeper.now())
    peers.revoke_key(pair.here.administrator(0), pair.here.rows("select key_id from peer_key")[0]["key_id"])

    again = Packed(evidence.of_dossier(pair.here.office, crossed, timekeeper.now() + timedelta(minutes=1)),
                   packed.folder)
    assert again.wrong() == []
    assert packed.wrong() == []
    assert len(decode(again.members()["keys.json"])["keys"]) == 3


def test_one_message_is_evidence_by_itself(pair: Pair, crossed: str, tmp_path: Path) -> None:
    message = pair.sent()[0]["message_id"]
    for side in (pair.here, pair.police):
        one = Packed(evidence.of_message(side.office, message, timekeeper.now()), tmp_path)
        assert one.wrong() == []
        assert len([name for name in one.members() if name.startswith("messages/")]) == 2
        assert "chain.json" not in one.members()


def test_what_is_not_receipted_or_not_anchored_yet_is_said(pair: Pair, tmp_path: Path) -> None:
    code = consult(pair.here)
    one = Packed(evidence.of_dossier(pair.here.office, code, timekeeper.now()), tmp_path)
    told, wrong, _, anchored = findings(str(_written(one)), [])

    assert wrong == []
    assert not anchored
    assert any("no anchor yet" in line for line in told)
    assert any("not receipted yet" in line for line in told)
    with pytest.raises(NotFound):
        evidence.of_dossier(pair.here.office, "H51.02-000000-0000", timekeeper.now())
    with pytest.raises(NotFound):
        evidence.of_message(pair.here.office, UUID(int=7), timekeeper.now())


@pytest.mark.parametrize("data", [b"", b"PK", b"rubbish" * 100])
def test_what_is_no_export_is_said_in_a_line(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    assert verify_evidence.main([str(tmp_path / "x.zip")]) == 1
    told = capsys.readouterr().out
    assert "is no evidence, or is damaged" in told
    assert "Error" not in told
    assert len(told.splitlines()) == 2
    assert verify_evidence.main([str(tmp_path / "none.zip")]) == 2
    assert verify_evidence.main([str(tmp_path)]) == 2
    told = capsys.readouterr().out
    assert len(told.splitlines()) == 2
    assert "none.zip" in told
    assert "Errno" not in told


def test_a_byte_changed_in_the_file_itself_is_told_by_the_name_of_what_it_is_in(packed: Packed) -> None:
    path = _written(packed)
    with zipfile.ZipFile(path) as archive:
        begins = archive.getinfo("chain.json").header_offset
    data = bytearray(packed.data)
    data[begins + 30 + len("chain.json") + 40] ^= 1
    path.write_bytes(data)

    assert findings(str(path), []).wrong == ["chain.json: đã bị sửa hoặc hỏng / was changed, or is damaged"]


def test_what_a_forger_calls_a_member_says_nothing_in_our_name(packed: Packed, tmp_path: Path,
                                                               capsys: pytest.CaptureFixture[str]) -> None:
    packed.wrong({**packed.members(), "x\n✓ đúng": b""})

    assert verify_evidence.main([str(tmp_path / "evidence.zip")]) == 1
    assert not [line for line in capsys.readouterr().out.splitlines() if line.startswith("✓")]


def test_without_an_anchor_it_holds_as_far_as_it_reaches_and_the_last_line_says_what_is_not_proved(
        pair: Pair, crossed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dossier that is younger than the newest anchor, and a single message."""
    code, message = consult(pair.here), pair.sent()[0]["message_id"]
    for data in (evidence.of_dossier(pair.here.office, code, timekeeper.now()),
                 evidence.of_message(pair.here.office, message, timekeeper.now())):
        path = str(_written(Packed(data, tmp_path)))

        assert verify_evidence.main([path, "--trust", *_both(pair)]) == 0
        last = capsys.readouterr().out.splitlines()[-1]
        assert "everything holds" not in last
        assert "đúng trong phạm vi gói này, bằng các khóa bạn tin; nhưng không có mốc niêm phong nào" in last
        assert "it holds as far as it reaches, by keys you trust; but no anchor proves the time" in last
        assert verify_evidence.main([path]) == 3
        told = capsys.readouterr().out.splitlines()
        assert "no anchor proves the time" in told[-2]
        assert "nobody vouches for the keys" in told[-1]


def test_how_to_call_it_and_what_its_exit_codes_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_evidence.main([]) == 2
    assert verify_evidence.main(["x.zip", "--trust"]) == 2
    assert verify_evidence.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert told.count("hoặc ghi chưa đủ khóa") == 3
    assert [line[0] for line in told.splitlines() if line[:1].isdigit()] == list("0123") * 3
    assert verify_evidence.main([__file__, "--trust", "lienthong-key/1 police 00"]) == 2
    assert "is no key" in capsys.readouterr().out


def _both(pair: Pair) -> tuple[str, str]:
    """The keys of both sides, as lines."""
    return (keys.as_string("soc-trang", keys.own_key(pair.here.office).public),
            keys.as_string(POLICE, keys.own_key(pair.police.office).public))


def _written(packed: Packed) -> Path:
    path = packed.folder / "written.zip"
    path.write_bytes(packed.data)
    return path
