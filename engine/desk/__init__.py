"""What people see: their work, what they wait for, a dossier, notices, courier runs. Nothing here moves a dossier."""

from engine.desk.clocks import clocks_of, why_due
from engine.desk.dossier import audit_of, dossier
from engine.desk.lists import handoffs, mark_read, notices, search
from engine.desk.offering import procedure, procedures
from engine.desk.outstanding import outstanding
from engine.desk.rounds import courier_run, courier_runs
from engine.desk.work import work

__all__ = [
    "audit_of", "clocks_of", "courier_run", "courier_runs", "dossier", "handoffs", "mark_read", "notices",
    "outstanding", "procedure", "procedures", "search", "why_due", "work",
]
