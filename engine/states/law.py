"""The mechanism as one declaration has it: which acts each of its places gets."""

from __future__ import annotations

from collections.abc import Iterator

from engine.states.mechanism import (
    CENTRE,
    EVENT_NAMES,
    Act,
    Clock,
    Need,
    Waiting,
    asset_of,
    completing,
    doers,
    paper_of,
)
from procedures.declaration import At, Declaration, Event, Parallel, Phase, Role, Step, Switch, Text

_REASON = frozenset({Need.REASON})
_NONE: frozenset[Need] = frozenset()

RECEPTIONIST = ((CENTRE, Role.RECEPTIONIST),)
RETURNER = ((CENTRE, Role.RETURNER),)


def _act(
    event: Event,
    target: str,
    actors: tuple[tuple[str, Role], ...],
    needs: frozenset[Need] = _NONE,
    *,
    closes: bool = False,
    resumes: bool = False,
) -> Act:
    return Act(
        event=event.value,
        target=str(target),
        name=EVENT_NAMES[event],
        actors=actors,
        needs=needs,
        closes=closes,
        resumes=resumes,
    )


class Law:
    """The mechanism as one declaration has it: the parts it switched off are missing."""

    def __init__(self, declaration: Declaration) -> None:
        self.off = frozenset(declaration.switch_off)
        machine = declaration.machine
        self.lead = declaration.lead
        self.checking = next(iter(machine.reception))
        self.first_processing = next(iter(machine.processing))
        self.sequential = [key for key, place in machine.processing.items() if isinstance(place, Step)]
        steps = [place for place in machine.processing.values() if isinstance(place, Step)]
        self.examiners = tuple(dict.fromkeys(step.party for step in steps if step.role is Role.OFFICER))
        self.places = [key for _, places in machine.phases() for key in places]
        self.signing = list(machine.signing)
        self.returning = list(machine.return_)
        self.backwards = [*self.sequential, *self.signing]
        signers = [at for at, step in enumerate(machine.signing.values()) if step.role is Role.SIGNER]
        self.until_signed = frozenset(self.signing[: signers[-1] + 1])
        issuers = [key for key, step in machine.signing.items() if step.role in (Role.CLERK, Role.SIGNER)]
        self.issuer = issuers[-1]

    def after(self, key: str) -> str:
        """Next in order."""
        return self.places[self.places.index(key) + 1]

    def before(self, key: str) -> str | None:
        """The step a dossier is sent back to; consultations are not among them."""
        at = self.backwards.index(key)
        return self.backwards[at - 1] if at > 0 else None

    def acts(self, phase: Phase, key: str, place: Step | Parallel) -> list[Act]:
        """Everything the mechanism lets happen at a place of the declaration, the completing act first."""
        if isinstance(place, Parallel):
            found = self._interruptions(self.lead, Role.OFFICER, closes=False)
        elif phase is Phase.RECEPTION:
            found = self._reception(place)
        elif phase is Phase.RETURN:
            found = self._return(key, place)
        else:
            found = self._work(phase, key, place)
        return [act for act in found if act.event not in self.off]

    def _reception(self, step: Step) -> list[Act]:
        """Accept (Form 01), ask for a supplement (Form 02) or refuse (Form 03): article 17."""
        own, complete = ((step.party, step.role),), frozenset({Need.DOCUMENTS_COMPLETE})
        return [
            _act(Event.ACCEPT, self.first_processing, doers(step), complete | asset_of(step), closes=True),
            _act(Event.HOLD, At.AWAITING_PARTS, own, complete, closes=True),
            _act(Event.REFUSE, At.REFUSED, own, _REASON, closes=True),
            _act(
                Event.REQUEST_SUPPLEMENT,
                At.AWAITING_SUPPLEMENT_AT_INTAKE,
                own,
                frozenset({Need.SUPPLEMENT_LIST, Need.REASON}),
                closes=True,
            ),
            _act(Event.WITHDRAW, At.WITHDRAWN, own, closes=True),
        ]

    def _work(self, phase: Phase, key: str, step: Step) -> list[Act]:
        found = [completing(phase, step, self.after(key))]
        back = self.before(key)
        if back is not None:
            found.append(_act(Event.SEND_BACK, back, doers(step), _REASON, closes=True))
        if phase is Phase.PROCESSING:
            if step.role is Role.OFFICER:
                found.append(_act(Event.PROPOSE_REJECTION, self.signing[0], doers(step), _REASON, closes=True))
            return found + self._interruptions(step.party, step.role, closes=True)
        return found + (self._endings(step.party) if key in self.until_signed else [])

    def _interruptions(self, party: str, role: Role, *, closes: bool) -> list[Act]:
        """What may come between while a dossier is processed; in a consultation, by the lead."""
        own = ((party, role),)
        found = []
        if role is Role.OFFICER:
            found = [
                _act(
                    Event.REQUEST_SUPPLEMENT,
                    At.AWAITING_SUPPLEMENT,
                    own,
                    frozenset({Need.SUPPLEMENT_LIST, Need.REASON}),
                    closes=closes,
                ),
                _act(
                    Event.REQUEST_PAYMENT,
                    At.AWAITING_PAYMENT,
                    own,
                    frozenset({Need.PAYMENT_REQUEST}),
                    closes=closes,
                ),
            ]
        return found + self._endings(party)

    def _endings(self, party: str) -> list[Act]:
        """Stop (Form 05) by a head; withdrawal by the citizen, at the desk, until the result is signed."""
        return [
            _act(Event.STOP, At.STOPPED, ((party, Role.HEAD), (CENTRE, Role.MANAGER)), _REASON),
            _act(Event.WITHDRAW, At.WITHDRAWN, RECEPTIONIST, _REASON),
        ]

    def _return(self, key: str, step: Step) -> list[Act]:
        """Article 20; an official's error sends the result back for correction (article 21)."""
        own = doers(step)
        if key != self.returning[-1]:
            return [completing(Phase.RETURN, step, self.after(key))]
        paper, asset = paper_of(step), asset_of(step)
        return [
            _act(
                Event.RETURN_AT_COUNTER,
                At.RETURNED,
                own,
                frozenset({Need.RETURN_RECEIPT}) | paper | asset,
                closes=True,
            ),
            _act(Event.SEND_BY_POST, At.POSTING, own, frozenset({Need.POSTAL_SLIP}) | paper | asset, closes=True),
            _act(Event.RETURN_ELECTRONICALLY, At.RETURNED, own, asset, closes=True),
            _act(Event.SEND_BACK, self.issuer, own, _REASON, closes=True),
        ]

    def waiting(self) -> Iterator[Waiting]:
        """The states of the mechanism itself, ends last; those nothing leads to are left out."""
        heads = tuple((party, Role.HEAD) for party in self.examiners)
        stop = _act(Event.STOP, At.STOPPED, (*heads, (CENTRE, Role.MANAGER)), _REASON)
        withdraw = _act(Event.WITHDRAW, At.WITHDRAWN, RECEPTIONIST, _REASON, closes=True)
        yield self._waiting(
            At.AWAITING_PARTS,
            "Chờ kết quả của phần khác trong hồ sơ liên thông",
            "Waiting for another part of the joined dossier",
            Phase.RECEPTION,
            Clock.NOT_STARTED,
            2,
            _act(Event.RELEASE, self.first_processing, (), closes=True),
            stop,
            withdraw,
        )
        if Switch.REQUEST_SUPPLEMENT not in self.off:
            yield self._waiting(
                At.AWAITING_SUPPLEMENT_AT_INTAKE,
                "Chờ bổ sung trước khi tiếp nhận",
                "Awaiting a supplement before acceptance",
                Phase.RECEPTION,
                Clock.NOT_STARTED,
                5,
                _act(Event.SUPPLEMENT, self.checking, RECEPTIONIST, frozenset({Need.SUPPLEMENT}), closes=True),
                _act(Event.WITHDRAW, At.WITHDRAWN, RECEPTIONIST, closes=True),
                _act(Event.REFUSE, At.REFUSED, RECEPTIONIST, _REASON, closes=True),
            )
            yield self._waiting(
                At.AWAITING_SUPPLEMENT,
                "Chờ công dân bổ sung hồ sơ",
                "Awaiting the applicant's supplement",
                Phase.PROCESSING,
                Clock.STOP,
                5,
                _act(Event.SUPPLEMENT, At.IN_PROCESSING, RECEPTIONIST, frozenset({Need.SUPPLEMENT}), closes=True,
                     resumes=True),
                stop,
                withdraw,
            )
        if Switch.REQUEST_PAYMENT not in self.off:
            yield self._waiting(
                At.AWAITING_PAYMENT,
                "Chờ thực hiện nghĩa vụ tài chính",
                "Awaiting payment",
                Phase.PROCESSING,
                Clock.STOP,
                6,
                _act(
                    Event.PAY,
                    At.IN_PROCESSING,
                    RECEPTIONIST,
                    frozenset({Need.PAYMENT_PROOF}),
                    closes=True,
                    resumes=True,
                ),
                stop,
                withdraw,
            )
        if Switch.SEND_BY_POST not in self.off:
            yield Waiting(
                at=At.POSTING,
                name=Text(vi="Đang gửi qua bưu chính", en="In the post"),
                phase=Phase.RETURN,
                clock=Clock.ENDED,
                national_status=9,
                role=Role.RETURNER,
                acts=(
                    _act(Event.CONFIRM_DELIVERY, At.RETURNED, RETURNER, closes=True),
                    _act(Event.RECORD_FAILED_DELIVERY, self.returning[-1], RETURNER, _REASON, closes=True),
                ),
            )

    def _waiting(self, at: At, vi: str, en: str, phase: Phase, clock: Clock, status: int, *acts: Act) -> Waiting:
        return Waiting(
            at=at,
            name=Text(vi=vi, en=en),
            phase=phase,
            clock=clock,
            national_status=status,
            role=Role.RECEPTIONIST,
            acts=tuple(act for act in acts if act.event not in self.off),
        )
