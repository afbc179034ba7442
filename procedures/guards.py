"""The language of conditions: facts, comparisons, and / or / not / in; no calls, attributes or arithmetic."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

LONGEST = 500  # a condition longer than a paragraph of law is a mistake; it also bounds the parser's work
DEEPEST = 20

Facts = Mapping[str, object]
_Term = Callable[[Facts], object]
Constant = str | int | bool | None

_COMPARE: dict[type[ast.cmpop], Callable[..., object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_ALLOWED_VI = "chỉ dùng tên dữ kiện, hằng số, == != < <= > >=, in, not in, and, or, not"
_ALLOWED_EN = "only names of facts, constants, == != < <= > >=, in, not in, and, or, not are allowed"


class GuardError(ValueError):
    """A condition that may not be written; says what may."""

    def __init__(self, vi: str, en: str) -> None:
        self.vi, self.en = vi, en
        super().__init__(f"{vi} / {en}")


@dataclass(frozen=True, slots=True)
class Guard:
    """A compiled condition; `compared` pairs each fact with what it is compared to, for spelling checks."""

    source: str
    names: frozenset[str]
    compared: tuple[tuple[str, Constant], ...]
    _run: _Term = field(repr=False, compare=False)

    def __call__(self, facts: Facts) -> bool:
        return bool(self._run(facts))


def compile_guard(source: str, names: Collection[str]) -> Guard:
    """Compile a condition over the facts called `names`; GuardError says what is allowed."""
    source = source.strip()
    if len(source) > LONGEST:
        raise GuardError(f"điều kiện dài quá {LONGEST} ký tự", f"the condition is longer than {LONGEST} characters")
    if "\\" in source or not source.isprintable():
        raise GuardError("điều kiện có ký tự không được phép", "the condition has characters that are not allowed")
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise GuardError(
            f"không đọc được điều kiện “{source}”; {_ALLOWED_VI}",
            f"the condition “{source}” cannot be read; {_ALLOWED_EN}",
        ) from None
    compiler = _Compiler(frozenset(names))
    run = compiler.term(tree, 0)
    return Guard(source=source, names=frozenset(compiler.used), compared=tuple(compiler.compared), _run=run)


class _Compiler:
    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.used: set[str] = set()
        self.compared: list[tuple[str, Constant]] = []

    def term(self, node: ast.expr, depth: int) -> _Term:
        if depth > DEEPEST:
            raise GuardError(f"điều kiện lồng quá {DEEPEST} tầng", f"the condition is nested deeper than {DEEPEST}")
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = tuple(self.term(value, depth + 1) for value in values)
                return _junction(isinstance(op, ast.And), parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.term(operand, depth + 1)
                return lambda facts: not inner(facts)
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.Name(id=name):
                return self._fact(name)
            case ast.Constant(value=str() | int() | None as value):
                return lambda facts: value
            case ast.Tuple(elts=members) | ast.List(elts=members):
                parts = tuple(self.term(member, depth + 1) for member in members)
                return lambda facts: tuple(part(facts) for part in parts)
        raise GuardError(
            f"không được dùng “{ast.unparse(node)}”; {_ALLOWED_VI}",
            f"“{ast.unparse(node)}” may not be used; {_ALLOWED_EN}",
        )

    def _fact(self, name: str) -> _Term:
        if name not in self.names:
            known = ", ".join(sorted(self.names)) or "-"
            raise GuardError(
                f"không có dữ kiện “{name}”; có: {known}", f"there is no fact “{name}”; there are: {known}"
            )
        self.used.add(name)
        return lambda facts: facts.get(name)

    def _comparison(self, node: ast.Compare, depth: int) -> _Term:
        sides = (node.left, *node.comparators)
        terms = tuple(self.term(side, depth + 1) for side in sides)
        steps = []
        for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
            compare = _COMPARE.get(type(op))
            if compare is None:
                raise GuardError(
                    f"không được dùng phép so sánh này; {_ALLOWED_VI}",
                    f"this comparison may not be used; {_ALLOWED_EN}",
                )
            if isinstance(op, ast.In | ast.NotIn) and not isinstance(right, ast.Tuple | ast.List):
                raise GuardError(
                    "sau “in” phải là danh sách, ví dụ ('a', 'b')", "“in” needs a list, such as ('a', 'b')"
                )
            asks_none = isinstance(op, ast.Eq | ast.NotEq) and (_is_none(left) or _is_none(right))
            steps.append(compare if asks_none else _answered(compare))
            self._note(left, right)
        return _chain(terms, tuple(steps))

    def _note(self, left: ast.expr, right: ast.expr) -> None:
        for fact, other in ((left, right), (right, left)):
            if isinstance(fact, ast.Name):
                members = other.elts if isinstance(other, ast.Tuple | ast.List) else [other]
                for member in members:
                    if isinstance(member, ast.Constant) and isinstance(member.value, str | int | None):
                        self.compared.append((fact.id, member.value))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _answered(compare: Callable[..., object]) -> Callable[..., object]:
    """A question nobody answered is neither more, less, equal nor different."""
    return lambda a, b: a is not None and b is not None and compare(a, b)


def _junction(every: bool, parts: tuple[_Term, ...]) -> _Term:
    if every:
        return lambda facts: all(part(facts) for part in parts)
    return lambda facts: any(part(facts) for part in parts)


def _chain(terms: tuple[_Term, ...], steps: tuple[Callable[..., object], ...]) -> _Term:
    if len(steps) == 1:
        (left, right), (compare,) = terms, steps
        return lambda facts: bool(compare(left(facts), right(facts)))

    def run(facts: Facts) -> bool:
        values = [term(facts) for term in terms]
        return all(step(a, b) for step, a, b in zip(steps, values, values[1:], strict=False))

    return run
