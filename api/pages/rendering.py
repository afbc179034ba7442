"""Templates: how a page is put together, and how dates, sums and sizes are written."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from api import words
from api.context import settings_of
from api.pages.assets import assets
from api.pages.due import due_words
from api.pages.visits import Visit
from api.problems import TITLES, status_of
from engine import timekeeper
from engine.casework.offers import Receiver
from engine.clocks.course import Measure
from engine.clocks.ledger import Line
from engine.clocks.wording import amount, weekday
from engine.clocks.zone import ZONE
from engine.desk.places import UnitRef
from engine.errors import LienThongError
from procedures.declaration import Text
from storage.faults import LARGEST

TEMPLATES = Path(__file__).parent.parent / "templates"


class Worded(Protocol):
    """Anything with words in both languages."""

    @property
    def vi(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """What went wrong as a whole, and the link that leads on."""

    title: str
    words: str
    next: tuple[str, str] | None = None

    @classmethod
    def of(cls, refusal: LienThongError, language: str) -> Trouble:
        return cls(title=TITLES[status_of(refusal)][language == "en"], words=refusal.message(language))


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """A form that came back: what was typed, and what is wrong with which field."""

    given: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    trouble: Trouble | None = None


BLANK = Entered()


def page(visit: Visit, template: str, entered: Entered = BLANK, *, status: int = 200, **told: Any) -> HTMLResponse:
    """`given` and `faults` are read by the macros of partials/forms.html, `here` by the switch of languages."""
    person = visit.person
    home = settings_of(visit.visitor.request).home
    frame = {
        "language": visit.language, "here": visit.here, "person": person, "form_key": visit.form_key, "now": visit.now,
        "places": visit.places(), "given": entered.given, "faults": entered.faults, "trouble": entered.trouble,
        "real_time": timekeeper.is_real(),
        "faulty": bool(entered.faults or entered.trouble), "asset": assets(home).address,
        "say": _in_english if visit.language == "en" else _in_vietnamese,
    }
    body = environment().get_template(template).render(frame | told)
    return HTMLResponse(body, status, {"cache-control": "no-store"})


@lru_cache
def environment() -> Environment:
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True, auto_reload=False)
    made.globals |= {"say": say, "one_time_key": lambda: str(uuid.uuid4()),
                     "largest": LARGEST, "due_words": due_words, "words": words, "named": words.named}
    made.filters |= {"moment": moment, "vietnamese_moment": vietnamese_moment, "day": day, "dong": dong, "size": size,
                     "html_id": html_id, "weekday": _weekday, "added": _added, "so_far": _so_far,
                     "place": place, "receiver": _receiver}
    return made


@pass_context
def say(context: Context, vi: str | tuple[str, str] | Worded, en: str | None = None) -> str:
    """The words in the reader's language: two strings, a pair, or anything that has both."""
    return (_in_english if context["language"] == "en" else _in_vietnamese)(vi, en)


# A page says hundreds of things in one language: for a function that takes its context, every call makes another one.
def _in_vietnamese(vi: str | tuple[str, str] | Worded, en: str | None = None) -> str:
    return vi if isinstance(vi, str) else vi[0] if isinstance(vi, tuple) else vi.vi


def _in_english(vi: str | tuple[str, str] | Worded, en: str | None = None) -> str:
    if isinstance(vi, str):
        return vi if en is None else en
    return vi[1] if isinstance(vi, tuple) else vi.en


@pass_context
def place(context: Context, unit: UnitRef) -> str:
    """Unit and agency, once: many units are named after their agency."""
    name, agency = say(context, unit.name), say(context, unit.agency_name)
    return name if agency in name else f"{name}, {agency}"


def _receiver(one: Receiver) -> tuple[str, Text]:
    """As a choice of a form."""
    return str(one.id), one.name


def moment(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%d/%m/%Y %H:%M")


def vietnamese_moment(at: datetime) -> str:
    """As the forms of the law write it: 09 giờ 30 phút, ngày 20/11/2026."""
    return at.astimezone(ZONE).strftime("%H giờ %M phút, ngày %d/%m/%Y")


def day(at: date) -> str:
    return (at.astimezone(ZONE) if isinstance(at, datetime) else at).strftime("%d/%m/%Y")


@pass_context
def _weekday(context: Context, at: date) -> str:
    """thứ Hai inside a sentence."""
    name = weekday(at, context["language"])
    return name if context["language"] == "en" else name[0].lower() + name[1:]


@pass_context
def _added(context: Context, line: Line) -> str:
    """What a day of the arithmetic added."""
    if not line.amount or line.measure is None:
        return "–"
    return "+" + amount(line.measure, line.amount, context["language"])


@pass_context
def _so_far(context: Context, line: Line) -> str:
    """What the days counted up to and with this one."""
    if line.measure in (None, Measure.UNTIL):
        return ""
    return amount(line.measure, line.total, context["language"])


def dong(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + " đ"


def size(count: int | None) -> str:
    if count is None:
        return ""
    kilobytes = count / 1024
    return f"{kilobytes:.0f} kB" if kilobytes < 1000 else f"{kilobytes / 1024:.1f} MB".replace(".", ",")


def html_id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", name)
