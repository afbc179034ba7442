"""What a declaration must agree on with itself: ids, roles, conditions, references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from procedures import coherent_limits, expiring
from procedures.coherent_limits import Found, Where
from procedures.guards import Constant, GuardError, compile_guard
from procedures.machine import Branch, Parallel, Step, Transition
from procedures.words import (
    CHANNEL,
    RESERVED_EVENTS,
    At,
    Channel,
    Event,
    FactType,
    Phase,
    Role,
    Switch,
)

if TYPE_CHECKING:
    from procedures.declaration import Declaration, Fact

_ROLES = {
    Phase.RECEPTION: (Role.RECEPTIONIST,),
    Phase.PROCESSING: (Role.OFFICER, Role.HEAD, Role.SIGNER, Role.CLERK),
    Phase.SIGNING: (Role.HEAD, Role.SIGNER, Role.CLERK),
    Phase.RETURN: (Role.RETURNER,),
}
_ALSO = (Role.HEAD, Role.MANAGER)  # a superior may do what his people do
_RESERVED = (CHANNEL, "verdict")  # known of every dossier or answer, never asked
_CHANNEL = ("Cách nộp", "How it was handed in")
_CHANNELS = {Switch.RETURN_AT_COUNTER, Switch.SEND_BY_POST, Switch.RETURN_ELECTRONICALLY}
_MOVABLE = {Event.FORWARD, Event.RECORD_REPLY, Event.APPROVE, Event.SIGN, Event.ISSUE, Event.SEND_BACK}


def faults(declaration: Declaration) -> Iterator[Found]:
    yield from _ids(declaration)
    yield from _machine(declaration)
    yield from _passed_over(declaration)
    yield from expiring.faults(declaration)
    yield from _joins(declaration)
    for at, transition in enumerate(declaration.transitions):
        yield from _transition(declaration, at, transition)
    for key, fact in declaration.facts.items():
        yield from _fact(key, fact)
    for where, source in conditions(declaration):
        yield from _condition(declaration, where, source)
    yield from _references(declaration)
    yield from _fees(declaration)
    yield from coherent_limits.faults(declaration)


def conditions(declaration: Declaration) -> Iterator[tuple[Where, str]]:
    """Every condition in the file with its place."""
    documents = [(("documents", key), document.when) for key, document in declaration.documents.items()]
    checks = [(("checks", at), check.when) for at, check in enumerate(declaration.checks)]
    fees = [(("fees", at), fee.when) for at, fee in enumerate(declaration.fees)]
    exemptions = [
        (("fees", at, "exemptions", no), exemption.when)
        for at, fee in enumerate(declaration.fees)
        for no, exemption in enumerate(fee.exemptions)
    ]
    cases = [(("limit_cases", at), case.when) for at, case in enumerate(declaration.limit_cases)]
    owed = [(("obligations", at), obligation.when) for at, obligation in enumerate(declaration.obligations)]
    moves = [(("transitions", at), transition.when) for at, transition in enumerate(declaration.transitions)]
    steps = [
        (("machine", phase.value, key), place.when)
        for phase, places in declaration.machine.phases()
        for key, place in places.items()
        if isinstance(place, Step)
    ]
    branches = [
        (("machine", "processing", key, "parallel", name), branch.when)
        for key, place in declaration.machine.processing.items()
        for name, branch in _branches(place).items()
    ]
    found: list[tuple[Where, str | None]] = [
        *documents, *checks, *fees, *exemptions, *cases, *owed, *moves, *steps, *branches,
    ]
    yield from (((*where, "when"), source) for where, source in found if source is not None)
    if declaration.confidential_when is not None:
        yield ("confidential_when",), declaration.confidential_when


def _branches(place: Step | Parallel) -> Mapping[str, Branch]:
    return place.parallel if isinstance(place, Parallel) else {}


def _ids(declaration: Declaration) -> Iterator[Found]:
    """Steps, branches and what is made of them share one space of names."""
    names: list[tuple[str, Where]] = [(name, ()) for name in At]
    for phase, places in declaration.machine.phases():
        for key, place in places.items():
            where: Where = ("machine", phase.value, key)
            names.append((key, where))
            if isinstance(place, Step) and place.when is not None:
                names += [(key + made, where) for made in ("_gate", "_back")]
            for branch in _branches(place):
                below = (*where, "parallel", branch)
                names += [(branch + made, below) for made in ("", "_done", "_gate", "_region")]
    count = Counter(name for name, _ in names)
    for name, where in names:
        if where and count[name] > 1:
            yield where, f"mã “{name}” đã dùng hoặc dành riêng", f"the id “{name}” is used twice or reserved"


def _machine(declaration: Declaration) -> Iterator[Found]:
    machine = declaration.machine
    for phase, key, step in machine.steps():
        where = ("machine", phase.value, key)
        if step.role not in _ROLES[phase]:
            allowed = ", ".join(_ROLES[phase])
            yield (
                (*where, "role"),
                f"vai trò ở đây phải là: {allowed}",
                f"the role here must be one of: {allowed}",
            )
        yield from _named_event(where, phase, step)
        yield from _also(where, phase, step)
        yield from _asset(declaration, where, step)
    first = next(iter(machine.processing))
    if isinstance(machine.processing[first], Parallel):
        yield (
            ("machine", "processing", first),
            "bước xử lý đầu tiên phải là một bước đơn (đơn vị chủ trì)",
            "the first step of processing must be a single step (the lead)",
        )
    if all(step.role is not Role.SIGNER for step in machine.signing.values()):
        yield (
            ("machine", "signing"),
            "phải có một bước ký (role: signer)",
            "one step must sign (role: signer)",
        )


def _also(where: Where, phase: Phase, step: Step) -> Iterator[Found]:
    known = dict.fromkeys((*_ROLES[phase], *_ALSO))
    allowed = ", ".join(role for role in known if role is not step.role)
    for at, role in enumerate(step.also):
        if role not in known or role is step.role or role in step.also[:at]:
            yield (
                (*where, "also", at),
                f"vai trò làm thay ở đây phải là: {allowed}; mỗi vai trò một lần",
                f"a further role here must be one of: {allowed}; each once",
            )


def _asset(declaration: Declaration, where: Where, step: Step) -> Iterator[Found]:
    if step.asset is None:
        return
    fact = declaration.facts.get(step.asset)
    if fact is None or fact.type is not FactType.TEXT or not fact.required:
        texts = [key for key, fact in declaration.facts.items() if fact.type is FactType.TEXT and fact.required]
        known = ", ".join(texts) or "-"
        yield (
            (*where, "asset"),
            f"phải là một dữ kiện kiểu text bắt buộc trả lời: {known}",
            f"must be a required fact of type text: {known}",
        )


def _passed_over(declaration: Declaration) -> Iterator[Found]:
    """Steps no dossier can do without have no condition."""
    machine = declaration.machine
    signers = [key for key, step in machine.signing.items() if step.role is Role.SIGNER]
    kept = {
        next(iter(machine.reception)): "bước tiếp nhận",
        next(iter(machine.processing)): "bước xử lý đầu tiên",
        **{key: "bước ký cuối cùng" for key in signers[-1:]},
        list(machine.return_)[-1]: "bước trả kết quả cuối cùng",
    }
    for phase, places in machine.phases():
        for key, place in places.items():
            if key in kept and isinstance(place, Step) and place.when is not None:
                yield (
                    ("machine", phase.value, key, "when"),
                    f"không được bỏ qua {kept[key]}: bỏ “when” ở đây",
                    "no dossier can do without this step: it takes no “when”",
                )


def _joins(declaration: Declaration) -> Iterator[Found]:
    machine = declaration.machine
    places = [*machine.processing, *machine.signing]
    for key, place in machine.processing.items():
        if not isinstance(place, Parallel):
            continue
        where = ("machine", "processing", key)
        if place.negative_to is None:
            continue
        if place.join != "first_negative":
            yield (
                (*where, "negative_to"),
                "“negative_to” chỉ đi với join: first_negative",
                "negative_to goes with join: first_negative only",
            )
        if place.negative_to not in places or place.negative_to == key:
            allowed = ", ".join(name for name in places if name != key)
            yield (
                (*where, "negative_to"),
                f"không có bước “{place.negative_to}” ở xử lý hoặc ký; có: {allowed}",
                f"no step “{place.negative_to}” in processing or signing; there are: {allowed}",
            )


def _named_event(where: Where, phase: Phase, step: Step) -> Iterator[Found]:
    if step.event is None:
        return
    if phase not in (Phase.PROCESSING, Phase.SIGNING) or step.event in RESERVED_EVENTS:
        yield (
            (*where, "event"),
            "chỉ đặt tên sự kiện riêng ở xử lý và ký, khác với sự kiện của cơ chế",
            "an own event is for processing and signing only, and differs from the mechanism's events",
        )
    if step.event_name is None:
        yield (*where, "event_name"), "sự kiện riêng cần tên (event_name)", "an own event needs event_name"


def _transition(declaration: Declaration, at: int, transition: Transition) -> Iterator[Found]:
    where = ("transitions", at)
    places = {
        key: (phase, place)
        for phase, found in declaration.machine.phases()
        for key, place in found.items()
        if phase in (Phase.PROCESSING, Phase.SIGNING)
    }
    allowed = ", ".join(places)
    for name, key in (("from", transition.from_), ("to", transition.to)):
        if key not in places:
            yield (
                (*where, name),
                f"không có bước “{key}”; có: {allowed}",
                f"no step “{key}”; there are: {allowed}",
            )
    if transition.from_ == transition.to:
        yield (*where, "to"), "bước đến phải khác bước đi", "a transition must lead to another step"
    if transition.from_ in places:
        phase, place = places[transition.from_]
        completing = place.completed_by(phase) if isinstance(place, Step) else None
        yield from _event_of_transition(where, transition, completing)


def _event_of_transition(where: Where, transition: Transition, completing: str | None) -> Iterator[Found]:
    own = transition.on not in RESERVED_EVENTS
    if own and transition.on != completing and transition.name is None:
        yield (*where, "name"), "sự kiện riêng cần tên (name)", "an own event needs a name"
    if not own and transition.on not in {completing, Event.SEND_BACK} & _MOVABLE:
        yield (
            (*where, "on"),
            f"cơ chế không cho đổi “{transition.on}” ở bước này",
            f"the mechanism does not let “{transition.on}” be moved at this step",
        )


def _fact(key: str, fact: Fact) -> Iterator[Found]:
    where = ("facts", key)
    if key in _RESERVED:
        yield where, f"“{key}” là từ dành riêng, hãy đặt mã khác", f"“{key}” is reserved: choose another id"
    if (fact.choices is not None) != (fact.type is FactType.CHOICE):
        yield (
            where,
            "“choices” đi với kiểu choice và chỉ kiểu đó",
            "choices go with type choice, and only with it",
        )
    if (fact.min is not None or fact.max is not None) and fact.type is not FactType.INTEGER:
        yield where, "“min”, “max” chỉ dùng cho số nguyên", "min and max are for integers only"
    if (fact.at_least_days_ahead is not None or fact.not_in_future) and fact.type is not FactType.DATE:
        yield where, "ràng buộc về ngày chỉ dùng cho kiểu date", "at_least_days_ahead is for dates only"


def _condition(declaration: Declaration, where: Where, source: str) -> Iterator[Found]:
    try:
        guard = compile_guard(source, declaration.names)
    except GuardError as error:
        yield where, error.vi, error.en
        return
    for name, value in guard.compared:
        possible = value in list(Channel) if name == CHANNEL else _comparable(declaration.facts[name], value)
        if value is not None and not possible:
            asked = declaration.facts.get(name)
            vi, en = (asked.label.vi, asked.label.en) if asked else _CHANNEL
            said = f"câu “{vi}” không bao giờ có trả lời “{value}”"
            yield where, said, f"the answer to “{en}” can never be “{value}”"


def _comparable(fact: Fact, value: Constant) -> bool:
    match fact.type:
        case FactType.CHOICE:
            return value in (fact.choices or {})
        case FactType.BOOLEAN:
            return isinstance(value, bool)
        case FactType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case FactType.DATE:
            return isinstance(value, str) and _is_date(value)
        case FactType.TEXT:
            return isinstance(value, str)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _references(declaration: Declaration) -> Iterator[Found]:
    facts: Mapping[str, Fact] = declaration.facts
    dates = [key for key, fact in facts.items() if fact.type is FactType.DATE]
    for at, obligation in enumerate(declaration.obligations):
        if obligation.after not in dates:
            yield (
                ("obligations", at, "after"),
                f"phải là một dữ kiện kiểu ngày: {', '.join(dates)}",
                f"must be a fact of type date: {', '.join(dates)}",
            )
    for at, check in enumerate(declaration.checks):
        if check.fact is not None and check.fact not in facts:
            yield (
                ("checks", at, "fact"),
                f"không có dữ kiện “{check.fact}”",
                f"there is no fact “{check.fact}”",
            )
    for at, code in enumerate(declaration.codes):
        if code.valid_to is not None and code.valid_to < code.valid_from:
            yield (
                ("codes", at, "valid_to"),
                "ngày hết hiệu lực trước ngày có hiệu lực",
                "ends before it begins",
            )
    if declaration.limit is None and declaration.limit_note is None:
        yield (
            ("procedure",),
            "không có thời hạn thì phải nói vì sao (limit_note)",
            "no limit: say why (limit_note)",
        )
    if set(declaration.switch_off) >= _CHANNELS:
        yield (
            ("switch_off",),
            "phải còn ít nhất một cách trả kết quả",
            "one way to return the result must remain",
        )


def _fees(declaration: Declaration) -> Iterator[Found]:
    numbers = [key for key, fact in declaration.facts.items() if fact.type is FactType.INTEGER]
    for at, fee in enumerate(declaration.fees):
        if fee.per is not None and fee.per not in numbers:
            yield (
                ("fees", at, "per"),
                f"phải là một dữ kiện kiểu số nguyên: {', '.join(numbers) or '-'}",
                f"must be a fact of type integer: {', '.join(numbers) or '-'}",
            )
