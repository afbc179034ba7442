"""The same orders played twice, in PostgreSQL and in memory, by people who are mostly right; and what differs."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from engine import delivery
from engine.casework import consulting, deadlines, obligations, scans
from engine.casework.act import BESIDE, Decide, transact
from engine.casework.orders import MACHINE, Actor, Order, Particulars, Reply
from engine.casework.receive import Paper, Person, Submission, receive
from engine.casework.steps import decide as decide_step
from engine.errors import LienThongError
from engine.office import Office
from engine.rehearsal.play import BACKWARDS
from engine.rehearsal.stage import TRIAL, Stage, catalogue_for
from engine.states.procedure import Command, Need
from procedures.declaration import Fact, FactType
from storage import runs
from storage.inspection import MediaType
from tests.casework.walking import says
from tests.journey import MONDAY, Cast, Member

Row = dict[str, Any]
_files = itertools.count(1)
ENDS = frozenset({"withdraw", "stop", "refuse"})
TABLES = ("active_state", "work_item", "clock", "timer", "handoff", "document", "payment", "paper", "notice", "audit",
          "consultation", "addition", "obligation", "asset_claim")
# What two runs cannot share: ids, hashes, the database's own book-keeping.
OWN = {"active_state": ("dossier_id",), "audit": ("dossier_id", "prev", "hash"), "document": ("dossier_id", "id"),
       "handoff": ("dossier_id", "id"), "timer": ("dossier_id", "attempts", "retry_at"), "notice": ("dossier_id", "id")}
# Commitments have random keys; the version under trial has no id.
UNTOLD = ("words", "applicant", "version_id")
OF_DOSSIER = ("intake_agency", "intake_unit_id", "channel", "return_way", "facts", "received_at", "first_due_at",
              "due_at", "due_provisional", "finished_at", "closed_at", "outcome", "status", "history", "supplements",
              "version", "item_no", "clock_no", "handoff_seq", "audit_seq")


@dataclass
class Ground:
    """Shared by all walks: the office, its people and who they are."""

    office: Office
    cast: Cast
    people: dict[int, list[tuple[int, str]]] = field(init=False)
    done: Counter[str] = field(default_factory=Counter)
    runs: int = 0

    def __post_init__(self) -> None:
        self.people = {}
        for member in self.cast.members:
            self.people.setdefault(member.id, []).append((member.unit_id, member.role))


class Walk:
    """One dossier, in both worlds; `chance` is seeded."""

    def __init__(self, ground: Ground, procedure: str, seed: int) -> None:
        # one in three walks is mostly made by people who do what is next, so that ends are reached, too
        self.seed, self.diligent = seed, seed % 3 == 0
        self.ground, self.office, self.chance = ground, ground.office, random.Random(f"{procedure}/{seed}")
        self.now = MONDAY + timedelta(minutes=self.chance.randrange(20 * 24 * 60))
        catalogue = self.office.catalogue()
        version, compiled = catalogue.current(procedure, self.now.date())
        desks = [unit for unit in catalogue.units.values() if unit.receives and unit.level in
                 compiled.declaration.received_at and (unit.id, "receptionist") in catalogue.staffed]
        self.desk, self.procedure, self.version_id = self.chance.choice(desks), compiled, version
        self.stage = Stage(catalogue_for(catalogue, compiled, self.desk, date(2026, 1, 1)), ground.people)
        self.real: Reply | None = None

    # reception

    def begin(self) -> bool:
        """False when both refused."""
        submission = self.submission()
        self.real = self.both(lambda: receive(self.office, submission, self.now),
                              lambda: self.stage.receive(submission, TRIAL, self.now))
        self.deliver()
        return self.real is not None

    def submission(self) -> Submission:
        declared, chance = self.procedure.declaration, self.chance
        facts = {name: self.answer(fact) for name, fact in declared.facts.items()
                 if fact.required or chance.random() < 0.5}
        channel = chance.choice(declared.channels)
        needed = self.procedure.required_documents({**facts, "channel": channel})
        papers = tuple(Paper(component=name, form=chance.choice(("original", "electronic"))) for name in
                       declared.documents if name in needed or chance.random() < 0.2)
        member = chance.choice([one for one in self.ground.cast.members
                                if (one.unit_id, one.role) == (self.desk.id, "receptionist")])
        return Submission(procedure=self.procedure.key, unit=self.desk.id, channel=channel, return_way="counter",
                          applicant=Person(name="Nguyễn Thị Bích Ngọc"), subject="Thử", actor=_actor(member),
                          key=str(UUID(int=chance.getrandbits(128))), facts=facts,
                          papers=papers[1:] if chance.random() < 0.05 else papers, accept=chance.random() < 0.7)

    def answer(self, fact: Fact) -> Any:
        chance = self.chance
        match fact.type:
            case FactType.INTEGER:
                return chance.randint(fact.min or 0, min(fact.max or 40, (fact.min or 0) + 40))
            case FactType.BOOLEAN:
                return chance.random() < 0.4
            case FactType.DATE:
                ahead = -chance.randrange(1, 60) if fact.not_in_future else (fact.at_least_days_ahead or 1) + 30
                return (self.now + timedelta(days=ahead)).date().isoformat()
            case FactType.CHOICE:
                return chance.choice(list(fact.choices or {}))
            case _:
                # no two dossiers work on the same object: a rehearsal has only one
                return f"Chữ {self.seed}"

    # both worlds

    def both(self, real: Callable[[], Reply], memory: Callable[[], Reply]) -> Reply | None:
        """What the two say must be the same, yes or no."""
        told, shown = _told(real), _told(memory)
        assert _said(told) == _said(shown), (told, shown)
        self.ground.done[told.action if isinstance(told, Reply) else told.code] += 1
        return told if isinstance(told, Reply) else None

    def order(self, event: str, actor: Actor, told: Particulars, *, state: str | None = None,
              decide: Decide | None = None) -> None:
        """By the same person at the same moment; mostly with the version of now."""
        dossier, chosen = self.stage.memory.dossier, decide or BESIDE.get(event, decide_step)
        seen = dossier["version"] - (1 if self.chance.random() < 0.05 else 0)
        order = Order(code=dossier["code"], event=event, actor=actor, state=state, particulars=told,
                      seen_version=max(seen, 0) if actor.id else None)
        here = replace(order, code=self.code, particulars=replace(told, handoff=self.really(told.handoff)))
        self.both(lambda: transact(self.office, here, chosen, self.now),
                  lambda: self.stage.transact(order, chosen, self.now))

    @property
    def code(self) -> str:
        assert self.real is not None
        return self.real.code

    @property
    def id(self) -> int:
        return int(self.office.db.value("select id from dossier where code = %s", (self.code,)))

    def really(self, handoff: UUID | None) -> UUID | None:
        """The hand-off of the same number in the database."""
        if handoff is None:
            return None
        seq = next(row["seq"] for row in self.stage.memory.rows["handoff"] if row["id"] == str(handoff))
        found: UUID = self.office.db.value("select id from handoff where dossier_id = %s and seq = %s", (self.id, seq))
        return found

    def deliver(self) -> None:
        if self.real is not None:
            delivery.drain(self.office, self.now)
            self.stage.deliver(self.now)

    def sweep(self) -> None:
        """What engine.alarms does, for this dossier alone."""
        while (row := self.timer()) is not None:
            decide = deadlines.ring(row["clock_no"], row["kind"], row["fires_at"])
            transact(self.office, Order(code=self.code, event=f"alarm:{row['kind']}", actor=MACHINE), decide, self.now)
            self.ground.done["alarm"] += 1
        self.stage.ring(self.now, at=self.now)

    def timer(self) -> Row | None:
        found = self.rows("select * from timer where dossier_id = %s and fires_at <= %s order by fires_at, clock_no "
                          "limit 1", self.id, self.now)
        return found[0] if found else None

    def rows(self, query: str, *params: Any) -> list[Row]:
        with self.office.db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), params).fetchall()

    # what may happen next

    @property
    def over(self) -> bool:
        """Closed, and the applicant owes nothing any more."""
        memory = self.stage.memory
        owed = any(row["fulfilled_at"] is None for row in memory.rows["obligation"])
        return memory.dossier["closed_at"] is not None and not owed

    def step(self) -> None:
        self.now += timedelta(minutes=self.chance.choice((1, 5, 60, 300, 1440, 4000)))
        if self.chance.random() < 0.3:
            self.sweep()
        if not (self.diligent and self.chance.random() < 0.8 and self.go_on()):
            self.chance.choice(self.tries())()
        if self.chance.random() < 0.8:
            self.deliver()

    def go_on(self) -> bool:
        """What is next: take over, let the paper come, complete a step. False when nothing is."""
        memory = self.stage.memory
        waiting = [row for row in memory.rows["handoff"] if row["state"] in ("pending", "delivered")]
        if waiting:
            self.handoff(waiting[0], "register")
            return True
        if any(row["bound_for_unit_id"] is not None for row in memory.rows["paper"]):
            self.carry()
            return True
        states = [row["state"] for row in memory.rows["active_state"]]
        ahead = [one for one in self.stage.procedure.commands(states) if one.closes and one.event not in BACKWARDS]
        if ahead:
            self.command(ahead[0])
        return bool(ahead)

    def tries(self) -> list[Callable[[], None]]:
        memory, found = self.stage.memory, list[Callable[[], None]]()
        states = [row["state"] for row in memory.rows["active_state"]]
        for command in self.stage.procedure.commands(states):
            if command.event not in ENDS or self.chance.random() < 0.1:
                found += [lambda command=command: self.command(command)] * (3 if command.closes else 1)  # type: ignore[misc]
        for row in memory.rows["handoff"]:
            found += [lambda row=row, event=event: self.handoff(row, event) for event in self.acts_on(row)]  # type: ignore[misc]
        if any(row["bound_for_unit_id"] is not None for row in memory.rows["paper"]):
            found += [self.carry, self.carry]
        found += self.beside()
        found.append(lambda: self.attach(self.chance.choice(("result", "other")), self.anybody()))
        if self.chance.random() < 0.3:
            until = self.now + timedelta(days=self.chance.randrange(60))
            found.append(lambda: self.order("extend", self.manager(), Particulars(reason="Chờ", new_due=until)))
        return found

    def beside(self) -> list[Callable[[], None]]:
        """Consultations beyond the procedure, obligations, additions: rarer than the way itself."""
        memory, found = self.stage.memory, list[Callable[[], None]]()
        for row in memory.rows["consultation"]:
            if row["answered_at"] is None and row["withdrawn_at"] is None:
                found += [lambda row=row: self.consulted(row)] * 2  # type: ignore[misc]
        for row in memory.rows["obligation"]:
            if row["fulfilled_at"] is None:
                told = Particulars(proof="Biên bản số 1")
                found.append(lambda row=row, told=told: self.order(  # type: ignore[misc]
                    "fulfil_obligation", self.anybody(), told, state=obligations.place(row["no"])))
        at_work = [item for item in memory.items() if item["duty"] == "step"]
        if at_work and self.chance.random() < 0.4:
            item = self.chance.choice(at_work)
            found.append(lambda: self.ask(item))
            missing = Particulars(documents=("other",), reason="Thiếu")
            found.append(lambda: self.order("propose_additions", self.holder(item), missing, state=item["state"]))
        return found

    def ask(self, item: Row) -> None:
        officers = {one.unit_id for one in self.ground.cast.members if one.role == "officer"}
        units = tuple(self.chance.sample(sorted(officers), self.chance.randint(1, 3)))
        told = Particulars(units=units, words="Xin ý kiến", limit="3 working days",
                           join=self.chance.choice(("all", "any", "first_negative", "none")))
        self.order("consult_further", self.holder(item), told, state=item["state"])

    def consulted(self, row: Row) -> None:
        state, item = consulting.place(row["no"]), next(
            item for item in self.stage.memory.rows["work_item"] if item["no"] == row["item_no"])
        if self.chance.random() < 0.3:
            asker = {**item, "unit_id": row["from_unit_id"], "role": "officer"}
            self.order("withdraw_consultation", self.holder(asker), Particulars(reason="Không cần nữa"), state=state)
            return
        told = Particulars(verdict=self.chance.choice(("agree", "disagree")), words="Ý kiến")
        self.order("answer_consultation", self.holder(item), told, state=state)

    def holder(self, item: Row) -> Actor:
        found = [one for one in self.ground.cast.members if (one.unit_id, one.role) == (item["unit_id"], item["role"])]
        return _actor(self.chance.choice(found)) if found and self.chance.random() < 0.9 else self.anybody()

    def acts_on(self, row: Row) -> tuple[str, ...]:
        if row["state"] in ("pending", "delivered"):
            return "register", "register", "register", "refuse_handoff", "recall"
        at_work = {item["handoff_id"] for item in self.stage.memory.items()}
        return ("resend", "resend") if row["id"] in at_work and row["state"] != "registered" else ()

    def command(self, command: Command) -> None:
        told: dict[str, Any] = {}
        for need in command.needs:
            told |= says(need)
        if "verdict" in told:
            told["verdict"] = self.chance.choice(("agree", "disagree", "conditional", "no_objection", "agree"))
        if self.chance.random() < 0.05:
            told = {}
        actor = self.somebody(command)
        if Need.RESULT_DOCUMENT in command.needs and self.chance.random() < 0.8:
            self.attach("result", actor)
        self.order(command.event, actor, Particulars(**told), state=command.state)

    def somebody(self, command: Command) -> Actor:
        """Mostly whoever holds the step, sometimes anybody of the roles that may."""
        items = [item for item in self.stage.memory.items() if item["state"] == command.state]
        members = self.ground.cast.members
        if items and self.chance.random() < 0.8:
            found = [one for one in members if (one.unit_id, one.role) == (items[0]["unit_id"], items[0]["role"])]
        else:
            near = self.near()
            roles = {role for _, role in command.actors}
            found = [one for one in near if one.role in roles]
        return _actor(self.chance.choice(found or members))

    def near(self) -> list[Member]:
        units = {item["unit_id"] for item in self.stage.memory.rows["work_item"]} | {self.desk.id}
        return [one for one in self.ground.cast.members if one.unit_id in units]

    def anybody(self) -> Actor:
        return _actor(self.chance.choice(self.near() if self.chance.random() < 0.9 else self.ground.cast.members))

    def manager(self) -> Actor:
        found = [one for one in self.near() if one.role in ("head", "manager")]
        return _actor(self.chance.choice(found)) if found else self.anybody()

    def handoff(self, row: Row, event: str) -> None:
        back = event in ("recall", "resend")
        unit = row["from_unit_id" if back else "to_unit_id"]
        role = row["from_role"] if back else next(item["role"] for item in self.stage.memory.rows["work_item"]
                                                  if item["no"] == row["item_no"])
        found = [one for one in self.ground.cast.members if (one.unit_id, one.role) == (unit, role)]
        actor = _actor(self.chance.choice(found)) if found and self.chance.random() < 0.9 else self.anybody()
        self.order(event, actor, Particulars(handoff=UUID(row["id"]), reason="Vì sao"))

    def carry(self) -> None:
        """A run of the courier's: drawn up, taken, confirmed or missed."""
        day = date(2021, 1, 1) + timedelta(days=self.ground.runs)
        self.ground.runs += 1
        runs.plan(self.office.db, 1, day, [self.now])
        run = runs.of_day(self.office.db, day)[0]
        runs.draw(self.office.db, run.id, self.now, self.now)
        for barcode in self.stage.list_papers(run.id):
            paper = next(row for row in self.stage.memory.rows["paper"] if row["barcode"] == barcode)
            bound = paper["bound_for_unit_id"]
            carrier = next(one for one in self.ground.cast.members if one.role == "courier")
            self.paper("take_paper", _actor(carrier), paper)
            receivers = [one for one in self.ground.cast.members if one.unit_id == bound]
            receiver = _actor(self.chance.choice(receivers)) if receivers else self.anybody()
            if self.chance.random() < 0.1:
                self.paper("report_missing", receiver, paper)
            self.paper("confirm_paper", receiver, paper)

    def paper(self, event: str, actor: Actor, paper: Row) -> None:
        """Barcodes carry the code of the dossier, which is another one here and there."""
        code, chosen = self.stage.memory.dossier["code"], BESIDE[event]
        order = Order(code=code, event=event, actor=actor, particulars=Particulars(slip=paper["barcode"]))
        here = replace(order, code=self.code, particulars=Particulars(slip=paper["barcode"].replace(code, self.code)))
        self.both(lambda: transact(self.office, here, chosen, self.now),
                  lambda: self.stage.transact(order, chosen, self.now))

    def attach(self, component: str, actor: Actor) -> None:
        sha256 = hashlib.sha256(f"{next(_files)}".encode()).hexdigest()
        scan = scans.Scan(sha256=sha256, size=1234, media_type=MediaType.PDF, pages=1, quality=None)
        decide = scans.attach(component, f"{component}.pdf", scan)
        self.order("attach", actor, Particulars(), decide=decide)

    # comparing

    def differences(self) -> list[str]:
        """What the two worlds have of the dossier that is not the same."""
        self.deliver()
        here, there = self.tables(), self.memories()
        return [f"{name}: {_first(here[name], there[name])}" for name in here if here[name] != there[name]]

    def tables(self) -> dict[str, list[str]]:
        found = {name: self.rows(f"select * from {name} where dossier_id = %s", self.id) for name in TABLES}
        found["dossier"] = self.rows("select * from dossier where id = %s", self.id)
        return self.comparable(found, self.code)

    def memories(self) -> dict[str, list[str]]:
        memory = self.stage.memory
        return self.comparable({**{name: memory.rows[name] for name in TABLES}, "dossier": [memory.dossier]},
                               memory.dossier["code"])

    def comparable(self, found: dict[str, list[Row]], code: str) -> dict[str, list[str]]:
        """One line a row, sorted; ids named by their numbers, instants in one spelling."""
        names = {str(row["id"]): f"handoff {row['seq']}" for row in found["handoff"]}
        by_time = sorted(found["document"], key=lambda row: (row["component"], row["sha256"] or ""))
        names |= {str(row["id"]): f"document {number}" for number, row in enumerate(by_time)}
        told: dict[str, list[str]] = {}
        for table, rows in found.items():
            left_out = OWN.get(table, ("dossier_id",))
            kept = [{name: value for name, value in row.items() if name not in left_out
                     and (table != "dossier" or name in OF_DOSSIER)} for row in rows]
            told[table] = sorted(json.dumps(_plain(row, names), sort_keys=True, ensure_ascii=False).replace(code, "HS")
                                 for row in kept)
        return told


def _actor(member: Member) -> Actor:
    return Actor(id=member.id, name=member.name)


def _told(play: Callable[[], Reply]) -> Reply | LienThongError:
    try:
        return play()
    except LienThongError as refusal:
        return refusal


def _said(told: Reply | LienThongError) -> object:
    if isinstance(told, Reply):
        due = told.due_at and datetime.fromisoformat(told.due_at)
        return told.version, told.action, sorted(told.states), told.status, due, len(told.handoffs)
    return told.code


def _plain(value: Any, names: dict[str, str]) -> Any:
    """The spelling of the database and that of a decision, made one; rows come in no order, so lists are sorted."""
    match value:
        case dict():
            return {name: _plain(one, names) for name, one in value.items() if name not in UNTOLD}
        case list() | tuple():
            return sorted((_plain(one, names) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
        case datetime():
            return value.astimezone(UTC).isoformat()
        case UUID():
            return names.get(str(value), str(value))
        case str() if value.startswith("{"):
            return _plain(json.loads(value), names)
        case str() if len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T":
            return datetime.fromisoformat(value).astimezone(UTC).isoformat()
        case str():
            return names.get(value, value)
        case _:
            return value


def _first(here: list[str], there: list[str]) -> str:
    only = [line for line in here if line not in there], [line for line in there if line not in here]
    return f"{len(here)} and {len(there)} rows; database {only[0][:2]}; memory {only[1][:2]}"
