"""Verifies an export of evidence offline: `python verify_evidence.py FILE.zip --trust KEY …`.

Kiểm chứng gói bằng chứng mà không cần mạng và không cần phần mềm nào khác ngoài Python.
This file imports nothing but Python's standard library and may be read, kept and run by anybody.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from unicodedata import is_normalized

PROTOCOL = "lienthong-exchange/1"
FORMAT = "lienthong-evidence/1"
# Together and unpacked; a file that grows without end is no evidence.
LARGEST = 1 << 30
# What reading content of another form than it should have ends in, and reading a file that is no archive.
FORMLESS = (ValueError, KeyError, TypeError, AttributeError, IndexError)
UNPACKING = (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error)

# --- Ed25519, RFC 8032 section 5.1: curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo P, base point of order L.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)

# A point as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    one, two = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    three, four = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(factor: int, point: Point) -> Point:
    total = ZERO
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _point(data: bytes) -> Point | None:
    """RFC 8032 section 5.1.3; None for bytes that are no point, or another writing of one."""
    y = int.from_bytes(data, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    if len(data) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    if x % 2 != odd:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or ZERO


def sound_key(public: bytes) -> bool:
    """Whether 32 bytes are a point that only its owner can sign for: none of the eight of small order."""
    point = _point(public)
    return point is not None and not _same(_times(8, point), ZERO)


def signed_by(public: bytes, signature: bytes, data: bytes) -> bool:
    """RFC 8032 section 5.1.7, without the cofactor."""
    key, commitment = _point(public), _point(signature[:32])
    answer = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or len(signature) != 64 or answer >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + data).digest(), "little") % L
    return _same(_times(answer, BASE), _add(commitment, _times(challenge, key)))


# --- What an export says, and whether it holds.
class Wrong(Exception):
    """A finding that ends the look at one thing: Vietnamese / English."""


def read(data: bytes) -> Any:
    """JSON in the one canonical form; anything else is Wrong."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_float=_none, parse_constant=_none)
        if json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != data:
            raise ValueError
    except (ValueError, RecursionError) as error:
        raise Wrong("không đúng dạng chuẩn / not in canonical form") from error
    if not is_normalized("NFC", data.decode()):
        raise Wrong("không đúng dạng chuẩn NFC / not in NFC")
    return value


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in members}) != len(members):
        raise ValueError("a name twice")
    return dict(members)


def _none(words: str) -> Any:
    raise ValueError(words)


class Export:
    """The members of one file, and the keys they are signed with."""

    def __init__(self, path: str, trusted: list[str]) -> None:
        self.members = _unpacked(path)
        self.keys: dict[str, dict[str, Any]] = {}
        self.trusted = trusted
        self.told: list[str] = []
        self.unvouched: list[str] = []
        self.anchored = False

    def member(self, name: str) -> bytes:
        if name not in self.members:
            raise Wrong(f"thiếu {name} / {name} is missing")
        return self.members[name]

    def read(self, name: str) -> Any:
        return read(self.member(name))

    def signed(self, name: str, kind: str, owner: str) -> dict[str, Any]:
        """The body of a signed member; Wrong unless `owner` signed it."""
        try:
            return self._signed(self.read(name), kind, owner)
        except FORMLESS as error:
            raise Wrong(f"{name} không đúng dạng / is not of the form it should have") from error

    def _signed(self, whole: Any, kind: str, owner: str) -> dict[str, Any]:
        body, known = whole["body"], self.keys.get(whole["key"])
        if set(whole) != {"body", "key", "signature"} or body["type"] != kind or body["protocol"] != PROTOCOL:
            raise Wrong(f"không phải {kind} / is no {kind}")
        if known is None or known["owner"] != owner:
            raise Wrong(f"không có khóa {whole['key']} của {owner} / no such key of {owner}")
        data = json.dumps({"body": body, "key": whole["key"]}, sort_keys=True, separators=(",", ":"),
                          ensure_ascii=False)
        if not re.fullmatch("[0-9a-f]{128}", whole["signature"]) or not signed_by(
                bytes.fromhex(known["public"]), bytes.fromhex(whole["signature"]),
                f"{PROTOCOL}\n{kind}\n{data}".encode()):
            raise Wrong("chữ ký sai / the signature does not hold")
        return dict(body)


def _unpacked(path: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len({info.filename for info in infos}) != len(infos) or sum(info.file_size for info in infos) > LARGEST:
                raise Wrong("tệp nén có tên trùng hoặc quá lớn / names twice, or too large")
            return {info.filename: _member(archive, info) for info in infos}
    except UNPACKING as error:
        raise Wrong("tệp không phải gói bằng chứng, hoặc đã hỏng / the file is no evidence, or is damaged") from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except UNPACKING as error:
        raise Wrong(f"{info.filename}: đã bị sửa hoặc hỏng / was changed, or is damaged") from error


class Findings(NamedTuple):
    """What was verified, what does not hold, and keys that nobody named as trusted although others were named.

    `anchored`: there is an anchor; without one nothing but the signers' own words says when it was.
    """

    told: list[str]
    wrong: list[str]
    unvouched: list[str]
    anchored: bool = False


def findings(path: str, trusted: list[str]) -> Findings:
    """`trusted`: lines of keys; none: every key is taken for its owner's."""
    try:
        export = Export(path, trusted)
        wrong = [*_keys(export)]
        installation = export.read("manifest.json")["body"]["installation"]
    except Wrong as error:
        return Findings([], [str(error)], [])
    except FORMLESS:
        return Findings([], ["danh mục hoặc khóa không đúng dạng / list or keys are not of the form they should have"],
                        [])
    for part, named in ((_manifest, "danh mục / list"), (_lanes, "thông điệp / messages"),
                        (_chain, "sổ ghi vết / chain"), (_anchor, "mốc niêm phong / anchor")):
        try:
            wrong += part(export, installation)
        except Wrong as error:
            wrong.append(f"{named}: {error}")
        except FORMLESS:
            wrong.append(f"{named}: nội dung không đúng dạng / not of the form it should have")
    return Findings(export.told, wrong, export.unvouched, export.anchored)


def _keys(export: Export) -> Iterator[str]:
    for row in export.read("keys.json")["keys"]:
        public = bytes.fromhex(row["public"])
        if hashlib.sha256(public).hexdigest()[:32] != row["key"] or not sound_key(public) or row["key"] in export.keys:
            yield f"khóa {row['key']} của {row['owner']} không đúng / is not right"
            continue
        export.keys[row["key"]] = row
        digits = f"{int(row['key'], 16) % 10**30:030d}"
        spoken = " ".join(digits[at:at + 5] for at in range(0, 30, 5))
        told = f"khóa của {row['owner']}: {row['public']} · vân tay / fingerprint {spoken}"
        export.told.append(told)
        if any(_means(line, row) for line in export.trusted):
            continue
        if any(line.split()[-1] == row["public"] for line in export.trusted):
            yield f"khóa của {row['owner']} là khóa bạn ghi cho bên khác / is a key you named as somebody else's"
        elif export.trusted:
            export.unvouched.append(told)


def _means(line: str, row: dict[str, Any]) -> bool:
    """A trusted line is 64 hex digits, or names whose they are as well: then nobody passes his key off as theirs."""
    words = line.split()
    return words[-1] == row["public"] and (len(words) == 1 or words[-2] == row["owner"])


def _manifest(export: Export, installation: str) -> Iterator[str]:
    body = export.signed("manifest.json", "evidence", installation)
    if body["format"] != FORMAT:
        yield f"không hiểu dạng {body['format']} / unknown format"
    listed = {row["name"]: row for row in body["members"]}
    for name in sorted({*listed, *export.members} - {"manifest.json"}):
        if name not in listed:
            yield f"{name}: không có trong danh mục / is not listed"
        elif name not in export.members:
            yield f"{name}: thiếu / is missing"
        elif hashlib.sha256(export.members[name]).hexdigest() != listed[name]["sha256"]:
            yield f"{name}: đã bị sửa / was changed"
    export.told.append(f"danh mục do {installation} ký lúc {body['made_at']}, {len(listed)} tệp / list signed")


def _lanes(export: Export, installation: str) -> Iterator[str]:
    index, count = export.read("lanes.json"), 0
    for lane in index["lanes"]:
        sender, receiver = (installation, lane["peer"]) if lane["way"] == "out" else (lane["peer"], installation)
        numbers = [row["no"] for row in lane["messages"]]
        if index["whole"] and numbers != list(range(1, len(numbers) + 1)):
            yield f"{sender} → {receiver}, {lane['thread']}: số thứ tự đứt quãng / numbers have a gap: {numbers}"
        for row in lane["messages"]:
            count += 1
            name = f"{sender} → {receiver}, {lane['thread']}, số {row['no']} ({row['kind']})"
            try:
                _message(export, lane, row, sender, receiver)
            except Wrong as error:
                yield f"{name}: {error}"
            if row["receipt"] is None:
                export.told.append(f"{name}: chưa có biên nhận / not receipted yet ({row['state']})")
    export.told.append(f"{count} thông điệp trong {len(index['lanes'])} luồng / messages, lanes")


def _message(export: Export, lane: dict[str, Any], row: dict[str, Any], sender: str, receiver: str) -> None:
    if row["envelope"] is None:
        if row["receipt"] is not None:
            raise Wrong("biên nhận cho thông điệp không có / a receipt for nothing")
        return
    body = export.signed(row["envelope"], "message", sender)
    told = (body["sender"]["installation"], body["receiver"]["installation"], body["thread"], body["no"],
            body["message"], body["kind"])
    if told != (sender, receiver, lane["thread"], row["no"], row["message"], row["kind"]):
        raise Wrong("thông điệp nói khác mục lục / the message says something else than the list")
    if row["receipt"] is None:
        return
    receipt = export.signed(row["receipt"], "receipt", receiver)
    digest = hashlib.sha256(export.member(row["envelope"])).hexdigest()
    told = (receipt["sender"], receipt["receiver"], receipt["thread"], receipt["no"], receipt["message"],
            receipt["envelope"])
    if told != (receiver, sender, lane["thread"], row["no"], row["message"], digest):
        raise Wrong("biên nhận cho nội dung khác / the receipt is for something else")


def _field(value: Any) -> bytes:
    data = str(value).encode()
    return b"-1:" if value is None else b"%d:%b" % (len(data), data)


def _several(values: list[str]) -> bytes:
    return b"%d;" % len(values) + b"".join(_field(value) for value in values)


def entry_hash(dossier: int, row: dict[str, Any], prev: bytes) -> bytes:
    """Version 1 of the chain: every field with its length before it, then the hash of the entry before."""
    fields = ("at", "actor_id", "actor_name", "unit_id", "unit_name", "action")
    return hashlib.sha256(b"".join([
        _field("1"), _field(dossier), _field(row["seq"]), *(_field(row[name]) for name in fields),
        _several(row["from_states"]), _several(row["to_states"]), _field(row["details"]), prev])).digest()


def _chain(export: Export, installation: str) -> Iterator[str]:
    if "chain.json" not in export.members:
        return
    chain, before = export.read("chain.json"), bytes(32).hex()
    entries = chain["entries"]
    for no, row in enumerate(entries, 1):
        if row["prev"] != before:
            yield f"sổ ghi vết mục {no}: không nối với mục trước / entry does not follow the one before"
        if entry_hash(chain["dossier"], row, bytes.fromhex(row["prev"])).hex() != row["hash"]:
            yield f"sổ ghi vết mục {no}: đã bị sửa / entry was changed"
        # what the entry says itself: nobody accuses those after one that was changed
        before = row["hash"]
    numbers = [row["seq"] for row in entries]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "sổ ghi vết: số thứ tự đứt quãng / the numbers of its entries have a gap"
    if not entries or before != chain["head"]:
        yield "sổ ghi vết: bị cắt ở cuối / the chain is cut at its end"
    export.told.append(f"sổ ghi vết của {chain['code']}: {len(entries)} mục / entries of the chain")


def _anchor(export: Export, installation: str) -> Iterator[str]:
    if "anchors/path.json" not in export.members:
        if "chain.json" in export.members:
            export.told.append("chưa mốc niêm phong nào chứa hồ sơ này; mốc lập mỗi giờ, hãy xuất lại sau / "
                               "no anchor yet that holds this dossier: one is made every hour, export it again later")
        return
    export.anchored = True
    path, chain = export.read("anchors/path.json"), export.read("chain.json")
    body = export.signed(path["anchor"], "anchor", installation)
    found = hashlib.sha256(b"\0%d %d %b" % (path["dossier"], path["seq"], bytes.fromhex(path["head"]))).digest()
    for side, beside in path["path"]:
        pair = bytes.fromhex(beside) + found if side == "left" else found + bytes.fromhex(beside)
        found = hashlib.sha256(b"\1" + pair).digest()
    if found.hex() != body["root"]:
        yield f"mốc {body['no']} không chứa hồ sơ này / the anchor does not contain this dossier"
    entries = chain["entries"]
    if path["dossier"] != chain["dossier"] or not 0 < path["seq"] <= len(entries) or (
            entries[path["seq"] - 1]["hash"] != path["head"]):
        yield f"sổ ghi vết không chứa mục đã niêm phong ở mốc {body['no']} / the chain lacks what was anchored"
    digest = hashlib.sha256(export.member(path["anchor"])).hexdigest()
    for place in path["places"]:
        if place["receipt"] is not None:
            receipt = export.signed(place["receipt"], "receipt", place["place"])
            if (receipt["envelope"], receipt["no"], receipt["receiver"]) != (digest, body["no"], installation):
                yield f"biên nhận mốc của {place['place']} cho nội dung khác / receipt for another anchor"
    export.told.append(f"mốc {body['no']} ({body['at']}) niêm phong đến mục {path['seq']} / anchored up to that entry; "
                       f"lưu tại / kept at: {', '.join(place['place'] for place in path['places']) or '-'}")


HELP = """\
python verify_evidence.py FILE.zip --trust KEY [KEY …]

KEY: khóa bạn đã đối chiếu, là dòng “lienthong peer show-key” in ra hoặc 64 chữ số thập lục phân của nó; ghi đủ khóa của
mọi bên. / a key you compared: the line that “lienthong peer show-key” prints, or its 64 hex digits; name every party's.

Mã kết thúc / exit codes:
0  đúng, và mọi khóa đều là khóa bạn tin; gói chưa có mốc niêm phong thì dòng cuối nói rõ /
   everything holds, and every key is one you trust; where there is no anchor the last line says so
1  không đúng, hoặc không phải gói bằng chứng / does not hold, or is no evidence
2  gọi sai cách: không có tệp đó, khóa không đúng dạng / called wrongly: no such file, a key that is none
3  gói tự nhất quán, nhưng có khóa không ai bảo đảm: không có --trust, hoặc ghi chưa đủ khóa /
   consistent in itself, but nobody vouches for one of the keys: no --trust, or not all of them named
"""
HOLDS, WRONG, MISUSED, NOBODY_VOUCHES = range(4)
# Nothing kept by others was signed over it: the times in it are those its signers wrote.
NO_TIME = ("không có mốc niêm phong nào chứng minh thời điểm", "no anchor proves the time")


def main(arguments: list[str]) -> int:
    """The exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        sys.stdout.write(HELP)
        return HOLDS
    if not arguments or (len(arguments) > 1 and (arguments[1] != "--trust" or not arguments[2:])):
        sys.stdout.write(HELP)
        return MISUSED
    misused = _misused(arguments[0], arguments[2:])
    if misused:
        _say("✗", [misused])
        return MISUSED
    return _judge(findings(arguments[0], arguments[2:]), named=bool(arguments[2:]))


def _misused(path: str, trusted: list[str]) -> str:
    """Before anything is said about what the file holds."""
    for line in trusted:
        if not re.fullmatch(r"(.*\s)?[0-9a-f]{64}\s*", line, re.DOTALL):
            return f"“{line}” không phải là khóa / is no key"
    try:
        with open(path, "rb"):
            return ""
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "?"
        return f"không mở được tệp {path} / cannot be opened: {why}"


def _judge(found: Findings, *, named: bool) -> int:
    _say("·", found.told)
    _say("✗", found.wrong)
    if found.wrong:
        sys.stdout.write("✗ KHÔNG ĐÚNG / DOES NOT HOLD\n")
        return WRONG
    if found.unvouched:
        _say("! không nằm trong các khóa bạn tin / not among the keys you trust:", found.unvouched)
    if found.unvouched or not named:
        _say("!", [] if found.anchored else [" / ".join(NO_TIME)])
        sys.stdout.write("! tự nhất quán, nhưng không ai bảo đảm các khóa: hãy đối chiếu, ghi đủ khóa vào --trust / "
                         "consistent in itself, but nobody vouches for the keys: compare them, name all to --trust\n")
        return NOBODY_VOUCHES
    sys.stdout.write("✓ đúng, bằng các khóa bạn tin / everything holds, by keys you trust\n" if found.anchored else
                     f"✓ đúng trong phạm vi gói này, bằng các khóa bạn tin; nhưng {NO_TIME[0]} / it holds as far as it "
                     f"reaches, by keys you trust; but {NO_TIME[1]}\n")
    return HOLDS


def _say(mark: str, lines: list[str]) -> None:
    """Names of the file are written by whoever made it: none begins a line of its own, or moves the cursor."""
    for line in lines:
        sys.stdout.write(f"{mark} {''.join(one if one.isprintable() else '?' for one in line)}\n")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
