"""Whether what a declaration says of the end of a limit can happen there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from procedures.machine import Parallel, Step
from procedures.words import Expiry, Phase

if TYPE_CHECKING:
    from procedures.declaration import Declaration

Where = tuple[str | int, ...]
Found = tuple[Where, str, str]  # where in the file, what is wrong: Vietnamese, English


def faults(declaration: Declaration) -> Iterator[Found]:
    """What happens at the end of a limit can happen there: a verdict is missing, or somebody to give it back to."""
    if declaration.expiry is not None and (declaration.expiry.tacit or declaration.expiry is Expiry.RETURN):
        yield (
            ("expiry",),
            "hồ sơ quá hạn không tự thành đồng ý, từ chối hay trả lại; chọn: nhắc, báo cấp trên hoặc không làm gì",
            "no dossier is decided or given back by the passing of time: choose remind, escalate or nothing",
        )
    for phase, key, step in declaration.machine.steps():
        yield from _expiry_of_step(_where(declaration, phase, key), phase, step)


def _expiry_of_step(where: Where, phase: Phase, step: Step) -> Iterator[Found]:
    if step.expiry is not None and step.limit is None:
        yield (*where, "limit"), "ghi thời hạn: bước có quy định khi hết hạn", "what happens at its end needs a limit"
    if step.expiry is not None and step.expiry.tacit and not step.answers(phase):
        yield (
            (*where, "expiry"),
            "chỉ coi như đã đồng ý hoặc không đồng ý ở nơi cho ý kiến: cơ quan được hỏi, cơ quan bên ngoài",
            "only who gives an opinion can be taken to agree or to disagree: a consulted or an outside body",
        )
    if step.expiry is not None and step.expiry.tacit and step.expiry_basis is None:
        yield (
            (*where, "expiry_basis"),
            "im lặng được coi là ý kiến thì phải có căn cứ pháp lý (điều, khoản)",
            "silence counts as an answer only by law: give the article",
        )
    if step.expiry is Expiry.RETURN and phase is Phase.RECEPTION:
        yield (
            (*where, "expiry"),
            "bước tiếp nhận không có nơi chuyển đến để trả lại",
            "nobody sent the dossier to the reception: there is nobody to give it back to",
        )


def _where(declaration: Declaration, phase: Phase, key: str) -> Where:
    """Where a step or a branch stands."""
    for name, place in declaration.machine.processing.items():
        if phase is Phase.PROCESSING and isinstance(place, Parallel) and key in place.parallel:
            return ("machine", phase.value, name, "parallel", key)
    return ("machine", phase.value, key)
