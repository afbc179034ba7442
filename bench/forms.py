"""What a receipt costs: the first PDF of a fresh process, the next ones, and a tracking book of 2,000 lines."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.stage import Stage
from engine import desk
from engine.casework.orders import Actor
from engine.office import Office
from engine.printing import book, forms, typeset
from engine.printing import case as cases
from storage.objects import ObjectStore
from storage.session import Database
from storage.spool import Spool
from tests.journey import MONDAY

AGAIN, LINES = 40, 2000
LINE = ["Cho phép tổ chức hội nghị, hội thảo quốc tế", "01", "Nguyễn Thị Bích Ngọc", "Ấp Hòa Lời, 0900000001",
        "Văn phòng Ủy ban nhân dân tỉnh", "08:00 23/11/2026", "17:00 22/12/2026", "08:00 23/11/2026",
        "08:00 21/12/2026", "10:34 22/12/2026, tại quầy", ""]


def measure(stage: Stage) -> None:
    """Prints milliseconds; the first receipt is held against 50."""
    made = subprocess.run([sys.executable, "-m", "bench.forms", stage.url, stage.codes[0], str(stage.approver.id),
                           str(stage.machine.home)], capture_output=True, text=True, check=True)
    told = json.loads(made.stdout.splitlines()[-1])
    print("\nForms as PDF/A (CPU ms): first receipt of a process {first:.1f}, the next ones {next:.1f}, of it "
          "typesetting {set:.1f}; warming {warm:.1f}; {size} kB".format(**told))
    head = {"above": "", "issuer": "Trung tâm", "number": "1", "dated": "", "title": "Sổ", "period": "",
            "heading": "Sổ theo dõi", "foot": "", "columns": book.COLUMNS}
    lines = [[str(no), f"H51.02-261124-{no:04d}", *LINE] for no in range(1, LINES + 1)]
    took = _ms(lambda: typeset.pdf("book.typ", {**head, "lines": lines}))
    print(f"  tracking book of {LINES} lines: {took:.0f}")


def _ms(work: Callable[[], object]) -> float:
    """Of this process's CPU: what it costs, whatever else the machine does."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _fresh(url: str, code: str, person: int, home: str) -> None:
    """In a process of its own: `url` is the application's, the catalogue is known as in a server that has started."""
    # no form touches the store
    office = Office(Database(url).open(), ObjectStore("127.0.0.1:1", "", "", "none"), Spool(Path(home) / "spool"))
    office.fresh_catalogue()
    actor = Actor(id=person, name="")
    warmed = _ms(forms.warm)
    # whoever prints has just taken it in: calendar and procedure are known
    desk.dossier(office, code, actor, MONDAY)

    def one() -> forms.Printed:
        return forms.form(office, code, 1, actor, MONDAY)

    first = _ms(one)
    following = median(_ms(one) for _ in range(AGAIN))
    case = cases.read(office, code, actor, MONDAY)
    sheet = {"title": "", "left_out": [], "sheets": [forms.FORMS[1].make(case, 1)]}
    alone = median(_ms(lambda: typeset.pdf("receipt.typ", sheet)) for _ in range(AGAIN))
    print(json.dumps({"first": first, "next": following, "set": alone, "warm": warmed,
                      "size": len(one().pdf) // 1024}))
    office.db.close()


if __name__ == "__main__":
    _fresh(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
