"""Where processes die on the way of a hand-off: the moment before or after a function of the product is called."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass

HERE, THERE = "here", "there"
WEB, DISPATCHER, DESK = "web", "dispatcher", "desk"


@dataclass(frozen=True, kw_only=True)
class Point:
    """The `nth` time that `name` is called (`when` "before") or returns ("after") in a process of one side.

    `of`: only calls about this kind of message, this event or this agency count. `story`: in which it is reached.
    `by`: SIGKILL, or SIGSTOP for one that stands still there until somebody lets it go on.
    """

    side: str
    process: str
    when: str
    name: str
    of: str = ""
    nth: int = 1
    story: str = "answered"
    by: signal.Signals = signal.SIGKILL

    def __str__(self) -> str:
        return "-".join(part for part in (self.story, self.side, self.process, self.when, self.name, self.of,
                                          str(self.nth) if self.nth > 1 else "") if part)


def _points(story: str, side: str, process: str, *told: str) -> Iterator[Point]:
    """Each as "before|after name [of] [nth]"."""
    for line in told:
        when, name, *more = line.split()
        numbers = [int(word) for word in more if word.isdecimal()]
        words = [word for word in more if not word.isdecimal()]
        yield Point(side=side, process=process, when=when, name=name, of=words[0] if words else "",
                    nth=numbers[0] if numbers else 1, story=story)


POINTS = (
    # the hand-off leaves
    *_points("answered", HERE, DESK,
             "before storage.dossiers.record consult", "after storage.dossiers.record consult"),
    *_points("answered", HERE, DISPATCHER,
             "before engine.exchange.sending.send handoff",
             "after engine.exchange.sending.describing.content_of handoff",
             "after engine.exchange.sending.seal",
             "after storage.exchange.seal handoff",
             "before engine.exchange.client.Client.post handoff",
             "after engine.exchange.client.Client.post handoff",
             "after engine.exchange.sending.unseal",
             "before engine.delivery.receive H51.05",
             "after engine.delivery.receive H51.05",
             "after storage.exchange.sent handoff"),
    # and is taken in
    *_points("answered", THERE, WEB,
             "before engine.exchange.receiving.receive handoff",
             "after engine.exchange.receiving.unseal",
             "before storage.arrivals.store handoff",
             "after storage.arrivals._stored",
             "before engine.exchange.receiving.seal",
             "after engine.exchange.receiving.seal",
             "after storage.arrivals._receipt_kept",
             "after storage.arrivals.store handoff",
             "after engine.exchange.receiving.receive handoff"),
    *_points("answered", THERE, DISPATCHER,
             "before engine.exchange.applying.apply handoff",
             "before engine.exchange.applying.successors.open_for",
             "after engine.casework.successors.dossiers.take_code",
             "before storage.dossiers.record_receipt",
             "after storage.dossiers.record_receipt",
             "after engine.exchange.applying.apply handoff"),
    # its document is pulled
    *_points("answered", THERE, DISPATCHER,
             "before engine.exchange.pulling.pull",
             "before engine.exchange.pulling.asking",
             "after storage.spool.Growing.put",
             "before storage.spool.Growing.finish",
             "after storage.spool.Growing.finish",
             "before engine.exchange.pulling.take",
             "after engine.exchange.pulling.inspect",
             "after engine.exchange.pulling.transact attach",
             "after engine.exchange.pulling.take",
             "before engine.exchange.pulling.keep",
             "before engine.exchange.pulling.hand_to_store",
             "after engine.exchange.pulling.hand_to_store",
             "after storage.pulls.pulled"),
    *_points("large", THERE, DISPATCHER,
             "after storage.spool.Growing.put",
             "after storage.pulls.grew",
             "after storage.spool.Growing.put 2"),
    *_points("answered", HERE, WEB,
             "before engine.exchange.pulling.give", "after engine.exchange.pulling.give"),
    # somebody registers it, and that goes back
    *_points("answered", THERE, DESK,
             "before storage.dossiers.record register", "after storage.dossiers.record register"),
    *_points("answered", THERE, DISPATCHER,
             "after storage.exchange.seal registered",
             "after engine.exchange.client.Client.post registered",
             "before storage.exchange.sent registered"),
    *_points("answered", HERE, WEB,
             "after storage.arrivals.store registered",
             "after engine.exchange.receiving.receive registered"),
    *_points("answered", HERE, DISPATCHER,
             "before engine.exchange.applying.transact register",
             "after engine.exchange.applying.transact register"),
    # and answers with a document
    *_points("answered", THERE, DESK,
             "before storage.dossiers.record answer_task", "after storage.dossiers.record answer_task"),
    *_points("answered", THERE, DISPATCHER,
             "after storage.exchange.seal answered",
             "after engine.exchange.client.Client.post answered",
             "before storage.exchange.sent answered"),
    *_points("answered", THERE, WEB, "after engine.exchange.pulling.give"),
    *_points("answered", HERE, WEB,
             "after storage.arrivals.store answered",
             "after engine.exchange.receiving.receive answered"),
    *_points("answered", HERE, DISPATCHER,
             "before engine.exchange.applying.transact expect_documents",
             "after engine.exchange.applying.transact expect_documents",
             "after storage.spool.Growing.put",
             "before engine.exchange.pulling.transact attach",
             "after engine.exchange.pulling.transact attach",
             "before engine.exchange.applying.transact give_opinion",
             "after engine.exchange.applying.transact give_opinion"),
    # it is not taken in
    *_points("refused", THERE, DESK,
             "before storage.dossiers.record refuse_handoff", "after storage.dossiers.record refuse_handoff"),
    *_points("refused", THERE, DISPATCHER, "after engine.exchange.client.Client.post refused"),
    *_points("refused", HERE, WEB, "after storage.arrivals.store refused"),
    *_points("refused", HERE, DISPATCHER,
             "before engine.exchange.applying.transact refuse_handoff",
             "after engine.exchange.applying.transact refuse_handoff"),
    # it is asked back in time
    *_points("recalled", HERE, DESK,
             "before storage.dossiers.record recall", "after storage.dossiers.record recall"),
    *_points("recalled", HERE, DISPATCHER,
             "after engine.exchange.client.Client.post recall",
             "before engine.exchange.applying.transact recalled",
             "after engine.exchange.applying.transact recalled"),
    *_points("recalled", THERE, WEB, "after storage.arrivals.store recall"),
    *_points("recalled", THERE, DISPATCHER,
             "before engine.exchange.applying.transact recalled",
             "after engine.exchange.applying.transact recalled",
             "after engine.exchange.client.Client.post recalled"),
    # or too late
    *_points("kept", THERE, DISPATCHER,
             "before engine.exchange.applying.transact recalled",
             "after engine.exchange.applying.transact recalled",
             "after engine.exchange.client.Client.post kept"),
    *_points("kept", HERE, DISPATCHER,
             "before engine.exchange.applying.transact recall_kept",
             "after engine.exchange.applying.transact recall_kept"),
    # who was asked asks in turn
    *_points("chained", THERE, DESK,
             "before storage.dossiers.record consult_further", "after storage.dossiers.record consult_further"),
    *_points("chained", THERE, DISPATCHER,
             "after storage.exchange.seal handoff",
             "after engine.exchange.client.Client.post handoff"),
    *_points("chained", HERE, WEB, "after storage.arrivals.store handoff"),
    *_points("chained", HERE, DISPATCHER,
             "before engine.exchange.applying.successors.open_for",
             "after engine.exchange.applying.successors.open_for",
             "after engine.exchange.client.Client.post registered",
             "after engine.exchange.client.Client.post answered"),
    *_points("chained", HERE, DESK,
             "before storage.dossiers.record answer_task", "after storage.dossiers.record answer_task"),
    *_points("chained", THERE, DISPATCHER,
             "before engine.exchange.applying.transact answer_consultation",
             "after engine.exchange.applying.transact answer_consultation"),
    # the applicant takes it back
    *_points("withdrawn", HERE, DESK,
             "before storage.dossiers.record withdraw", "after storage.dossiers.record withdraw"),
    *_points("withdrawn", HERE, DISPATCHER,
             "after storage.exchange.seal withdrawn",
             "after engine.exchange.client.Client.post withdrawn",
             "before storage.exchange.sent withdrawn"),
    *_points("withdrawn", THERE, WEB, "after storage.arrivals.store withdrawn"),
    *_points("withdrawn", THERE, DISPATCHER,
             "before engine.exchange.applying.transact withdrawn_elsewhere",
             "after engine.exchange.applying.transact withdrawn_elsewhere"),
    *_points("withdrawn_late", THERE, DISPATCHER,
             "before engine.exchange.applying.transact withdrawn_elsewhere",
             "after engine.exchange.applying.transact withdrawn_elsewhere"),
    # it gets another date, which two successors show
    *_points("progress", HERE, DESK,
             "before storage.dossiers.record extend", "after storage.dossiers.record extend"),
    *_points("progress", HERE, DISPATCHER,
             "after storage.exchange.seal progress",
             "after engine.exchange.client.Client.post progress"),
    *_points("progress", THERE, WEB, "after storage.arrivals.store progress"),
    *_points("progress", THERE, DISPATCHER,
             "before engine.exchange.applying.transact progress",
             "after engine.exchange.applying.transact progress",
             "after engine.exchange.applying.transact progress 2"),
    # a document comes after it
    *_points("followed", HERE, DESK,
             "before storage.dossiers.record send_documents", "after storage.dossiers.record send_documents"),
    *_points("followed", HERE, DISPATCHER, "after engine.exchange.client.Client.post more_documents"),
    *_points("followed", THERE, WEB, "after storage.arrivals.store more_documents"),
    *_points("followed", THERE, DISPATCHER,
             "before engine.exchange.applying.transact documents_came",
             "after engine.exchange.applying.transact documents_came",
             "after engine.exchange.pulling.transact attach 2"),
    # a message of a lane is missing
    *_points("gap", THERE, WEB,
             "after storage.arrivals.store recall",
             "after storage.arrivals.store handoff"),
    *_points("gap", HERE, DISPATCHER,
             "after engine.exchange.client.Client.post recall",
             "before storage.exchange.sent recall",
             "after storage.exchange.sent recall",
             "after engine.exchange.client.Client.post handoff",
             "after storage.exchange.sent handoff"),
    *_points("gap", THERE, DISPATCHER, "after engine.exchange.applying.apply handoff"),
    # a browser, and a program
    *_points("by_page", THERE, WEB,
             "before storage.dossiers.record register", "after storage.dossiers.record register",
             "before storage.dossiers.record answer_task", "after storage.dossiers.record answer_task"),
    # an agency without a system
    *_points("by_mail", HERE, DISPATCHER,
             "after storage.links.mint",
             "after engine.notifying.channels.send van-thu@vanhoa.example.vn",
             "after storage.messages.sent handoff_link"),
    *_points("by_mail", HERE, WEB,
             "before storage.dossiers.record register", "after storage.dossiers.record register",
             "before storage.dossiers.record attach", "after storage.dossiers.record attach",
             "after engine.documents.hand_to_store",
             "before storage.dossiers.record answer_consultation",
             "after storage.dossiers.record answer_consultation"),
    # an hour is sealed; last, since the day goes on
    *_points("anchored", HERE, DISPATCHER,
             "before storage.anchors.add",
             "after storage.anchors.add",
             "after engine.anchoring.tending.make",
             "after storage.objects.ObjectStore.lock_away",
             "after storage.anchors.kept",
             "before engine.anchoring.tending.by_client",
             "after engine.anchoring.tending.by_client",
             "after storage.anchors.kept 2"),
    *_points("anchored", THERE, WEB,
             "before engine.anchoring.keeping.keep",
             "after storage.anchors.add_copy",
             "after engine.anchoring.keeping.keep"),
)
