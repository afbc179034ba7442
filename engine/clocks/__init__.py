"""Legal time as a pure function: calendars, limits, clocks, due dates and their explanation."""

from engine.clocks.alarms import warnings
from engine.clocks.calendar import Calendar, national
from engine.clocks.evaluation import due, evaluate
from engine.clocks.explanation import explain
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock, Mark, MarkKind
from engine.clocks.zone import ZONE

__all__ = [
    "ZONE",
    "Calendar",
    "Clock",
    "CountMode",
    "Limit",
    "Mark",
    "MarkKind",
    "due",
    "evaluate",
    "explain",
    "national",
    "warnings",
]
