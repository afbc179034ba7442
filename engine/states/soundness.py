"""Whether a procedure can be worked with: explored to its last situation, and told in a clerk's words.

Nothing here knows the law: only that every step is reached, that a result can be returned from everywhere, that
consultations end, that conditions make a difference, that results are signed and that names are there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.states.cases import cases
from engine.states.exploration import Budget, Explored, Situation, explore
from engine.states.findings import Finding, Report, Severity, Where, paths, sorted_by_weight
from engine.states.labels import doubtful_labels
from engine.states.limits_end import unreturnable
from engine.states.procedure import Procedure
from engine.states.staffing import Staffing, unstaffed
from procedures.coherence import conditions
from procedures.declaration import At, AtLeast, Declaration, Effect, Parallel
from procedures.guards import compile_guard

BUDGET = Budget()


def examine(
    declaration: Declaration,
    *,
    budget: Budget = BUDGET,
    staffing: Staffing | None = None,
    known: Collection[str] | None = None,
) -> Report:
    """Everything that can be told without a calendar; without `staffing`, not whether anybody is there to do it.

    `known`: the keys of the procedures there are.
    """
    procedure = Procedure(declaration)
    explored = explore(procedure, budget)
    findings = [
        *_unexplored(procedure, explored),
        *_unreached(procedure, explored),
        *_traps(procedure, explored),
        *_joins(declaration),
        *unreturnable(declaration),
        *_idle_conditions(declaration),
        *_unsigned(declaration),
        *(_unknown(declaration, known) if known is not None else ()),
        *(unstaffed(declaration, staffing) if staffing is not None else ()),
        *doubtful_labels(declaration),
    ]
    return Report(
        findings=sorted_by_weight(findings),
        configurations=len(explored.ways),
        explored_all=explored.all,
        seconds=explored.seconds,
    )


def _unexplored(procedure: Procedure, explored: Explored) -> Iterator[Finding]:
    """What the budget left out is said, never passed over in silence."""
    where = paths(procedure.declaration)
    if explored.pending:
        left = [leaf for leaves, _ in sorted(explored.pending) for leaf in leaves]
        deep = dict.fromkeys(place for leaf in left if (place := procedure.states[leaf].branch_of or leaf) in where)
        at_vi = ", ".join(f"“{procedure.states[place].name.vi}”" for place in deep)
        at_en = ", ".join(f"“{procedure.states[place].name.en}”" for place in deep)
        number = len(explored.pending)
        yield Finding(
            severity=Severity.AMBER,
            code="not_explored",
            where=where[next(iter(deep))] if deep else ("machine",),
            vi=f"Chưa xét hết: đã xét {len(explored.ways)} tình huống, còn ít nhất {number} tình huống"
            f"{f' ở {at_vi}' if deep else ''}.",
            en=f"Not all was explored: {len(explored.ways)} situations were, at least {number} are left"
            f"{f' at {at_en}' if deep else ''}.",
        )
    for command in explored.sampled:
        yield Finding(
            severity=Severity.AMBER,
            code="not_explored",
            where=where.get(command.state, ("machine",)),
            vi=f"Quá nhiều điều kiện cùng lúc khi “{command.name.vi}”: chỉ xét một số tổ hợp.",
            en=f"Too many conditions at once at “{command.name.en}”: only some combinations were tried.",
        )


def _unreached(procedure: Procedure, explored: Explored) -> Iterator[Finding]:
    reached = {leaf for leaves, _ in explored.situations for leaf in leaves}
    reached |= {group for leaf in reached if (group := procedure.states[leaf].branch_of) is not None}
    severity = Severity.RED if explored.all else Severity.AMBER
    for state, where in paths(procedure.declaration).items():
        if state in reached:
            continue
        name = procedure.states[state].name
        yield Finding(
            severity=severity,
            code="unreachable",
            where=where,
            vi=f"Không hồ sơ nào đến được bước “{name.vi}”.",
            en=f"No dossier ever comes to the step “{name.en}”.",
        )


def _traps(procedure: Procedure, explored: Explored) -> Iterator[Finding]:
    """Told once a place: the citizen could withdraw there, but no result would ever come."""
    where = paths(procedure.declaration)
    places: dict[str, None] = {}
    for leaves, _ in sorted(_lost(procedure, explored)):
        for leaf in leaves:
            place = procedure.states[leaf].branch_of or leaf
            if place in where:
                places[place] = None
    for place in places:
        name = procedure.states[place].name
        yield Finding(
            severity=Severity.RED,
            code="trap",
            where=where[place],
            vi=f"Hồ sơ đã đến “{name.vi}” thì không còn đường nào tới trả kết quả.",
            en=f"From “{name.en}” a dossier can no longer come to the return of a result.",
        )


def _lost(procedure: Procedure, explored: Explored) -> set[Situation]:
    """Situations from which no result is ever returned, whoever does what; what was not explored is hoped for."""
    sources: dict[Situation, list[Situation]] = {}
    for source, targets in explored.ways.items():
        for target in targets:
            sources.setdefault(target, []).append(source)
    hopeful = {situation for situation in explored.situations if situation[0] == (At.RETURNED.value,)}
    hopeful |= explored.pending
    todo = list(hopeful)
    while todo:
        for source in sources.get(todo.pop(), ()):
            if source not in hopeful:
                hopeful.add(source)
                todo.append(source)
    return {
        situation for situation in explored.situations - hopeful if not procedure.states[situation[0][0]].final
    }


def _joins(declaration: Declaration) -> Iterator[Finding]:
    for key, place in declaration.machine.processing.items():
        if not isinstance(place, Parallel):
            continue
        where: Where = ("machine", "processing", key)
        number = len(place.parallel)
        if isinstance(place.join, AtLeast) and place.join.at_least > number:
            wanted = place.join.at_least
            yield Finding(
                severity=Severity.RED,
                code="join_starves",
                where=(*where, "join"),
                vi=f"“{place.name.vi}” chờ {wanted} ý kiến nhưng chỉ hỏi {number} cơ quan.",
                en=f"“{place.name.en}” waits for {wanted} opinions of {number} bodies.",
            )
        if _may_ask_nobody(declaration, place):
            yield Finding(
                severity=Severity.NOTE,
                code="nobody_asked",
                where=where,
                vi=f"Có trường hợp “{place.name.vi}” không hỏi cơ quan nào; khi đó hồ sơ đi thẳng bước sau.",
                en=f"In some cases “{place.name.en}” asks nobody; the dossier then goes straight on.",
            )


def _may_ask_nobody(declaration: Declaration, place: Parallel) -> bool:
    asked = [branch.when for branch in place.parallel.values()]
    guards = [compile_guard(when, declaration.names) for when in asked if when is not None]
    if len(guards) < len(asked):
        return False
    found, _ = cases(declaration, guards)
    return (False,) * len(guards) in found


def _idle_conditions(declaration: Declaration) -> Iterator[Finding]:
    """A condition that is the same for every answer is a slip of the pen."""
    for where, source in conditions(declaration):
        found, whole = cases(declaration, [compile_guard(source, declaration.names)])
        if not whole or len(found) != 1:
            continue
        refuses = where[0] == "checks" and declaration.checks[int(where[1])].effect is Effect.REFUSE
        if found == {(True,)}:
            yield Finding(
                severity=Severity.RED if refuses else Severity.AMBER,
                code="always_refused" if refuses else "always_true",
                where=where,
                vi=f"Điều kiện “{source}” luôn đúng"
                + (": không hồ sơ nào được tiếp nhận." if refuses else ", nên không cần ghi."),
                en=f"The condition “{source}” always holds"
                + (": no dossier would be taken in." if refuses else " and may be left out."),
            )
        else:
            yield Finding(
                severity=Severity.AMBER,
                code="never_true",
                where=where,
                vi=f"Điều kiện “{source}” không bao giờ đúng, với mọi câu trả lời có thể có.",
                en=f"The condition “{source}” never holds, whatever is answered.",
            )


def _unsigned(declaration: Declaration) -> Iterator[Finding]:
    roles = {role for step in declaration.machine.signing.values() for role in (step.role, *step.also)}
    for key, result in declaration.results.items():
        if result.signer not in roles:
            yield Finding(
                severity=Severity.RED,
                code="unsigned_result",
                where=("results", key, "signer"),
                vi=f"Không bước ký nào do vai trò “{result.signer}” thực hiện để ký “{result.name.vi}”.",
                en=f"No step of signing is done by a {result.signer} to sign “{result.name.en}”.",
            )




def _unknown(declaration: Declaration, known: Collection[str]) -> Iterator[Finding]:
    """Procedures that are spoken of and do not exist."""
    spoken: list[tuple[Where, str | None]] = [
        (("checks", at, "right_procedure"), check.right_procedure) for at, check in enumerate(declaration.checks)
    ]
    for key, document in declaration.documents.items():
        if document.result_of is not None:
            spoken.append((("documents", key, "result_of", "procedure"), document.result_of.procedure))
    for where, procedure in spoken:
        if procedure is not None and procedure not in known:
            yield Finding(
                severity=Severity.AMBER,
                code="unknown_procedure",
                where=where,
                vi=f"Không có thủ tục “{procedure}”.",
                en=f"There is no procedure “{procedure}”.",
            )
