"""Plays the script day by day, in the order of the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from api.demo.acting import Hands, Playing, Stumble
from api.demo.cast import Cast, Desk
from api.demo.client import Api, Json, Refusal
from api.demo.closing import Closing, close
from api.demo.couriers import Couriers
from api.demo.desk import enter, rate
from api.demo.outside import Outside
from api.demo.programme import Programme
from api.demo.rounds import ROUND_MINUTES, Rounds
from api.demo.script import (
    LINK_ANSWERED,
    MAILED,
    PASS_LIST,
    RATING,
    SLIP_BACK,
    SLIP_PRINTED,
    Away,
    Bundle,
    Case,
    Closure,
    Visit,
    at,
)
from api.demo.stage import Stage
from engine.clocks.calendar import national

MORNING, NOON, AFTERNOON, EVENING = "07:00", "11:30", "13:30", "17:00"
RUNS = {1: "08:30", 2: "10:30", 3: "14:00", 4: "16:00"}
ON_THE_ROAD = timedelta(minutes=25)
# Codes for a cut of the network are there before it comes.
BEFORE_THE_CUT = timedelta(minutes=3)
ROUND_EVERY = timedelta(minutes=ROUND_MINUTES)

Scene = Callable[[datetime], None]


@dataclass(kw_only=True)
class Player:
    """`faults`: what the API refused though the script wanted it; such a dossier is left alone from then on.

    `received`: the bundles by their codes. Their parts are dossiers like others. `closings`: what became of closures.
    """

    stage: Stage
    api: Api
    cast: Cast
    cases: list[Case]
    bundles: list[Bundle]
    closures: list[Closure]
    absences: list[Away]
    programme: Programme
    faults: list[str] = field(default_factory=list)
    playing: dict[str, Playing] = field(default_factory=dict)
    received: dict[str, Bundle] = field(default_factory=dict)
    closings: list[Closing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hands = Hands(api=self.api, cast=self.cast, clock=self.stage.clock, office=self.stage.office)
        self.rounds = Rounds(hands=self.hands, cast=self.cast, playing=self.playing, faults=self.faults)
        self.couriers = Couriers(hands=self.hands, cast=self.cast, rounds=self.rounds, playing=self.playing)
        self.outside = Outside(stage=self.stage, hands=self.hands)
        self._by_name: dict[str, Playing] = {}

    def play(self, days: Iterable[date]) -> None:
        self.outside.begin()
        last: date | None = None
        for day in days:
            if last is not None:
                self._pass(last, day)
            self._day(day)
            last = day
        self.stage.settle(messages=True)

    def _pass(self, after: date, until: date) -> None:
        """The working days between, on which nobody does anything and deadlines run out."""
        day, calendar = after + timedelta(days=1), national()
        while day < until:
            if calendar.is_working_day(day):
                self.stage.clock.jump(at(day, EVENING))
                self.stage.settle()
            day += timedelta(days=1)

    def _day(self, day: date) -> None:
        self.stage.clock.jump(at(day, MORNING))
        self.stage.settle()
        self.cast.away = frozenset(away.login for away in self.absences if away.first <= day <= away.last)
        self.rounds.everybody(at(day, MORNING))
        self.programme.say(at(day, MORNING), "Bắt đầu ngày làm việc", "the working day begins")
        for when, scene in self._scenes(day):
            self.stage.clock.jump(when)
            self.stage.settle()
            try:
                scene(when)
            except (Refusal, Stumble) as fault:
                self.faults.append(f"{when:%d/%m %H:%M} {fault}")
            # what this moved is delivered before the clock goes on
            self.stage.settle()

    def _scenes(self, day: date) -> list[tuple[datetime, Scene]]:
        """What is known beforehand, in the order of the clock; what happens at the same moment in that of this list."""
        found: list[tuple[datetime, Scene]] = []
        for no, clock in RUNS.items():
            found.append((at(day, clock), self._departs(day, no)))
            found.append((at(day, clock) + ON_THE_ROAD, self._arrives(day, no)))
        for case in self.cases:
            if case.arrives.date() == day and not case.bundle:
                found += self._arrives_at_the_desk(case)
            found += [(visit.when, self._visits(case, visit)) for visit in case.visits if visit.when.date() == day]
            if case.lost is not None and case.lost.found.date() == day:
                found.append((case.lost.found, self._finds(case)))
            if MAILED in case.asked:
                found += [each for each in self._asked_outside(case) if each[0].date() == day]
        for bundle in self.bundles:
            found += [(bundle.arrives, self._receives_bundle(bundle))] if bundle.arrives.date() == day else []
            if bundle.partial is not None and bundle.partial.date() == day:
                found.append((bundle.partial, self._agrees(bundle)))
        found += [(each.published, self._closes(each)) for each in self.closures if each.published.date() == day]
        found += [(each.entered, self._leaves(each)) for each in self.absences if each.entered.date() == day]
        found += [(RATING, self._rates)] if RATING.date() == day else []
        found += [(when, self._round) for when in _rounds_of(day)]
        return sorted(found, key=lambda each: each[0])

    def _round(self, when: datetime) -> None:
        if self.rounds.anything(when):
            done = self.rounds.go(when)
            self.programme.count(when, acts=done)

    def _arrives_at_the_desk(self, case: Case) -> list[tuple[datetime, Scene]]:
        if case.synchronised is None:
            return [(case.arrives, self._receives(case))]
        aside: list[tuple[str, str]] = []

        def sets_aside(when: datetime) -> None:
            who = self._receptionist(case)
            aside.append((who, self.hands.set_aside(who)))

        def synchronises(when: datetime) -> None:
            who, code = aside[0]
            self._enters(case, self.hands.synchronise(case, who, code), when)
            self.programme.say(when, f"Có mạng lại: {code} được đồng bộ, giữ giờ tiếp nhận {case.arrives:%H:%M}",
                               "the network is back: synchronised, with its own time")

        return [(case.arrives - BEFORE_THE_CUT, sets_aside), (case.synchronised, synchronises)]

    def _receives(self, case: Case) -> Scene:
        def scene(when: datetime) -> None:
            self._enters(case, self.hands.receive(case, self._receptionist(case)), when)

        return scene

    def _enters(self, case: Case, reply: Json, when: datetime) -> None:
        playing = Playing(case=case, code=reply["code"])
        self.playing[playing.code] = self._by_name[case.name] = playing
        self.rounds.wake_for(playing, reply, when)
        self.programme.count(when, received=1)

    def _receptionist(self, case: Case) -> str:
        desk = self.cast.desk_of(case, "checking")
        assert desk is not None
        return self.cast.on_duty(desk, len(self.playing))

    def _leaves(self, away: Away) -> Scene:
        def scene(when: datetime) -> None:
            enter(self.stage, self.hands, away)
            names = [self.hands.writing.person(login).name for login in (away.login, away.substitute)]
            self.programme.say(when, f"{names[0]} vắng mặt {away.first:%d/%m}, {names[1]} thay",
                               "an absence is entered")

        return scene

    def _rates(self, when: datetime) -> None:
        rate(self.stage, self.hands, self.cast, self.playing.values())
        self.programme.say(when, f"{self.hands.acts['rate']} người đến nhận kết quả đã đánh giá", "results are rated")

    def _receives_bundle(self, bundle: Bundle) -> Scene:
        def scene(when: datetime) -> None:
            who = self.cast.on_duty(self._reception(bundle), len(self.playing))
            reply = self.hands.receive_bundle(bundle, who)
            self.received[reply["code"]] = bundle
            parts = [Playing(case=bundle.cases[part["part"]], code=part["code"]) for part in reply["parts"]]
            for part in parts:
                part.others = [other for other in parts if other is not part]
                self.playing[part.code] = self._by_name[part.case.name] = part
                self.rounds.wake_all(part, when)
            vi = f"Hồ sơ liên thông {reply['code']}: {len(parts)} thủ tục nộp một lần"
            self.programme.say(when, vi, f"a bundle, procedures {len(parts)}")
            self.programme.count(when, received=len(parts))

        return scene

    def _agrees(self, bundle: Bundle) -> Scene:
        def scene(when: datetime) -> None:
            code = next(code for code, received in self.received.items() if received is bundle)
            self.hands.agree_partial(code, self.cast.on_duty(self._reception(bundle), 0))
            self.programme.say(when, f"Công dân nhận trước phần đã có kết quả của {code}", "finished parts go first")
            for case in bundle.cases.values():
                self.rounds.wake_all(self._by_name[case.name], when)

        return scene

    def _reception(self, bundle: Bundle) -> Desk:
        desk = self.cast.desk_of(next(iter(bundle.cases.values())), "checking")
        assert desk is not None
        return desk

    def _visits(self, case: Case, visit: Visit) -> Scene:
        def scene(when: datetime) -> None:
            playing = self._by_name[case.name]
            if visit.act == PASS_LIST:
                self.outside.pass_list(self.cast.on_duty(Desk.parse(visit.who), 0))
                return
            reply = self.hands.visit(playing, visit, self.cast.on_duty(Desk.parse(visit.who), 0))
            self.programme.count(when, acts=1)
            if reply is not None:
                self.rounds.wake_all(playing, when)

        return scene

    def _asked_outside(self, case: Case) -> list[tuple[datetime, Scene]]:
        """What agencies without a system do, and who prints and enters their slips here."""
        lead = self.cast.desk_of(case, "examining")
        assert lead is not None
        clerk = self.cast.on_duty(lead, 0)

        def linked(when: datetime) -> None:
            self.outside.by_link(self._by_name[case.name].code)
            self.programme.say(when, "Sở Tư pháp trả lời bằng liên kết trong thư", "answered by a mailed link")

        def printed(when: datetime) -> None:
            self.outside.printed(self._by_name[case.name].code, clerk)

        def entered(when: datetime) -> None:
            self.outside.by_slip(self._by_name[case.name].code, clerk)
            self.programme.say(when, "Phiếu giấy của Sở Xây dựng đã về, quét mã và nhập trả lời", "answered on paper")

        return [(LINK_ANSWERED, linked), (SLIP_PRINTED, printed), (SLIP_BACK, entered)]

    def _closes(self, closure: Closure) -> Scene:
        def scene(when: datetime) -> None:
            codes = [code for code, playing in self.playing.items() if playing.case.desk == closure.agency]
            found = close(self.stage, self.api, self.cast, closure, codes)
            self.closings.append(found)
            days = f"{closure.first:%d/%m} đến {closure.last:%d/%m}"
            self.programme.say(when, f"{self.cast.agency_name(closure.agency)} đóng cửa {days} theo {closure.decision} "
                                     f"({closure.reason}): {len(found.moved)} hạn trả dời lại",
                               f"an agency is closed, due dates moved {len(found.moved)}")

        return scene

    def _departs(self, day: date, no: int) -> Scene:
        def scene(when: datetime) -> None:
            taken = self.couriers.depart(day, no)
            if taken:
                self.programme.say(when, f"Chuyến giao nhận số {no}: {taken} bản giấy",
                                   f"courier run {no}, papers {taken}")

        return scene

    def _arrives(self, day: date, no: int) -> Scene:
        def scene(when: datetime) -> None:
            for missed in self.couriers.arrive(day, no, when):
                self.programme.say(when, f"Thiếu bản giấy của {missed.code}, đã lập sự cố", "a paper is missing")

        return scene

    def _finds(self, case: Case) -> Scene:
        def scene(when: datetime) -> None:
            playing = self._by_name[case.name]
            self.couriers.found(playing, when)
            self.programme.say(when, f"Đã tìm thấy bản giấy của {playing.code}", "the paper was found")

        return scene


def _rounds_of(day: date) -> Iterable[datetime]:
    for begins, ends in ((MORNING, NOON), (AFTERNOON, EVENING)):
        when = at(day, begins) + ROUND_EVERY
        while when < at(day, ends):
            yield when
            when += ROUND_EVERY
