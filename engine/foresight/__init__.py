"""What can be told of a procedure before it is published: soundness, staff, limits, the calendar, the load."""

from engine.foresight.judging import judge

__all__ = ["judge"]
