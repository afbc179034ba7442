"""Fills an empty database with a province: agencies, units, people, bindings and the published library.

Run with the owner's role, after the migrations; running it again adds only what is missing.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select, update

from engine import passwords
from engine.workcalendars import SHARED
from procedures import province
from procedures.bundle import Bundle, load_bundles
from procedures.calendars import library as calendars
from procedures.declaration import LIBRARY, Declaration, canonical, content_hash, load, load_library
from procedures.province import Province
from storage.session import objects
from storage.tables.catalogue import BundleVersion, Procedure, ProcedureVersion, Revision
from storage.tables.organisation import Agency, Binding, Membership, Person, Unit
from storage.tables.time import CalendarVersion

# The demonstration's accounts all have this password; a real installation creates its own people.
DEMO_PASSWORD = "lien-thong-2026"
SINCE = date(2021, 1, 1)
# What dossiers that another installation masters go by.
BUILT_IN = load(LIBRARY.parent / "exchange" / "task.yaml")
SAMPLE = "Dữ liệu mẫu"  # in place of the number of a decision
# One of each, in the order a dossier meets them; everybody else is in people.yaml.
DEMO_ACCOUNTS = (
    ("Tiếp nhận, Trung tâm / reception, centre", "han.ltn"),
    ("Chuyên viên, Phòng Ngoại vụ / officer", "thai.tq"),
    ("Chuyên viên, người thay / officer, substitute", "my.ktd"),
    ("Trưởng phòng, giao việc, ký nháy / head of the unit", "tung.mt"),
    ("Công an tỉnh, được hỏi ý kiến / consulted", "thinh.hd"),
    ("Chuyên viên, Sở Ngoại vụ, được hỏi ý kiến / consulted", "khoa.pa"),
    ("Chuyên viên, Sở Nông nghiệp và Môi trường / consulted", "oanh.lh"),
    ("Chánh Văn phòng, xem xét / head", "nghia.hh"),
    ("Phó Chủ tịch, ký (khóa thử nghiệm) / signer, test key", "loc.dv"),
    ("Văn thư, lấy số, ký của cơ quan / clerk, numbers and seals", "vy.nt"),
    ("Trả kết quả / returner", "thoa.ttk"),
    ("Giao nhận / courier", "tai.tv"),
    ("Một cửa phường / ward desk", "giau.ntn"),
    ("Giám đốc Trung tâm / manager", "bao.pq"),
    ("Quản trị thủ tục, soạn / administrator, defines", "nhut.hm"),
    ("Quản trị thủ tục, duyệt / administrator, approves", "anh.cn"),
    ("Kiểm soát viên / auditor", "phuong.ttl"),
)


def demo_accounts(name: str) -> list[tuple[str, str]]:
    """Who may sign in, and as what: a choice where the province has everybody in it, else all its people."""
    people = province.load(name).people
    if all(login in people for _, login in DEMO_ACCOUNTS):
        return list(DEMO_ACCOUNTS)
    return [(f"{person.title.vi} / {person.title.en}", login) for login, person in people.items()]


def seed(owner_url: str, name: str, password: str = DEMO_PASSWORD) -> None:
    """`name` is a folder of procedures/provinces."""
    found = province.load(name)
    with objects(owner_url) as session:
        changed = _organisation(session, found, password) | _calendar(session)
        library = load_library()
        changed |= _library(session, library)
        changed |= _library(session, {BUILT_IN.procedure: BUILT_IN}, state="retired")
        changed |= _bundles(session, load_bundles(known=library))
        if changed:
            session.exec(update(Revision).values(number=col(Revision.number) + 1))


def _organisation(session: Session, found: Province, password: str) -> bool:
    if session.exec(select(Agency)).first() is not None:
        return False
    units: dict[str, Unit] = {}
    for code, agency in found.agencies.items():
        session.add(Agency(code=code, name_vi=agency.name.vi, name_en=agency.name.en, level=agency.level,
                           receives=agency.receives, parent=agency.parent))
        session.flush()
        for key, unit in agency.units.items():
            units[f"{code}/{key}"] = Unit(agency=code, key=key, name_vi=unit.name.vi, name_en=unit.name.en)
    session.add_all(units.values())
    session.flush()
    _people(session, found, units, passwords.hashed(password))
    session.add_all(Binding(party=bound.party, receiving_agency=bound.receiving, unit_id=_id(units[bound.unit]),
                            valid_from=SINCE) for bound in found.bindings)
    return True


def _id(row: Unit | Person) -> int:
    assert row.id is not None, "flushed before it is referred to"
    return row.id


def _people(session: Session, found: Province, units: dict[str, Unit], password_hash: str) -> None:
    for login, person in found.people.items():
        row = Person(login=login, name=person.name, password_hash=password_hash)
        session.add(row)
        session.flush()
        session.add_all(Membership(person_id=_id(row), unit_id=_id(units[held.unit]), role=held.role, valid_from=SINCE)
                        for held in person.memberships)


def _calendar(session: Session) -> bool:
    """The calendar all agencies share, once: from then on administrators keep it."""
    if session.exec(select(CalendarVersion)).first() is not None:
        return False
    content = calendars.national().model_dump_json()
    session.add(CalendarVersion(scope=SHARED, number=1, content=content, reason=calendars.ORIGIN,
                                sha256=hashlib.sha256(content.encode()).hexdigest(), entered_at=datetime.now(UTC)))
    return True


def _library(session: Session, library: dict[str, Declaration], state: str = "published") -> bool:
    """Publishes what is not published yet. A published version is never touched again. `state`: retired for what is
    received at no desk."""
    changed = False
    for key, declaration in library.items():
        if session.get(Procedure, key) is None:
            session.add(Procedure(key=key))
            session.flush()
        known = session.exec(select(ProcedureVersion).where(
            ProcedureVersion.procedure == key, ProcedureVersion.number == declaration.version)).first()
        if known is None:
            session.add(ProcedureVersion(
                procedure=key, number=declaration.version, content=canonical(declaration).decode(),
                sha256=content_hash(declaration), state=state, valid_from=SINCE, decision_no=SAMPLE,
                published_at=datetime.now(UTC)))
            changed = True
    return changed


def _bundles(session: Session, library: dict[str, Bundle]) -> bool:
    """As with procedures: what is not there yet is published, nothing is touched again."""
    changed = False
    for key, bundle in library.items():
        known = session.exec(select(BundleVersion).where(
            BundleVersion.bundle == key, BundleVersion.number == bundle.version)).first()
        if known is None:
            session.add(BundleVersion(
                bundle=key, number=bundle.version, content=canonical(bundle).decode(), sha256=content_hash(bundle),
                state="published", valid_from=SINCE, decision_no=SAMPLE, published_at=datetime.now(UTC)))
            changed = True
    return changed
