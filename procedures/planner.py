"""What a bundle asks of the citizen, merged, and when it is due: each paper once, nothing that a part produces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from procedures import answers
from procedures.answers import FeeDue
from procedures.bundle import Bundle
from procedures.declaration import Channel, CountMode, Declaration, DocumentForm, Fact, RequiredDocument
from procedures.entry import Text
from procedures.guards import compile_guard
from procedures.words import CHANNEL

Answers = Mapping[str, object]
# What a limit that begins at an instant is due, by whatever calendar.
Due = Callable[[tuple[str, ...], CountMode, datetime], datetime]
# The strictest first: whoever brings the original has brought the copy, too.
STRICTEST = (DocumentForm.ORIGINAL, DocumentForm.COPY, DocumentForm.ELECTRONIC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A paper the citizen brings once: of one declared kind, or of the same key and name.

    `papers` says under which keys each part knows it, `needed_by` which parts insist on it.
    """

    kind: str
    name: Text
    form: DocumentForm
    copies: int
    original_returned: bool
    papers: Mapping[str, tuple[str, ...]]
    needed_by: tuple[str, ...]
    substitutes: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A fact asked once, for the parts named; required as soon as one of them requires it."""

    fact: Fact
    required: bool
    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """What one part, and so one agency, gets to see: its own questions, its own papers under its own keys."""

    facts: tuple[str, ...]
    papers: Mapping[str, str]
    produced: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirements:
    """`parts` that belong to this submission, each after those it waits for; `papers` by kind.

    `produced`: for each part its papers that another part (named) makes; nobody asks the citizen for them.
    """

    parts: tuple[str, ...]
    questions: Mapping[str, Question]
    papers: Mapping[str, Asked]
    produced: Mapping[str, Mapping[str, str]]
    fees: Mapping[str, tuple[FeeDue, ...]]

    @property
    def total(self) -> int:
        """In đồng, after exemptions."""
        return sum(fee.amount for due in self.fees.values() for fee in due)

    def unmet(self, taken: Collection[str]) -> dict[str, tuple[Asked, ...]]:
        """For each part the papers (by kind) that it insists on and that are not among those `taken`."""
        missing = {part: tuple(asked for kind, asked in self.papers.items()
                               if part in asked.needed_by and kind not in taken) for part in self.parts}
        return {part: papers for part, papers in missing.items() if papers}

    def own(self, part: str) -> Own:
        return Own(
            facts=tuple(name for name, question in self.questions.items() if part in question.parts),
            papers={key: kind for kind, asked in self.papers.items() for key in asked.papers.get(part, ())},
            produced=self.produced.get(part, {}))

    def bearer(self, kind: str, begins: Collection[str]) -> str:
        """The part with which the one paper travels: the first that begins at once, else the first that knows it."""
        holders = [part for part in self.parts if part in self.papers[kind].papers]
        insisting = [part for part in holders if part in self.papers[kind].needed_by] or holders
        return next((part for part in insisting if part in begins), insisting[0])


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """When each part may be expected; None where it, or something it waits for, has no limit (`unlimited`)."""

    parts: Mapping[str, datetime | None]
    due: datetime | None
    unlimited: tuple[str, ...]


def active(bundle: Bundle, declarations: Mapping[str, Declaration], facts: Answers) -> tuple[str, ...]:
    """The parts of this submission; `declarations` by part."""
    names = frozenset((CHANNEL, *(name for declared in declarations.values() for name in declared.facts)))
    return tuple(key for key in bundle.order
                 if (when := bundle.parts[key].when) is None or compile_guard(when, names)(facts))


def waits_for(bundle: Bundle, part: str, parts: Collection[str]) -> tuple[str, ...]:
    """Those of the submission that `part` begins after."""
    return tuple(other for other in bundle.parts[part].after if other in parts)


def plan(bundle: Bundle, declarations: Mapping[str, Declaration], facts: Answers,
         channel: Channel | str) -> Requirements:
    """`declarations` by part, `facts` as typed and possibly incomplete: what is not answered asks for nothing."""
    told = {**facts, CHANNEL: str(channel)}
    return merged({part: declarations[part] for part in active(bundle, declarations, told)}, told)


def merged(declared: Mapping[str, Declaration], told: Answers) -> Requirements:
    """The requirements of these parts, in this order; `channel` is among what is `told`."""
    produced = {part: _produced(part, declared) for part in declared}
    return Requirements(
        parts=tuple(declared), questions=_questions(declared), papers=_papers(declared, produced, told),
        produced={part: found for part, found in produced.items() if found},
        fees={part: answers.fees(declaration, told) for part, declaration in declared.items()})


def _produced(part: str, declared: Mapping[str, Declaration]) -> dict[str, str]:
    makers = {declaration.procedure: other for other, declaration in declared.items() if other != part}
    return {key: makers[paper.result_of.procedure] for key, paper in declared[part].documents.items()
            if paper.result_of is not None and paper.result_of.procedure in makers}


def _questions(declared: Mapping[str, Declaration]) -> dict[str, Question]:
    asked: dict[str, list[tuple[str, Fact]]] = {}
    for part, declaration in declared.items():
        for name, fact in declaration.facts.items():
            asked.setdefault(name, []).append((part, fact))
    return {name: Question(fact=found[0][1], required=any(fact.required for _, fact in found),
                           parts=tuple(part for part, _ in found)) for name, found in asked.items()}


def _papers(declared: Mapping[str, Declaration], produced: Mapping[str, Mapping[str, str]],
            told: Answers) -> dict[str, Asked]:
    alike: dict[tuple[str, str], list[tuple[str, str, RequiredDocument]]] = {}
    for part, declaration in declared.items():
        for key, paper in declaration.documents.items():
            if key not in produced[part]:
                # a key alone says nothing: every second procedure has an “application”
                same = (paper.kind, "") if paper.kind is not None else (key, paper.name.vi)
                alike.setdefault(same, []).append((part, key, paper))
    found: dict[str, list[tuple[str, str, RequiredDocument]]] = {}
    for (kind, _), uses in alike.items():
        found[kind if kind not in found else f"{uses[0][0]}_{kind}"] = uses
    needed = {part: answers.required_documents(declaration, told) for part, declaration in declared.items()}
    return {kind: _merged(kind, uses, needed) for kind, uses in found.items()}


def _merged(kind: str, uses: list[tuple[str, str, RequiredDocument]],
            needed: Mapping[str, Mapping[str, RequiredDocument]]) -> Asked:
    """As many copies as the part that wants most, in the strictest form any of those asks for that need it now."""
    insisting = [(part, paper) for part, key, paper in uses if key in needed[part]]
    counting = [paper for _, paper in insisting] or [paper for _, _, paper in uses]
    papers: dict[str, tuple[str, ...]] = {}
    for part, key, _ in uses:
        papers[part] = (*papers.get(part, ()), key)
    return Asked(
        kind=kind, name=counting[0].name, form=min((paper.form for paper in counting), key=STRICTEST.index),
        copies=max(paper.copies for paper in counting),
        original_returned=any(paper.original_returned for paper in counting), papers=papers,
        needed_by=tuple(dict.fromkeys(part for part, _ in insisting)), substitutes=counting[0].substitutes)


def limits(declarations: Mapping[str, Declaration], facts: Answers,
           channel: Channel | str) -> dict[str, tuple[tuple[str, ...] | None, CountMode]]:
    """The limit of each part for these answers."""
    told = {**facts, CHANNEL: str(channel)}
    return {part: answers.limit(declared, told) for part, declared in declarations.items()}


def critical_path(bundle: Bundle, parts: Collection[str],
                  limits: Mapping[str, tuple[tuple[str, ...] | None, CountMode]], due: Due, received: datetime,
                  known: Mapping[str, datetime | None] | None = None) -> Path:
    """Parts side by side take as long as the longest, one after the other they add up.

    `known`: what is known of parts already under way (None: nothing can be said). A combined limit of the bundle wins.
    """
    expected: dict[str, datetime | None] = {}
    for part in (part for part in bundle.order if part in parts):
        if known is not None and part in known:
            expected[part] = known[part]
            continue
        begins = [received, *(expected[other] for other in waits_for(bundle, part, parts))]
        told = [at for at in begins if at is not None]
        limit, mode = limits[part]
        expected[part] = due(limit, mode, max(told)) if limit is not None and len(told) == len(begins) else None
    unlimited = tuple(part for part in expected if expected[part] is None)
    ends = [at for at in expected.values() if at is not None]
    if bundle.limit is not None:
        written = (bundle.limit,) if isinstance(bundle.limit, str) else bundle.limit
        return Path(parts=expected, due=due(written, bundle.count_mode, received), unlimited=unlimited)
    return Path(parts=expected, due=max(ends) if not unlimited else None, unlimited=unlimited)
