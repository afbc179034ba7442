"""Other installations: entered by one administrator, approved by a second, with keys handed over outside the line."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from engine import access
from engine.casework.orders import Actor
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.exchange.envelope import Malformed, Name, Part, Short
from engine.exchange.keys import PublicKey, from_string, key_id
from engine.office import Office
from engine.settings import settings
from storage import peers as rows
from storage.peers import AtWork, Deed, KeyRow, PeerRow, Proposed
from storage.session import Database
from storage.tables.exchange import PeerState


class NotAdministrator(Forbidden):
    code = "not_administrator_of_peers"
    vi = "Chỉ người giữ vai trò quản trị được thay đổi việc kết nối với hệ thống và cơ quan khác."
    en = "Only administrators may change how other installations and agencies are reached."


class SecondPersonNeeded(Forbidden):
    code = "second_person_needed"
    vi = "Người khai báo không được tự phê duyệt. Cần một quản trị khác đối chiếu khóa rồi phê duyệt."
    en = "Whoever entered it may not approve it. Another administrator must compare the key and approve."


class KnownAlready(Conflict):
    code = "peer_known"
    vi = "Hệ thống “{name}” hoặc khóa này đã được khai báo."
    en = "The installation “{name}”, or this key, is entered already."


class NotInThisState(Conflict):
    code = "peer_state"
    vi = "Hệ thống hoặc khóa không ở trạng thái cho phép việc này."
    en = "The state of the installation or key does not allow this."


class WorkOpenHere(Conflict):
    code = "work_open_here"
    vi = "Cơ quan {agency} còn {count} việc chưa xong ở đây. Hãy giải quyết xong rồi mới chuyển sang hệ thống khác."
    en = "{count} pieces of work are open at agency {agency} here. Finish them before it moves elsewhere."


class _Entry(Part):
    name: Name
    title: Short


@dataclass(frozen=True, slots=True)
class Desk:
    """Who does something about peers, and when. Raises NotAdministrator on every use by anybody else.

    `account`: of the operating system, for what is done at the command line in somebody's name.
    """

    office: Office
    by: Actor
    now: datetime
    account: str = ""

    def login(self) -> str:
        if not access.may_write(self.office, self.by, self.now):
            raise NotAdministrator
        return rows.login_of(self.office.db, self.by.id)

    def deed(self, kind: str, **details: Any) -> Deed:
        known = {"account": self.account} if self.account else {}
        return Deed(kind=kind, actor=self.by.id, at=self.now, details={**details, **known})


def key_of(db: Database) -> Callable[[str], PublicKey | None]:
    """Looks a peer's approved key up, each time anew: what was revoked a moment ago counts."""
    def look(wanted: str) -> PublicKey | None:
        found = rows.key(db, wanted)
        return None if found is None or found.approved_at is None else public_key(found)
    return look


def public_key(row: KeyRow) -> PublicKey:
    return PublicKey(key_id=row.key_id, public=bytes(row.public), owner=row.name, peer_id=row.peer_id,
                     active=row.state == PeerState.ACTIVE, revoked_at=row.revoked_at)


def known(db: Database, name: str) -> PeerRow:
    """Raises NotFound."""
    found = rows.peer(db, name)
    if found is None:
        raise NotFound(what=f"hệ thống “{name}”", what_en=f"installation “{name}”")
    return found


def propose(desk: Desk, name: str, title: str, url: str, key: str) -> str:
    """The key's id. Nothing is sent to or taken from it before somebody else approved.

    `key`: the line that `show-key` prints there. Raises Invalid, NoKey, KnownAlready.
    """
    login = desk.login()
    _check_entry(desk.office, name, title, url)
    public = from_string(key, name)
    wanted = Proposed(name=name, title=title.strip(), url=url.rstrip("/"), key_id=key_id(public), public=public,
                      login=login)
    told = desk.deed("peer_proposed", peer=name, url=wanted.url, key=wanted.key_id)
    if not rows.propose(desk.office.db, wanted, told):
        raise KnownAlready(name=name)
    return wanted.key_id


def approve(desk: Desk, name: str) -> None:
    """By somebody who did not enter it, and has compared the key. Raises SecondPersonNeeded, NotInThisState."""
    login, peer = desk.login(), known(desk.office.db, name)
    if peer.state == PeerState.PROPOSED and peer.proposed_by == login:
        raise SecondPersonNeeded
    if not rows.approve(desk.office.db, peer.id, login, desk.deed("peer_approved", peer=name)):
        raise NotInThisState


def add_key(desk: Desk, name: str, key: str) -> str:
    """A further key of a peer, for instance the one it will change to; counts once approved."""
    login, peer, public = desk.login(), known(desk.office.db, name), from_string(key, name)
    # whoever approves the peer compared one key: no second one comes with it
    if peer.state not in (PeerState.ACTIVE, PeerState.SUSPENDED):
        raise NotInThisState
    wanted = Proposed(name=name, title=peer.title, url=peer.url, key_id=key_id(public), public=public, login=login)
    if not rows.add_key(desk.office.db, peer.id, wanted,
                        desk.deed("peer_key_proposed", peer=name, key=wanted.key_id)):
        raise KnownAlready(name=name)
    return wanted.key_id


def approve_key(desk: Desk, key: str) -> None:
    login, found = desk.login(), _known_key(desk.office.db, key)
    if found.proposed_by == login:
        raise SecondPersonNeeded
    if not rows.approve_key(desk.office.db, key, login, desk.deed("peer_key_approved", peer=found.name, key=key)):
        raise NotInThisState


def revoke_key(desk: Desk, key: str) -> None:
    """By one person alone, and at once: a stolen key does not wait for a second."""
    login, found = desk.login(), _known_key(desk.office.db, key)
    if not rows.revoke_key(desk.office.db, key, login, desk.deed("peer_key_revoked", peer=found.name, key=key)):
        raise NotInThisState


def suspend(desk: Desk, name: str) -> None:
    _move(desk, name, (PeerState.ACTIVE,), PeerState.SUSPENDED)


def resume(desk: Desk, name: str) -> None:
    _move(desk, name, (PeerState.SUSPENDED,), PeerState.ACTIVE)


def end(desk: Desk, name: str) -> None:
    """For ever; its keys still verify what they signed."""
    _move(desk, name, (PeerState.PROPOSED, PeerState.ACTIVE, PeerState.SUSPENDED), PeerState.ENDED)


def host(desk: Desk, agency: str, name: str) -> None:
    """From now on what is for this agency goes to that peer; with an empty name it works here again."""
    desk.login()
    peer = known(desk.office.db, name) if name else None
    if peer is not None and peer.state != PeerState.ACTIVE:
        raise NotInThisState
    told = desk.deed("agency_hosted", agency=agency, peer=name)
    try:
        done = rows.host(desk.office.db, agency, peer.id if peer else None, told)
    except AtWork as left:
        raise WorkOpenHere(agency=agency, count=left.count) from None
    if not done:
        raise NotFound(what=f"cơ quan {agency}", what_en=f"agency {agency}")
    desk.office.fresh_catalogue()


def take_directory(desk: Desk, peer: PeerRow, body: dict[str, Any]) -> int:
    """Enters the agencies and units a peer's directory names; those that work here or elsewhere stay as they are.

    `body`: unsealed by a key of this peer, type `directory`. Returns how many agencies it names. Raises Malformed.
    """
    desk.login()
    if body["installation"] != peer.name:
        raise Malformed(why=f"installation: this is not the directory of {peer.name}")
    agencies = [{"code": agency["code"], "name_vi": agency["name"]["vi"], "name_en": agency["name"]["en"],
                 "level": agency["level"]} for agency in body["agencies"]]
    units = [{"agency": agency["code"], "key": unit["key"], "name_vi": unit["name"]["vi"],
              "name_en": unit["name"]["en"]} for agency in body["agencies"] for unit in agency["units"]]
    if len({row["code"] for row in agencies}) != len(agencies):
        raise Malformed(why="agencies: a code is named twice")
    if len({(row["agency"], row["key"]) for row in units}) != len(units):
        raise Malformed(why="agencies: a unit is named twice")
    rows.note_outside(desk.office.db, peer.id, agencies, units, desk.deed(
        "peer_directory_taken", peer=peer.name, agencies=[row["code"] for row in agencies]))
    desk.office.fresh_catalogue()
    return len(agencies)


def _known_key(db: Database, key: str) -> KeyRow:
    found = rows.key(db, key)
    if found is None:
        raise NotFound(what=f"khóa {key}", what_en=f"key {key}")
    return found


def _move(desk: Desk, name: str, was: tuple[PeerState, ...], becomes: PeerState) -> None:
    desk.login()
    peer = known(desk.office.db, name)
    if not rows.move(desk.office.db, peer.id, was, becomes, desk.deed(f"peer_{becomes}", peer=name)):
        raise NotInThisState


def _check_entry(office: Office, name: str, title: str, url: str) -> None:
    faults: dict[str, tuple[str, str]] = {}
    try:
        _Entry(name=name, title=title.strip())
    except ValidationError as error:
        if any(found["loc"] == ("name",) for found in error.errors()):
            faults["name"] = ("Tên gồm 1 đến 40 chữ thường không dấu, số hoặc “-”.",
                              "A name is 1 to 40 lower-case letters, digits or “-”.")
        if any(found["loc"] == ("title",) for found in error.errors()):
            faults["title"] = ("Ghi tên gọi đầy đủ, nhiều nhất 200 ký tự.",
                               "Give its full name, at most 200 characters.")
    if name == office.name:
        faults["name"] = ("Đó là tên của chính hệ thống này.", "That is the name of this installation itself.")
    if not sound_address(url, inside=settings().peers_inside):
        faults["url"] = ("Địa chỉ phải có dạng https://máy[:cổng][/đường-dẫn], không trỏ vào mạng nội bộ (được phép "
                         "khi đặt LIENTHONG_PEERS_INSIDE=true, cả với http).",
                         "The address must look like https://host[:port][/path] and not point into our own network "
                         "(LIENTHONG_PEERS_INSIDE=true allows that, and http).")
    if faults:
        raise Invalid(faults)


def sound_address(url: str, *, inside: bool) -> bool:
    """What can be seen of it before it is resolved; the client looks again at every address it connects to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username or parts.password or parts.query or parts.fragment or not host or port == 0:
        return False
    if inside:
        return parts.scheme in ("http", "https")
    try:
        public = ipaddress.ip_address(host).is_global
    except ValueError:
        public = "." in host and not host.endswith((".local", ".localhost", ".internal"))
    return parts.scheme == "https" and public

