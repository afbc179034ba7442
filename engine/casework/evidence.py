"""What the law wants to see before an act: checked on what is stored, never on what the request claims."""

from __future__ import annotations

from collections.abc import Callable

from engine.casework import assets, leaves, papers, postal, signatures, supplements
from engine.casework.decision import Decision
from engine.casework.orders import Faults, reason_faults, text_faults
from engine.casework.telling import PAPER_STATES
from engine.catalogue import UnitInfo
from engine.errors import FourEyes, Invalid, MissingDocument, Refused
from engine.states.procedure import Command, Need
from procedures.declaration import Event, Role

# Papers that no declaration lists.
RESULT, OTHER = "result", supplements.OTHER
# Who says yes to the work of others.
CONTROLS = (Role.HEAD, Role.SIGNER)
UNDOING = (Event.SEND_BACK, Event.STOP, Event.WITHDRAW)
VERDICTS = ("agree", "disagree", "conditional", "no_objection")


def check(decision: Decision, command: Command, unit: UnitInfo) -> None:
    """Raises the first thing that is missing; entries of a form are collected and raised together."""
    faults = text_faults(decision.order.particulars.spoken())
    _apart(decision, command)
    for need in sorted(command.needs):
        CHECKS[need](decision, unit, faults)
    if faults:
        raise Invalid(faults)


def _reason(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    faults.update(reason_faults(decision.order.particulars.reason))


def _opinion(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    if decision.order.particulars.verdict not in VERDICTS:
        faults["verdict"] = ("chọn một ý kiến: đồng ý, không đồng ý, đồng ý có điều kiện hoặc không có ý kiến khác",
                             "choose an opinion: " + ", ".join(VERDICTS))
    if not decision.order.particulars.words.strip():
        faults["words"] = ("ghi nội dung ý kiến", "write the opinion")


def _documents_complete(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    facts = {**decision.loaded.facts, "channel": decision.loaded.channel}
    taken = {row["component"] for row in decision.loaded.documents}
    missing = [document for key, document in decision.procedure.required_documents(facts).items() if key not in taken]
    if missing:
        raise MissingDocument(names_vi="; ".join(document.name.vi for document in missing),
                              names_en="; ".join(document.name.en for document in missing))


def _supplement_list(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    """R4: guidance is given once, complete and exact."""
    asked, known = decision.order.particulars.documents, {*decision.procedure.declaration.documents, OTHER}
    if not asked or not known.issuperset(asked):
        listed = ", ".join(sorted(known))
        faults["documents"] = (f"chọn ít nhất một giấy tờ cần bổ sung: {listed}",
                               f"choose at least one paper to be added: {listed}")
    leaves.check(decision)


def _result_document(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    row = signatures.current_result(decision)
    if row is None and signatures.waiting(decision):
        raise Refused(reason_vi="Hãy ký văn bản kết quả ở mục “Văn bản, kết quả” trước, rồi hoàn thành bước này.",
                      reason_en="Sign the result under “Letters and results” first, then complete this step.")
    if row is None:
        raise MissingDocument(names_vi="dự thảo kết quả (PDF)", names_en="the draft result (PDF)")
    signatures.check_result(decision, row)


def _four_eyes(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    """By the role in which the work was done: only processing has officers, and a step may be called otherwise now."""
    answering = {decision.actor.id, decision.stands_for[0]} if decision.stands_for else {decision.actor.id}
    for state, person, role, stood_in_for in decision.loaded.done:
        if role == Role.OFFICER and answering & {person, stood_in_for}:
            raise _same_eyes(decision, state)


def _apart(decision: Decision, command: Command) -> None:
    """In somebody's place nobody approves or signs what he worked on or approved himself at another step."""
    if decision.stands_for is None or decision.role not in CONTROLS or not command.closes or command.event in UNDOING:
        return
    for state, person, role, _ in decision.loaded.done:
        if person == decision.actor.id and role in (Role.OFFICER, *CONTROLS) and state != command.state:
            raise _same_eyes(decision, state)


def _same_eyes(decision: Decision, state: str) -> FourEyes:
    info = decision.procedure.states.get(state)
    return FourEyes(step_vi=info.name.vi if info else "thẩm định", step_en=info.name.en if info else "examining")


def _paper(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    for row in decision.loaded.papers:
        if row["kind"] == "submitted" and not _held_by(decision, row, unit):
            raise paper_elsewhere(decision, row)


def _held_by(decision: Decision, row: dict[str, object], unit: UnitInfo) -> bool:
    holder = decision.catalogue.units.get(int(str(row["unit_id"])))
    return row["state"] == "held" and holder is not None and holder.agency == unit.agency


def paper_elsewhere(decision: Decision, row: dict[str, object]) -> Refused:
    holder = decision.catalogue.units[int(str(row["unit_id"]))]
    barcode, state = row["barcode"], PAPER_STATES[str(row["state"])]
    return Refused(reason_vi=f"Bản giấy {barcode} đang ở {holder.full_vi} ({state.vi.lower()}), chưa giao đến đây.",
                   reason_en=f"The paper {barcode} is with {holder.full_en} ({state.en.lower()}).",
                   barcode=barcode)


def _return_receipt(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    if not decision.order.particulars.recipient.strip():
        faults["recipient"] = ("ghi họ tên người nhận đã ký nhận", "name the person who signed for it")
    _result_paper(decision, unit)


def _postal_slip(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    if not decision.order.particulars.slip.strip():
        faults["slip"] = ("ghi số phiếu gửi bưu chính", "give the number of the postal slip")
    faults.update(postal.sending_faults(decision))
    _result_paper(decision, unit)


def _result_paper(decision: Decision, unit: UnitInfo) -> None:
    for row in decision.loaded.papers:
        if row["kind"] == "result":
            if not _held_by(decision, row, unit):
                raise paper_elsewhere(decision, row)
            papers.refuse_in_bag(decision.loaded, row)


def _payment_request(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    if not 0 < decision.order.particulars.amount <= 10**12:
        faults["amount"] = ("số tiền (đồng) phải lớn hơn 0", "the amount (đồng) must be more than 0")


def _payment_proof(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    if not decision.order.particulars.proof.strip():
        faults["proof"] = ("ghi số biên lai", "give the number of the receipt")


CHECKS: dict[Need, Callable[[Decision, UnitInfo, Faults], None]] = {
    Need.REASON: _reason, Need.OPINION: _opinion, Need.DOCUMENTS_COMPLETE: _documents_complete,
    Need.SUPPLEMENT_LIST: _supplement_list, Need.SUPPLEMENT: supplements.check,
    Need.RESULT_DOCUMENT: _result_document, Need.FOUR_EYES: _four_eyes,
    Need.PAPER: _paper, Need.RETURN_RECEIPT: _return_receipt, Need.POSTAL_SLIP: _postal_slip,
    Need.PAYMENT_REQUEST: _payment_request, Need.PAYMENT_PROOF: _payment_proof, Need.ASSET: assets.refuse_held,
}
