"""One dossier played without a database: the deciders of the counters, on rows in memory, whatever the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from engine.casework import deadlines, handoffs, steps
from engine.casework.act import BESIDE, BLIND, Decide, goes_on_record, refused
from engine.casework.orders import MACHINE, Order, Particulars, Reply
from engine.casework.receive import Submission, decide_receipt, numbered, receipt, unnumbered
from engine.catalogue import BindingRow, Catalogue, Compiled, Procedures, UnitInfo, VersionRow
from engine.errors import LienThongError, NotFound, NotPossibleHere, Refused
from engine.rehearsal.memory import Memberships, Memory, Row
from engine.states.procedure import Procedure
from storage.dossiers import Desk, Loaded

# The version under trial: no published one has this id.
TRIAL = 0
LISTED = 0  # the number of the only courier run there is


class OneProcedure(Procedures):
    """The procedure under trial and no other: nothing is ever read."""

    def __init__(self, procedure: Procedure) -> None:
        self.procedure, self.compiled, self._hashes = procedure, Compiled(), {TRIAL: procedure.content_hash}

    def __getitem__(self, version_id: int) -> Procedure:
        if version_id != TRIAL:
            raise KeyError(version_id)
        return self.procedure


def catalogue_for(catalogue: Catalogue, procedure: Procedure, desk: UnitInfo, on: date) -> Catalogue:
    """The province with the procedure under trial in force; a party nobody was bound to has a unit that stands in."""
    row = VersionRow(TRIAL, procedure.key, procedure.declaration.version, procedure.content_hash, "published", on, None)
    made = replace(catalogue, procedures=OneProcedure(procedure), versions=[row],
                   listings={}, units=dict(catalogue.units), bindings=dict(catalogue.bindings), _parties={})
    for number, party in enumerate(unbound(catalogue, procedure, desk, on), start=1):
        named = procedure.declaration.parties.get(party)
        unit = UnitInfo(id=-number, agency=f"?{party}", key=party, agency_vi="chưa phân công", level=desk.level,
                        name_vi=named.vi if named else party, name_en=named.en if named else party,
                        agency_en="nobody bound yet", receives=False)
        made.units = {**made.units, unit.id: unit}
        made.bindings = {**made.bindings, (party, None): [BindingRow(party, None, unit.id, date.min, None)]}
    return made


def unbound(catalogue: Catalogue, procedure: Procedure, desk: UnitInfo, on: date) -> list[str]:
    """The parties of the procedure that no unit fills for what this desk takes in."""
    found = []
    for party in dict.fromkeys(info.party for info in procedure.states.values() if info.party is not None):
        try:
            catalogue.unit_for(party, desk.agency, on)
        except Refused:
            found.append(party)
    return found


class Stage:
    """`people`: who holds which role where, by person id; `memory` is everything that is known of the dossier."""

    def __init__(self, catalogue: Catalogue, people: Mapping[int, Memberships]) -> None:
        self.catalogue, self.people, self.memory = catalogue, people, Memory()

    @property
    def procedure(self) -> Procedure:
        return self.catalogue.procedures[self.memory.dossier["version_id"]]

    def receive(self, submission: Submission, version_id: int, now: datetime, *, id: int = 1,
                code: str = "THU-1") -> Reply:
        """Raises what the counter would be told: Invalid, MissingDocument ..."""
        held = list(self.people[submission.actor.id])
        desk = Desk(memberships=held, revision=0, asked_before=None, replied_before=None)
        blank = numbered(unnumbered(submission, desk, version_id, self.catalogue, now), id, code)
        decision = decide_receipt(submission, blank, self.catalogue, now)
        self.memory.record(receipt(decision, submission, blank))
        return decision.reply()

    def act(self, order: Order, now: datetime) -> Reply:
        """What a person asks; raises the LienThongError he would be told."""
        return self.transact(order, BESIDE.get(order.event, steps.decide), now)

    def transact(self, order: Order, decide: Decide, now: datetime) -> Reply:
        loaded = self.load(order)
        try:
            decision = decide(loaded, order, self.catalogue, now)
        except LienThongError as refusal:
            if goes_on_record(order, refusal):
                self.memory.record(refused(self.load(order), order, refusal, self.catalogue, now).payload())
            raise
        self.memory.record(decision.payload())
        return decision.reply()

    def load(self, order: Order) -> Loaded:
        """As the actor may see it."""
        held = self.people.get(order.actor.id, ())
        loaded = self.memory.load(held, blind=order.actor.id == MACHINE.id)
        if loaded is None and order.event in BLIND:
            loaded = self.memory.load(held, blind=True)
            if loaded is not None:
                loaded.blind = True
        if loaded is None:
            raise NotFound(what=f"hồ sơ {order.code}", what_en=f"dossier {order.code}")
        return loaded

    def machine(self, event: str, particulars: Particulars) -> Order:
        return Order(code=self.memory.dossier["code"], event=event, actor=MACHINE, particulars=particulars)

    def deliver(self, now: datetime) -> None:
        """Every message that waits reaches the other agency's desk."""
        for message in sorted(self.memory.rows["outbox"], key=lambda row: int(row["seq"])):
            if message["sent_at"] is None and message["kind"] == "handoff":
                told = Particulars(handoff=UUID(message["message_id"]))
                # it may have been registered or recalled before it was delivered
                with suppress(NotPossibleHere):
                    self.transact(self.machine("deliver", told), handoffs.deliver, now)
            message["sent_at"] = message["sent_at"] or now.isoformat()

    def ring(self, until: datetime, *, at: datetime | None = None,
             then: Callable[[datetime], None] = lambda _: None) -> None:
        """Every alarm due by `until`, in due order: each at its own moment, or all at the moment `at`.

        `then`: what follows each by itself; what a limit brings may hand the dossier over.
        """
        before = None
        while (timer := self._next(until)) is not None and timer != before:
            before = dict(timer)
            fires = datetime.fromisoformat(timer["fires_at"])
            decide = deadlines.ring(timer["clock_no"], timer["kind"], fires)
            self.transact(self.machine(f"alarm:{timer['kind']}", Particulars()), decide, at or fires)
            then(at or fires)

    def _next(self, until: datetime) -> Row | None:
        due = [(datetime.fromisoformat(row["fires_at"]), row) for row in self.memory.rows["timer"]]
        ready = [found for found in due if found[0] <= until]
        return min(ready, key=lambda found: (found[0], found[1]["clock_no"]))[1] if ready else None

    def list_papers(self, run: int = LISTED) -> list[str]:
        """Draws up the manifest: every paper that is bound for somewhere. Returns their barcodes."""
        bound = [row for row in self.memory.rows["paper"]
                 if row["state"] == "held" and row["bound_for_unit_id"] is not None and row["run_id"] is None]
        for row in bound:
            row["run_id"] = run
        return [row["barcode"] for row in bound]
