"""Form 07: a line a dossier that was received, numbered through, and nobody else's to read."""

from __future__ import annotations

import time
from datetime import date

import psycopg
import pytest

from engine.errors import Invalid, NotFound
from engine.printing import book, forms
from engine.printing.book import Asked
from engine.verification import verify
from tests.bundles.folder import open_folder
from tests.casework.walking import FUNERAL
from tests.conftest import Fresh
from tests.journey import Journey
from tests.printing import pdfa
from tests.printing.conftest import Look, Start, text_of

DESK = "H51.02/tiep-nhan:receptionist"
COMMUNE = "H51.21/mot-cua"
ASKED = Asked(agency="H51.02", year=2026)
TAMPERS = True


def test_every_reception_has_its_line_numbered_by_desk(start: Start) -> None:
    first, refused, second = start(), start(accept=False), start()
    refused.step("refuse", reason="Không thuộc thẩm quyền")
    late = start(accept=False)
    other = start("funeral_allowance", desk=COMMUNE, facts=FUNERAL)
    late.step("accept")

    rows = first.rows("select b.agency, b.year, b.no, d.code from book_entry b join dossier d on d.id = b.dossier_id "
                      "order by b.agency, b.no")

    assert [(row["agency"], row["year"], row["no"], row["code"]) for row in rows] == [
        ("H51.02", 2026, 1, first.code), ("H51.02", 2026, 2, second.code), ("H51.02", 2026, 3, late.code),
        ("H51.21", 2026, 1, other.code)]


def test_parts_of_a_bundle_are_written_when_they_are_received_and_form_05_says_which_bundle_stopped(
        journey: Journey, look: Look) -> None:
    folder = open_folder(journey, "birth", channel="online")
    rows = {part: walk.of("book_entry") for part, walk in folder.walks.items()}
    assert [len(rows[part]) for part in ("registration", "residence")] == [1, 0]
    folder["registration"].go_to("returning")
    assert len(folder["residence"].of("book_entry")) == 1

    folder.reject("residence")

    card = folder["identity_card"]
    assert card.of("book_entry") == []
    desk = card.member(card.dossier["intake_unit_id"], "receptionist")
    paper = forms.form(card.office, card.code, 5, desk, card.now)
    look(paper.pdf, "form-05-bundle")
    assert f"phần khác của hồ sơ liên thông {folder.code} đã dừng" in text_of(paper.pdf)
    assert "Hệ thống" not in text_of(paper.pdf)


def test_the_book_tells_the_whole_way(start: Start, look: Look) -> None:
    returned = start().go_to("returning")
    returned.step("return_at_counter", recipient="Kim Sa Rinh")
    stopped = start().go_to("examining")
    stopped.do("stop", stopped.cast["H51.01/ngoai-vu:head"], reason="Người tổ chức không còn")
    actor = returned.cast[DESK]

    found = book.shown(returned.office, None, actor, returned.now)
    paper = book.pdf(returned.office, ASKED, actor, returned.now)

    look(paper.pdf, "form-07")
    assert pdfa.faults(paper.pdf) == []
    assert [row.no for row in found.rows] == [1, 2]
    assert "Kim Sa Rinh" in found.rows[0].cells[9]
    assert "Văn phòng Ủy ban nhân dân tỉnh" in found.rows[0].cells[4]
    assert found.rows[1].cells[9:] == ["", "dừng giải quyết"]
    text = text_of(paper.pdf)
    assert all(words in text for words in ("SỔ THEO DÕI HỒ SƠ NĂM 2026", "Kim Sa Rinh", "dừng giải quyết"))


def test_days_are_chosen_and_wrong_ones_said(start: Start) -> None:
    walk = start()
    actor = walk.cast[DESK]

    def count(first: date, last: date) -> int:
        return book.shown(walk.office, Asked(agency="H51.02", year=2026, first=first, last=last), actor, walk.now).count

    assert count(date(2026, 11, 23), date(2026, 11, 23)) == 1
    assert count(date(2026, 11, 24), date(2026, 12, 31)) == 0
    with pytest.raises(Invalid):
        count(date(2026, 12, 1), date(2026, 11, 1))


def test_the_book_is_the_desks_and_the_auditors(start: Start) -> None:
    walk = start()
    for stranger in ("H51.01/ngoai-vu:officer", f"{COMMUNE}:receptionist"):
        with pytest.raises(NotFound):
            book.pdf(walk.office, ASKED, walk.cast[stranger], walk.now)
    auditor = next(member for member in walk.cast.members if member.role == "auditor")
    assert book.pdf(walk.office, ASKED, walk.member(auditor.unit_id, "auditor"), walk.now).pdf.startswith(b"%PDF")
    logged = walk.rows("select actor_id, details->>'lines' as lines from event_log where kind = 'book_printed'")
    assert logged == [{"actor_id": auditor.id, "lines": "1"}]


@pytest.mark.parametrize(("change", "named"), [
    ("delete from book_entry where no = 1", "numbered 2 to 2"),
    ("delete from book_entry where no = 2", "received, and not in the book"),
    ("update book_entry set year = 2025 where no = 2", "its line is not as it was received"),
])
def test_a_line_taken_out_is_found(start: Start, fresh: Fresh, change: str, named: str) -> None:
    walk, _ = start(), start()
    assert [fault for fault in verify(walk.office).faults if fault.startswith("book")] == []
    with psycopg.connect(fresh.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(change.encode())
    assert any(named in fault for fault in verify(walk.office).faults)


def test_nobody_changes_a_line(start: Start, fresh: Fresh) -> None:
    start()
    with psycopg.connect(fresh.owner_url, autocommit=True) as connection:
        for change in ("update book_entry set no = 7", "delete from book_entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(change.encode())


def test_two_thousand_lines_have_their_heading_on_every_page(start: Start, fresh: Fresh, look: Look) -> None:
    walk = start()
    with psycopg.connect(fresh.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("""insert into dossier select (jsonb_populate_record(d, jsonb_build_object(
            'id', d.id + n, 'code', 'H51.02-261124-' || to_char(n, 'FM0000')))).*
            from dossier d, generate_series(1, 1999) n""")
        connection.execute("""insert into applicant select (jsonb_populate_record(p, jsonb_build_object(
            'dossier_id', p.dossier_id + n))).* from applicant p, generate_series(1, 1999) n""")
        connection.execute("""insert into book_entry select b.agency, b.year, b.no + n, b.dossier_id + n, b.at
            from book_entry b, generate_series(1, 1999) n""")
        connection.execute("update number_series set last = 2000 where series = 'tracking'")
    began = time.process_time()

    paper = book.pdf(walk.office, ASKED, walk.cast[DESK], walk.now)

    assert time.process_time() - began < 10
    text = text_of(paper.pdf)
    pages = paper.pdf.count(b"/Type/Page\n") or text.count("Trang ")
    assert pages > 30
    assert text.count("Người nộp hồ sơ") == text.count("Trang ") == pages
    assert all(f"H51.02-261124-{n:04d}" in text for n in (1, 777, 1999))
