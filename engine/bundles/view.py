"""A bundle as somebody at one of its parts may see it: how every part stands, what waits for what, what was asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine.bundles import expectation
from engine.bundles.advance import how_it_failed, load, unknown
from engine.bundles.progress import Part, Progress, instant
from engine.casework.additions import waiting
from engine.casework.decision import Row
from engine.casework.orders import Actor
from engine.casework.parts import SUPPLEMENT_LETTER
from engine.casework.telling import STATUSES, masked
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.office import Office
from procedures.bundle import Need, Return
from procedures.entry import Text
from storage import bundles, dossiers
from storage.bundles import ApplicantRow, Asking

NEEDS = {
    Need.RESULT: Text(vi="có kết quả được chấp thuận", en="is granted"),
    Need.DECIDED: Text(vi="có quyết định, dù chấp thuận hay từ chối", en="is decided, either way"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """`need` completes “until <part> …”; `met` once it has."""

    part: Text
    need: Text
    met: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PartView:
    """`open`: the reader may open the dossier. `units` hold the work now; `stopped_for` names the part that failed."""

    key: str
    code: str
    name: Text
    open: bool
    status: int
    status_name: Text
    outcome: str | None
    where: tuple[Text, ...]
    units: tuple[Text, ...]
    due_at: datetime | None
    expected_at: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    waits: tuple[Wait, ...]
    stopped_for: Text | None
    unlimited: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What one unit finds missing. `words` are for those who may open the part."""

    part: Text
    unit: Text
    who: str
    at: datetime
    papers: tuple[Text, ...]
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperView:
    """A paper of the citizen, listed once; `component` is its key in the dossier `code`, where its scan is attached."""

    kind: str
    name: Text
    form: str
    parts: tuple[Text, ...]
    code: str
    component: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterView:
    """`kind` supplement: the one question to the citizen. stop: the one notice that the other parts are stopped."""

    no: int
    kind: str
    at: datetime
    papers: tuple[PaperView, ...]
    requests: tuple[Request, ...]
    answered_at: datetime | None
    because: Text | None
    parts: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeeLine:
    """In đồng; `full` before the exemption named by `exempted_by`."""

    part: Text
    name: Text
    amount: int
    full: int
    exempted_by: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleView:
    """`may_supplement`, `may_agree`: what the reader can write down here for the citizen."""

    code: str
    bundle: str
    name: Text
    national_code: str | None
    applicant: ApplicantRow
    subject: str
    channel: str
    return_way: str
    desk: Text
    submitted_at: datetime
    first_due_at: datetime | None
    due_at: datetime | None
    provisional: bool
    gather_until: datetime | None
    partial_at: datetime | None
    closed_at: datetime | None
    parts: tuple[PartView, ...]
    letters: tuple[LetterView, ...]
    gathering: tuple[Request, ...]
    papers: tuple[PaperView, ...]
    fees: tuple[FeeLine, ...]
    fees_total: int
    may_supplement: bool
    may_agree: bool


def view(office: Office, code: str, actor: Actor, now: datetime) -> BundleView:
    """Raises NotFound for whoever may see none of its parts."""
    today = now.astimezone(ZONE).date()
    seen = {part.code: part.open for part in bundles.seen(office.db, code, actor.id, today)}
    applicant = bundles.applicant(office.db, code) if seen else None
    if applicant is None:
        raise unknown(code)
    progress = load(office, code, now)
    asking = bundles.asking(office.db, [part.row["dossier_id"] for part in progress.parts.values()])
    told = _Told(progress, asking, seen)
    memberships = dossiers.load_desk(office.db, person=actor.id, key="", today=today).memberships
    at_desk = any(unit == progress.row["intake_unit_id"] and role == "receptionist" for unit, role in memberships)
    row = progress.row
    return BundleView(
        code=code, bundle=progress.bundle.bundle, name=progress.bundle.name,
        national_code=_national_code(progress, today), subject=row["subject"],
        applicant=replace(applicant, id_number=masked(applicant.id_number)),
        channel=row["channel"], return_way=row["return_way"], desk=_unit(progress.catalogue, row["intake_unit_id"]),
        submitted_at=datetime.fromisoformat(row["submitted_at"]), first_due_at=instant(row["first_due_at"]),
        due_at=instant(row["due_at"]), provisional=row["due_provisional"], gather_until=instant(row["gather_until"]),
        partial_at=instant(row["partial_at"]), closed_at=instant(row["closed_at"]), parts=told.parts(),
        letters=told.letters(), gathering=told.gathering(), papers=told.papers(),
        fees=told.fees(), fees_total=progress.plan.total,
        may_supplement=at_desk and progress.open_letter() is not None,
        may_agree=at_desk and progress.bundle.return_ is Return.PARTIAL_ON_REQUEST and row["partial_at"] is None
        and any(part.finished and not part.closed for part in progress.parts.values())
        and any(part.active or part.held for part in progress.parts.values()))


def of_dossier(office: Office, code: str) -> str | None:
    """The bundle a dossier is a part of."""
    return bundles.of_part(office.db, code)


def _unit(catalogue: Catalogue, unit_id: int) -> Text:
    unit = catalogue.units[unit_id]
    return Text(vi=unit.full_vi, en=unit.full_en)


def _national_code(progress: Progress, today: date) -> str | None:
    codes = [code for code in progress.bundle.codes
             if code.valid_from <= today and (code.valid_to is None or today <= code.valid_to)]
    return codes[-1].code if codes else None


class _Told:
    """The words for one bundle and one reader."""

    def __init__(self, progress: Progress, asking: list[Asking], seen: Mapping[str, bool]) -> None:
        self.progress, self.seen = progress, seen
        self.asking = {(row.dossier_id, row.no): row for row in asking}
        self.unlimited = {key for key, at in expectation.expected(progress).parts.items() if at is None}

    def name(self, part: str) -> Text:
        return self.progress.parts[part].name

    def parts(self) -> tuple[PartView, ...]:
        return tuple(self._part(key, part) for key, part in self.progress.parts.items())

    def _part(self, key: str, part: Part) -> PartView:
        row, infos = part.row, part.procedure.states
        shown = [state for state in row["states"] if infos[state].party is not None] or row["states"]
        stopped = row["stopped_for"]
        return PartView(
            key=key, code=part.code, name=part.name, open=self.seen.get(part.code, False), status=row["status"],
            status_name=STATUSES[row["status"]], outcome=row["outcome"],
            where=tuple(infos[state].name for state in shown),
            units=tuple(_unit(self.progress.catalogue, unit)
                        for unit in dict.fromkeys(item["unit_id"] for item in row["items"])),
            due_at=instant(row["due_at"]), expected_at=instant(row["expected_due_at"]),
            finished_at=instant(row["finished_at"]), closed_at=instant(row["closed_at"]),
            waits=self._waits(key) if part.held else (), unlimited=key in self.unlimited,
            stopped_for=None if stopped is None else self._failed(stopped))

    def _failed(self, part: str) -> Text:
        found = self.progress.parts[part]
        how = how_it_failed(found)
        return Text(vi=f"{found.name.vi} {how.vi}", en=f"{found.name.en} {how.en}")

    def _waits(self, key: str) -> tuple[Wait, ...]:
        parts = self.progress.parts
        return tuple(Wait(part=parts[other].name, need=NEEDS[need],
                          met=parts[other].approved if need is Need.RESULT else parts[other].finished)
                     for other, need in self.progress.bundle.parts[key].after.items() if other in parts)

    def letters(self) -> tuple[LetterView, ...]:
        return tuple(self._letter(letter) for letter in self.progress.letters)

    def _letter(self, letter: Row) -> LetterView:
        supplement = letter["kind"] == SUPPLEMENT_LETTER
        return LetterView(
            no=letter["no"], kind=letter["kind"], at=datetime.fromisoformat(letter["at"]),
            papers=tuple(self._asked_paper(paper) for paper in letter["papers"]) if supplement else (),
            requests=tuple(found for row in letter["asking"] for no in row["additions"]
                           if (found := self._request(row["part"], no))) if supplement else (),
            answered_at=instant(letter["answered_at"]) if supplement else None,
            because=None if supplement else self._failed(letter["because"]),
            parts=tuple(self.name(part) for part in letter.get("parts", ()) if part in self.progress.parts))

    def _asked_paper(self, paper: Row) -> PaperView:
        """Where its scan goes: the first part that asks; the others get it from there."""
        part = self.progress.parts[paper["parts"][0]]
        known = self.progress.plan.papers.get(paper["kind"])
        component = known.papers[part.key][0] if known and part.key in known.papers else str(
            paper["kind"]).removeprefix(f"{part.key}_")
        return PaperView(kind=paper["kind"], name=Text(vi=paper["name_vi"], en=paper["name_en"]), form="",
                         parts=tuple(self.name(key) for key in paper["parts"]), code=part.code, component=component)

    def gathering(self) -> tuple[Request, ...]:
        return tuple(found for key, part in self.progress.parts.items() for row in waiting(part.row["additions"])
                     if (found := self._request(key, row["no"])))

    def _request(self, part: str, no: int) -> Request | None:
        found, dossier = self.progress.parts[part], self.progress.parts[part].row["dossier_id"]
        row = self.asking.get((dossier, no))
        if row is None:
            return None
        spoken = json.loads(row.words) if row.words and self.seen.get(found.code) else {}
        declared = found.procedure.declaration.documents
        return Request(part=found.name, unit=_unit(self.progress.catalogue, row.unit_id), who=row.who, at=row.at,
                       papers=tuple(declared[name].name for name in row.documents if name in declared),
                       words=str(spoken.get("reason", "")))

    def fees(self) -> tuple[FeeLine, ...]:
        return tuple(
            FeeLine(part=self.name(part), name=fee.name, amount=fee.amount, full=fee.full,
                    exempted_by=fee.exempted_by.name if fee.exempted_by else None)
            for part, fees in self.progress.plan.fees.items() for fee in fees)

    def papers(self) -> tuple[PaperView, ...]:
        """What was handed in, once; only of parts the reader may open."""
        found = []
        for kind, asked in self.progress.plan.papers.items():
            held = [(key, row) for key, names in asked.papers.items() if self.seen.get(self.progress.parts[key].code)
                    for row in self.progress.parts[key].row["documents"] if row["component"] in names]
            if held:
                bearer = next(((key, row) for key, row in held if row["form"] != "electronic"), held[0])
                parts = dict.fromkeys(key for key, _ in held)
                found.append(PaperView(
                    kind=kind, name=asked.name, form=bearer[1]["form"], parts=tuple(self.name(key) for key in parts),
                    code=self.progress.parts[bearer[0]].code, component=bearer[1]["component"]))
        return tuple(found)
