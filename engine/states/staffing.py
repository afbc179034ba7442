"""Whether every step has a unit and every unit somebody who may do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.states.findings import Finding, Severity, Where, paths
from engine.states.names import ROLES
from procedures import parties
from procedures.declaration import Declaration, Role, Step
from procedures.province import Province


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """Who is there. `desks`: the agencies that take in this procedure; `unit_of(party, desk)`; `held(unit, role)`."""

    desks: tuple[str, ...]
    unit_of: Callable[[str, str], str | None]
    held: Callable[[str, Role], bool]


def staffing_of(province: Province, declaration: Declaration) -> Staffing:
    """As the files of a province have it."""
    return Staffing(
        desks=province.receiving(declaration.received_at),
        unit_of=province.unit_of,
        held=lambda unit, role: bool(province.members(unit, role)),
    )


def unstaffed(declaration: Declaration, staffing: Staffing) -> Iterator[Finding]:
    """Red, all of it: a dossier would come to a step and nobody would see it."""
    if not staffing.desks and declaration.at_desk:
        yield Finding(
            severity=Severity.RED,
            code="no_desk",
            where=("received_at",),
            vi="Không cơ quan nào có bộ phận Một cửa ở cấp tiếp nhận thủ tục này.",
            en="No agency has a one-stop desk at the level that takes in this procedure.",
        )
    where = paths(declaration)
    for _, key, step in declaration.machine.steps():
        yield from _unbound(declaration, where[key], step, staffing)
        yield from _unheld(where[key], step, staffing)


def _unbound(declaration: Declaration, where: Where, step: Step, staffing: Staffing) -> Iterator[Finding]:
    missing = [desk for desk in staffing.desks if staffing.unit_of(step.party, desk) is None]
    if missing:
        desks, party = ", ".join(missing), parties.name(declaration, step.party)
        yield Finding(
            severity=Severity.RED,
            code="party_not_bound",
            where=(*where, "party"),
            vi=f"Bước “{step.name.vi}”: chưa giao đơn vị nào làm “{party.vi}” cho hồ sơ nhận tại {desks}.",
            en=f"Step “{step.name.en}”: no unit is bound to “{party.en}” for dossiers of {desks}.",
        )


def _unheld(where: Where, step: Step, staffing: Staffing) -> Iterator[Finding]:
    bound = (staffing.unit_of(step.party, desk) for desk in staffing.desks)
    for unit in dict.fromkeys(unit for unit in bound if unit is not None):
        if not any(staffing.held(unit, role) for role in (step.role, *step.also)):
            role = ROLES[step.role]
            yield Finding(
                severity=Severity.RED,
                code="role_not_held",
                where=(*where, "role"),
                vi=f"Bước “{step.name.vi}”: đơn vị {unit} chưa có ai giữ vai trò {role.vi.lower()}.",
                en=f"Step “{step.name.en}”: nobody in {unit} is a {role.en.lower()}.",
            )
