"""What happens to one dossier on its way between two installations, whoever dies meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, partial
from random import Random

import pikepdf
import psycopg

from storage.local.cluster import Role
from tests import samples
from tests.two.browsing import Browser
from tests.two.rounds import CULTURE, MAIL, Round, Side
from tests.two.stories import FOREIGN, POLICE, PROVINCE_LEAD, QUESTION, RECEPTION, SAID

MANAGER = "H51.02/tiep-nhan:manager"
SOMEBODY = {"name": "Huỳnh Thị Mỹ Duyên", "position": "Phó Giám đốc"}
CHAINED_TO = "H51.04"
# What its sender believes to be there and is not: its peer was restored from a copy of the day before.
LOST = "update outbox set sent_at = clock_timestamp() where thread = %s and no = 1 and sent_at is null"


def answered(told: Round) -> None:
    told.answer(told.ask())


def large(told: Round) -> None:
    """More than two pieces."""
    told.answer(told.ask(large_pdf(told.mark)))


@lru_cache(maxsize=1)
def large_pdf(mark: str) -> bytes:
    """A picture of noise: nothing makes it smaller, and each is another one."""
    width, height = 1000, 2600
    noise = Random(mark).randbytes(width * height)

    def write(document: pikepdf.Pdf) -> None:
        page = document.add_blank_page(page_size=(595, 842))
        picture = document.make_stream(noise, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width,
                                       Height=height, ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8)
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))

    return samples.made_pdf(write)


def refused(told: Round) -> None:
    handoff = told.ask()
    told.do(told.pair.there, told.successor(), "refuse_handoff", POLICE, handoff=handoff,
            reason="Không thuộc thẩm quyền")
    told.stands(handoff, "refused")


def recalled(told: Round) -> None:
    handoff = told.ask()
    told.successor()
    told.do(told.pair.here, told.code, "recall", PROVINCE_LEAD, handoff=handoff, reason="Gửi nhầm")
    told.stands(handoff, "recalled")


def kept(told: Round) -> None:
    """It was registered before it was asked back, and the line kept that from us."""
    here, there = told.pair.here, told.pair.there
    handoff = told.ask()
    theirs = told.successor()
    here.at.line.part()
    try:
        told.do(there, theirs, "register", POLICE, handoff=handoff)
        told.do(here, told.code, "recall", PROVINCE_LEAD, handoff=handoff, reason="Gửi nhầm")
        told.until(lambda: there.rows("select from arrival where thread = %s and kind = 'recall'", told.code),
                   "the recall is there")
    finally:
        here.at.line.mend()
    there.time_passes()
    told.stands(handoff, "registered")
    told.until(lambda: here.rows("select from handoff where id = %s and recall_asked_at is null", handoff),
               "it was kept")


def chained(told: Round) -> None:
    """The police ask the province's foreign affairs in turn, and answer when those have."""
    here, there = told.pair.here, told.pair.there
    handoff = told.ask()
    theirs = told.successor()
    told.do(there, theirs, "register", POLICE, handoff=handoff)
    unit = there.desk.value("select id from unit where agency = %s and key = 'chuyen-mon'", CHAINED_TO)
    told.do(there, theirs, "consult_further", POLICE, **QUESTION, units=(unit,))
    asked = told.until(lambda: here.rows("select d.code from counterpart c join dossier d on d.id = c.dossier_id "
                                         "where c.thread = %s", theirs), "the third dossier is here")[0][0]
    told.do(here, asked, "register", FOREIGN, handoff=here.desk.journey.incoming(asked)[0][0])
    told.do(here, asked, "answer_task", FOREIGN, kind="answer_consultation", verdict="conditional", words="Cần lưu ý")
    told.until(lambda: there.rows("select from consultation c join dossier d on d.id = c.dossier_id where d.code = %s "
                                  "and c.verdict = 'conditional'", theirs), "the chained answer is there")
    told.answer(handoff, registered=True)


def withdrawn(told: Round) -> None:
    """Before it was taken in."""
    told.ask()
    told.successor()
    _withdraw(told)


def withdrawn_late(told: Round) -> None:
    """Somebody is at work on it there."""
    handoff = told.ask()
    told.do(told.pair.there, told.successor(), "register", POLICE, handoff=handoff)
    told.stands(handoff, "registered")
    _withdraw(told)


def _withdraw(told: Round) -> None:
    here, there = told.pair.here, told.pair.there
    told.do(here, told.code, "withdraw", RECEPTION, reason="Người nộp rút hồ sơ")
    told.until(lambda: there.rows("select from counterpart where thread = %s and ended_at is not null", told.code),
               "the successor has ended")


def progress(told: Round) -> None:
    """Another due date is told to both successors: that of the hand-off that was refused, and of the one after it."""
    here, there = told.pair.here, told.pair.there
    refused(told)
    told.do(here, told.code, "resend", PROVINCE_LEAD, handoff=told.handoffs()[0][0])
    told.until(lambda: len(told.successors()) > 1, "the second successor is there")
    due = here.desk.value("select due_at from dossier where code = %s", told.code)
    told.do(here, told.code, "extend", MANAGER, reason="Nhiều việc", new_due=due + timedelta(days=7))
    later = here.desk.value("select due_at from dossier where code = %s", told.code)
    assert later > due
    shown = "select due_at from counterpart where thread = %s"
    told.until(lambda: there.rows(shown, told.code) == [(later,), (later,)], "both show it")
    told.answer(told.handoffs()[-1][0])


def followed(told: Round) -> None:
    """A document that was scanned later is sent after the hand-off."""
    here, there = told.pair.here, told.pair.there
    handoff, theirs = told.ask(), told.successor()
    paper = here.scan(told.code, "plan", PROVINCE_LEAD, samples.small_pdf(mark=f"further {told.mark}"))
    told.do(here, told.code, "send_documents", PROVINCE_LEAD, handoff=handoff, documents=(paper,))
    here_too = "select from document f join dossier d on d.id = f.dossier_id where d.code = %s and f.sha256 is not null"
    told.until(lambda: len(there.rows(here_too, theirs)) > 1, "both documents are there")
    told.answer(handoff)


def gap(told: Round) -> None:
    """The second message of a lane comes where the first one was lost: it is held, and the first is sent again."""
    here, there = told.pair.here, told.pair.there
    there.at.line.part()
    try:
        handoff = told.ask()
        with psycopg.connect(here.at.machine.database_url(Role.OWNER), autocommit=True) as connection:
            assert connection.execute(LOST.encode(), (told.code,)).rowcount == 1
        told.do(here, told.code, "recall", PROVINCE_LEAD, handoff=handoff, reason="Gửi nhầm")
    finally:
        there.at.line.mend()
    here.time_passes()
    told.stands(handoff, "recalled")


def by_page(told: Round) -> None:
    """Registered on the page of the hand-offs, answered over the interface."""
    there, handoff, theirs = told.pair.there, told.ask(), told.successor()
    told.quiet()  # a document that is pulled after the page was read makes it an old one
    browser = Browser(there.at, POLICE)
    sheet = browser.sheet(f"/dossiers/{theirs}", f"/dossiers/{theirs}/acts/register")
    assert told.answer_to(lambda: browser.post(f"/dossiers/{theirs}/acts/register", sheet)) == 303
    told.stands(handoff, "registered")
    told.quiet()
    said = {"state": None, "particulars": SAID}
    version = there.desk.journey.version(theirs)
    assert told.answer_to(lambda: browser.command(theirs, "answer_task", said, version)) == 200
    told.until(lambda: told.opinions() == 1, "the opinion is there")


def by_mail(told: Round) -> None:
    """An agency without a system is asked; it opens the link of the mail, signs, and answers with a file."""
    here = told.pair.here
    told.receive()
    unit = here.desk.value("select id from unit where agency = %s and key = 'chuyen-mon'", CULTURE)
    told.do(here, told.code, "consult_further", PROVINCE_LEAD, **QUESTION, units=(unit,))
    guest = Browser(here.at)
    link = told.until(lambda: links(told), "the mail is there")[-1]
    assert told.answer_to(lambda: guest.post(f"{link}/take", SOMEBODY)) in (303, 409)
    sheet = {**SOMEBODY, "event": "answer_consultation", "verdict": "agree", "words": "Thống nhất"}
    file = ("tra-loi.pdf", samples.small_pdf(mark=f"answer {told.mark}"), "application/pdf")
    assert told.answer_to(lambda: guest.post(link, sheet, file)) in (200, 303)


def links(told: Round) -> list[str]:
    """In the mails about it, the newest last."""
    return [one for mail in list(told.pair.mailbox.mails) if told.code in mail["subject"] and mail["to"] == MAIL
            for one in re.findall(r"/answer/[\w-]+", mail.get_content())]


def anchored(told: Round) -> None:
    """An hour later; the anchor before is where it belongs."""
    before = {name: told.until(partial(_kept_at_both, side), f"the last anchor of {name} is kept")
              for name, side in told.pair.sides.items()}
    told.pair.forward(timedelta(hours=1, seconds=1))
    for name, side in told.pair.sides.items():
        told.until(partial(_kept_at_both, side, before[name] + 1), f"the next anchor of {name} is kept")


def _kept_at_both(side: Side, least: int = 1) -> int:
    """The number of the newest anchor, once it is in the store and at the other side; 0 before."""
    return int(side.desk.value(
        "select coalesce(max(a.no), 0) from anchor a where a.no >= %s and a.no = (select max(no) from anchor) "
        "and (select count(*) = 2 from anchor_place p where p.no = a.no)", least))


TALES: dict[str, Callable[[Round], None]] = {tale.__name__: tale for tale in (
    answered, large, refused, recalled, kept, chained, withdrawn, withdrawn_late, progress, followed, gap, by_page,
    by_mail, anchored)}
# After which the police's opinion stands here.
ANSWERED = frozenset({"answered", "large", "chained", "progress", "followed", "by_page"})
