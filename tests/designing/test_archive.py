"""The catalogue as files: what goes out comes in the same; what is hostile or half right changes nothing."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.access import NotAdministrator
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.designing import archive
from engine.designing import drafts as archive_drafts
from engine.designing.archive import Fate, ImportMoved
from engine.designing.packages import LARGEST_UPLOAD, pack
from engine.designing.yaml_writing import data_yaml, declaration_yaml
from engine.errors import LienThongError, NotFound, UnacceptableFile
from engine.office import Office
from procedures.bpmn import export
from procedures.bundle import load_bundles
from procedures.declaration import Text, canonical, load_library, parse
from procedures.reading import read
from tests.casework import publishing
from tests.casework.publishing import COPIES
from tests.casework.racing import together
from tests.conftest import Fresh
from tests.journey import MONDAY, Cast
from tests.migrating.versions import publish

TODAY = MONDAY.astimezone(ZONE).date()
LIBRARY = load_library()
REHEARSAL: dict[str, Any] = {"procedure": "test_copies", "name": "Một",
                             "scenario": {"name": "Một", "received": "2026-11-23T09:00:00+07:00"}}
ADMINISTRATORS = "H51.01/kiem-soat-thu-tuc:administrator"


@pytest.fixture
def writer(cast: Cast) -> Actor:
    return cast[ADMINISTRATORS]


def drafts(office: Office) -> list[tuple[str, str]]:
    with office.db.connection() as connection:
        return connection.execute("select procedure, content from procedure_draft order by id").fetchall()


def test_every_declaration_of_the_library_is_written_as_it_is_read() -> None:
    for key, declaration in LIBRARY.items():
        assert canonical(parse(declaration_yaml(declaration), f"{key}.yaml")) == canonical(declaration)


WORDS = st.none() | st.booleans() | st.integers(-10**17, 10**17) | st.text(max_size=30)
DATA = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner,
                                                                                      max_size=4), max_leaves=12)


@given(st.dictionaries(st.text(max_size=9), DATA, min_size=1, max_size=4))
def test_whatever_data_a_draft_has_is_written_as_it_is_read(data: dict[str, Any]) -> None:
    assert read(data_yaml(data), "draft.yaml").data == data


def test_the_whole_catalogue_goes_out_and_comes_in_the_same(office: Office, writer: Actor) -> None:
    packed = archive.exported(office, writer, None, MONDAY, TODAY)
    assert packed == archive.exported(office, writer, None, MONDAY, TODAY)
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert {name for name in opened.namelist() if "/" not in name} == {f"{key}.yaml" for key in LIBRARY}
        for key, declaration in LIBRARY.items():
            assert canonical(parse(opened.read(f"{key}.yaml").decode(), key)) == canonical(declaration)
    preview = archive.upload(office, writer, "tat-ca.zip", packed, MONDAY)
    assert {item.fate for item in preview.items} == {Fate.SAME}, "bundles too: nothing of our own file is refused"
    assert {item.key for item in preview.items} > set(LIBRARY)
    assert archive.take_over(office, writer, preview.seal, MONDAY) == []


def test_what_was_published_before_is_told_so_and_not_offered(office: Office, fresh: Fresh, writer: Actor) -> None:
    first = parse(COPIES, "copies.yaml")
    publishing.publish(fresh.owner_url)
    renamed = first.name.model_copy(update={"vi": "Chứng thực bản sao mới"})
    publish(fresh, first.model_copy(update={"version": 2, "name": renamed}), TODAY + timedelta(days=30))
    preview = archive.upload(office, writer, "copies.yaml", COPIES.encode(), MONDAY)
    assert [item.fate for item in preview.items] == [Fate.OLDER]
    assert archive.take_over(office, writer, preview.seal, MONDAY) == []


def test_a_bundle_that_differs_is_refused_in_words(office: Office, writer: Actor) -> None:
    changed = next(iter(load_bundles().values())).model_copy(update={"name": Text(vi="Khác", en="Another")})
    packed = pack({"bundles/a.yaml": data_yaml(json.loads(canonical(changed)))})
    preview = archive.upload(office, writer, "a.zip", packed, MONDAY)
    assert preview.items[0].fate is Fate.REFUSED
    assert "khác bản đang áp dụng" in preview.items[0].faults[0].vi


def test_what_is_chosen_goes_out_and_nothing_else(office: Office, writer: Actor) -> None:
    packed = archive.exported(office, writer, ["birth_registration"], MONDAY, TODAY)
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert opened.namelist() == ["birth_registration.yaml"]
    with pytest.raises(NotFound):
        archive.exported(office, writer, ["birth_registration", "../etc"], MONDAY, TODAY)


def test_an_import_shows_what_it_would_do_and_makes_drafts_only(office: Office, writer: Actor) -> None:
    changed = declaration_yaml(LIBRARY["birth_registration"]).replace("Đăng ký khai sinh", "Đăng ký khai sinh mới", 1)
    packed = pack({"birth_registration.yaml": changed, "copies.yaml": COPIES,
                   "funeral_allowance.yaml": declaration_yaml(LIBRARY["funeral_allowance"]),
                   "scenarios/one.json": json.dumps(REHEARSAL)})
    revision = office.db.value("select number from revision")
    preview = archive.upload(office, writer, "hai.zip", packed, MONDAY)
    fates = {item.file: item.fate for item in preview.items}
    assert fates == {"birth_registration.yaml": Fate.CHANGED, "copies.yaml": Fate.NEW,
                     "funeral_allowance.yaml": Fate.SAME, "scenarios/one.json": Fate.NEW}
    told = [one.text.vi for item in preview.items for one in item.differences]
    assert told == ["Tên đổi từ “Đăng ký khai sinh” thành “Đăng ký khai sinh mới”."]
    assert drafts(office) == [], "looking changes nothing"
    with pytest.raises(ImportMoved):
        archive.take_over(office, writer, "another", MONDAY)
    made = archive.take_over(office, writer, preview.seal, MONDAY)
    assert len(made) == 2
    assert [key for key, _ in drafts(office)] == ["birth_registration", "test_copies"]
    assert json.loads(drafts(office)[0][1])["version"] == LIBRARY["birth_registration"].version + 1
    assert office.db.value("select name from scenario where procedure = 'test_copies'") == "Một"
    assert office.db.value("select number from revision") == revision, "nothing went live"
    assert archive.waiting(office, writer, MONDAY) is None
    with pytest.raises(ImportMoved):
        archive.take_over(office, writer, preview.seal, MONDAY)
    assert office.db.value("select details->>'scenarios' from event_log where kind = 'procedures_imported'") == "1"


def test_a_file_with_faults_is_refused_with_its_lines_while_others_are_taken(office: Office, writer: Actor) -> None:
    broken = COPIES.replace("role: officer", "role: cook", 1)
    twice = COPIES.replace("sets: 1", "") + "version: 2\n"
    packed = pack({"a.yaml": broken, "b.yaml": twice, "c.yaml": COPIES, "d.yaml": COPIES, "e.exe.json": "MZ",
                   "bundles/x.yaml": "bundle: x", "f.json": "{}",
                   "g.json": json.dumps({**REHEARSAL, "scenario": {"a": 1}})})
    preview = archive.upload(office, writer, "x.zip", packed, MONDAY)
    refused = {item.file: item.faults for item in preview.items if item.fate is Fate.REFUSED}
    assert set(refused) == {"a.yaml", "b.yaml", "d.yaml", "e.exe.json", "bundles/x.yaml", "f.json",
                            "g.json"}
    assert refused["a.yaml"][0].line == broken[: broken.index("cook")].count("\n") + 1
    assert "khóa lặp lại" in refused["b.yaml"][0].vi
    assert "hai lần" in refused["d.yaml"][0].vi
    assert len(archive.take_over(office, writer, preview.seal, MONDAY)) == 1


def zipped(fill: Callable[[zipfile.ZipFile], None]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        fill(opened)
    return made.getvalue()


def named(name: str) -> bytes:
    return zipped(lambda opened: opened.writestr(zipfile.ZipInfo(name), COPIES))


def link() -> bytes:
    entry = zipfile.ZipInfo("copies.yaml")
    entry.external_attr = 0o120777 << 16
    return zipped(lambda opened: opened.writestr(entry, "/etc/passwd"))


def locked() -> bytes:
    plain = bytearray(named("copies.yaml"))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        plain[plain.index(mark) + at] |= 1
    return bytes(plain)


def understated() -> bytes:
    """The directory says ten bytes, the entry holds more."""
    plain = bytearray(named("copies.yaml"))
    at = plain.index(b"PK\x01\x02") + 24
    plain[at:at + 4] = (10).to_bytes(4, "little")
    return bytes(plain)


HOSTILE = {
    "climbing": named("../copies.yaml"), "absolute": named("/etc/copies.yaml"), "windows": named("C:\\copies.yaml"),
    "backslash": named("..\\copies.yaml"), "inside": named("a/../../copies.yaml"), "link": link(), "locked": locked(),
    "bomb": zipped(lambda opened: opened.writestr("copies.yaml", "a: " + "b" * 900_000)),
    "huge": zipped(lambda opened: [opened.writestr(f"{at}.yaml", " " * 1_000_000) for at in range(70)] and None),
    "many": zipped(lambda opened: [opened.writestr(f"{at}.yaml", "") for at in range(3001)] and None),
    "cut": named("copies.yaml")[:-40], "nonsense": b"PK\x03\x04 nonsense", "understated": understated(),
    "twice": zipped(lambda opened: [opened.writestr(name, COPIES) for name in ("a.yaml", "A.yaml")] and None),
    "empty": b"", "large": b"0" * (LARGEST_UPLOAD + 1), "control": named("a\x1b.yaml"),
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_a_hostile_archive_is_refused_in_words_and_leaves_nothing(office: Office, writer: Actor, kind: str) -> None:
    with pytest.raises(UnacceptableFile) as refused:
        archive.upload(office, writer, f"{kind}.zip", HOSTILE[kind], MONDAY)
    assert refused.value.message("vi") != refused.value.message("en")
    assert archive.waiting(office, writer, MONDAY) is None
    assert drafts(office) == []


BAD_FILES = {
    "laughs.yaml": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "deep.yaml": "[" * 5000,
    "twice.yaml": "procedure: a\nprocedure: b\n", "tag.yaml": "a: !!python/object/apply:os.system [ls]\n",
    "bytes.yaml": b"\xff\xfe\x00", "long.yaml": "a: " + "x " * 70_000, "list.yaml": "- a\n", "nothing.yaml": "\n",
}


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_hostile_file_is_refused_in_words(office: Office, writer: Actor, name: str) -> None:
    content = BAD_FILES[name]
    preview = archive.upload(office, writer, name, content if isinstance(content, bytes) else content.encode(), MONDAY)
    item, = preview.items
    assert item.fate is Fate.REFUSED
    assert item.faults[0].vi != item.faults[0].en
    assert archive.take_over(office, writer, preview.seal, MONDAY) == []


ODD: dict[str, dict[str, Any]] = {
    "half a letter in the name": {"name": "Một \ud800"},
    "half a letter in a fact": {"scenario": {"facts": {"topic": "\ud800"}}},
    "an endless number": {"scenario": {"facts": {"guests": 10**400}}},
    "a number no database has": {"scenario": {"facts": {"guests": 10**30}}},
    "nothing where a letter is": {"name": "Một\x00"},
    "the first year": {"scenario": {"received": "0001-01-01T00:00:00+00:00"}},
    "the last year": {"scenario": {"received": "9999-12-31T23:59:59+00:00"}},
    "a step before time began": {"scenario": {"steps": [{"does": "wait", "at": "0001-01-01T00:00:00+14:00"}]}},
}


@pytest.mark.parametrize("what", sorted(ODD))
def test_an_odd_rehearsal_is_refused_in_words_while_another_is_taken(office: Office, writer: Actor, what: str) -> None:
    odd = {**REHEARSAL, **ODD[what], "scenario": {**REHEARSAL["scenario"], **ODD[what].get("scenario", {})}}
    preview = archive.upload(office, writer, "a.zip", pack({"a.json": json.dumps(odd), "b.yaml": COPIES}), MONDAY)
    assert {item.file: item.fate for item in preview.items} == {"a.json": Fate.REFUSED, "b.yaml": Fate.NEW}
    fault, = preview.items[0].faults
    assert fault.vi != fault.en
    assert len(archive.take_over(office, writer, preview.seal, MONDAY)) == 1


def test_other_files_are_not_taken(office: Office, writer: Actor) -> None:
    for name in ("copies.exe", "copies", "yaml", "copies.yaml.pdf"):
        with pytest.raises(UnacceptableFile):
            archive.upload(office, writer, name, COPIES.encode(), MONDAY)


def test_only_administrators_import_and_strangers_see_nothing(office: Office, cast: Cast) -> None:
    head, desk = cast["H51.03/chuyen-mon:head"], cast["H51.02/tiep-nhan:receptionist"]
    for act in (lambda: archive.upload(office, head, "a.yaml", b"a", MONDAY), lambda: archive.waiting(
            office, head, MONDAY), lambda: archive.take_over(office, head, "", MONDAY)):
        with pytest.raises(NotAdministrator):
            act()
    assert archive.exported(office, head, ["birth_registration"], MONDAY, TODAY)
    with pytest.raises(LienThongError):
        archive.exported(office, desk, None, MONDAY, TODAY)


def test_a_file_that_is_taken_over_twice_at_once_makes_its_drafts_once(office: Office, writer: Actor) -> None:
    preview = archive.upload(office, writer, "copies.yaml", COPIES.encode(), MONDAY)
    found = together(*[lambda: archive.take_over(office, writer, preview.seal, MONDAY)] * 4)
    assert [type(one) for one in found].count(ImportMoved) == 3
    assert len(drafts(office)) == 1


def test_a_failure_in_the_middle_takes_over_nothing(office: Office, fresh: Fresh, writer: Actor) -> None:
    packed = pack({"copies.yaml": COPIES, "scenarios/a.json": json.dumps(REHEARSAL)})
    preview = archive.upload(office, writer, "a.zip", packed, MONDAY)
    with psycopg.connect(fresh.owner_url, autocommit=True) as owner:
        owner.execute("revoke insert on scenario from lienthong_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        archive.take_over(office, writer, preview.seal, MONDAY)
    assert drafts(office) == []
    assert archive.waiting(office, writer, MONDAY) is not None, "the file is still there to be taken over"


def test_a_drawing_becomes_a_draft_and_says_what_was_not_taken_over(office: Office, writer: Actor) -> None:
    drawn = export(LIBRARY["conference_permit_local"]).decode()
    strange = drawn.replace("conference_permit_local", "another_permit")
    preview = archive.upload(office, writer, "ve.bpmn", strange.encode(), MONDAY)
    item, = preview.items
    assert (item.fate, item.key) == (Fate.NEW, "another_permit")
    assert item.taken
    made, = archive.take_over(office, writer, preview.seal, MONDAY)
    draft = archive_drafts.open_for(office, writer, made, MONDAY)
    assert set(draft.data["machine"]["processing"]) == set(LIBRARY["conference_permit_local"].machine.processing)
    assert draft.row.report is not None
    assert len(draft.row.report["imported"]["taken"]) == len(item.taken)

    def rename(data: dict[str, Any]) -> str:
        data["name"]["en"] = "Another permit"
        return "name"

    changed = archive_drafts.change(office, writer, made, draft.version, archive_drafts.Edit(
        rename, Text(vi="Sửa", en="Changed")), MONDAY)
    assert changed.row.report == draft.row.report, "what is still to be done is not forgotten with the first change"
    again = archive.upload(office, writer, "ve.bpmn", drawn.encode(), MONDAY)
    assert again.items[0].fate in (Fate.SAME, Fate.CHANGED)
    assert again.items[0].base is not None


@pytest.mark.parametrize("content", [
    b"not xml", b"", b"<a/>", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', b"\xff\xfe\x00"])
def test_a_drawing_that_cannot_be_read_is_refused(office: Office, writer: Actor, content: bytes) -> None:
    if not content:
        with pytest.raises(UnacceptableFile):
            archive.upload(office, writer, "ve.bpmn", content, MONDAY)
        return
    preview = archive.upload(office, writer, "ve.bpmn", content, MONDAY)
    assert [item.fate for item in preview.items] == [Fate.REFUSED]
    assert "line " not in preview.items[0].faults[0].vi, "no words of a library inside Vietnamese ones"
    assert archive.take_over(office, writer, preview.seal, MONDAY) == []
