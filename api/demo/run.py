"""`lienthong demo`: sets the stage, plays the day, prints what became of every dossier, and proves the record."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import httpx
from rich.console import Console
from rich.table import Table

from api.demo import desk, legal, outside, report, scans
from api.demo.bundles import bundles
from api.demo.cast import Cast
from api.demo.client import Api
from api.demo.crowd import crowd
from api.demo.player import Player
from api.demo.programme import Programme
from api.demo.script import DAYS, LONG_AGO, OFFICER_AWAY, STORM, Bundle, Case, at
from api.demo.special import special_cases
from api.demo.stage import PROVINCE, NotQuiet, Stage, stage
from api.demo.verdict import Verdict, judge
from api.demo.ways import bundle_line, collect, collect_bundles, line
from api.up import Attendant
from engine.errors import LienThongError

BEGINS = at(LONG_AGO, "06:50")


def run_demo(*, small: bool = False) -> int:
    """The exit code: 0 when everything happened as written and the record proves it."""
    out, began = Console(), time.monotonic()
    out.print("[bold]Liên Thông[/]: một ngày làm việc, chơi lại qua giao diện công khai. "
              "[dim]· a working day, played through the public API[/]")
    threading.Thread(target=scans.draw_ahead, daemon=True).start()
    try:
        # the long play goes through Prefect, as a real day does; the short one shows that it works without
        with Attendant(), stage(BEGINS, prefect=not small, notice=Programme(out=out).started) as there:
            code = perform(there, out, small=small).close()
    except KeyboardInterrupt:
        out.print("Đã dừng. [dim]· stopped[/]")
        return 130
    except LienThongError as error:
        return _cut_short(error.message("vi"), error.message("en"))
    except (NotQuiet, httpx.HTTPError) as error:
        return _cut_short(f"Buổi diễn bị đứt quãng / the play was cut short: {type(error).__name__}: {error}")
    out.print(f"[dim]{time.monotonic() - began:.0f} s[/]")
    return code


def _cut_short(*lines: str) -> int:
    Console(stderr=True, soft_wrap=True).print(*lines, sep="\n", markup=False, highlight=False)
    return 1


def cases_of(*, small: bool) -> list[Case]:
    special = special_cases()
    alone = [case for case in special if case.short] if small else [*special, *crowd()]
    return [*alone, *(case for bundle in bundles_of(small=small) for case in bundle.cases.values())]


def bundles_of(*, small: bool) -> list[Bundle]:
    return [bundle for bundle in bundles() if bundle.short or not small]


@dataclass(kw_only=True)
class Performance:
    """A play that is over, on a stage that still stands."""

    stage: Stage
    api: Api
    player: Player
    out: Console
    small: bool

    def judge(self) -> Verdict:
        """Reads everything anew, so it may be asked again after somebody touched the record."""
        player, faults = self.player, list(self.player.faults)
        ways = collect(self.api, player.cast, player.playing.values(), faults)
        joined = collect_bundles(self.api, player.cast, player.received, ways, faults)
        time_kept = legal.collect(self.api, player.cast, player.closings, DAYS)
        kept = desk.collect(self.stage, player.hands, player.cast, ways)
        verdict = judge(self.stage.office, player, ways, joined, time_kept, kept, short=self.small)
        verdict.faults[:0] = faults
        return verdict

    def close(self) -> int:
        """Everything that is printed in the end, and the exit code."""
        verdict = self.judge()
        self.show(verdict)
        return 1 if verdict.faults else 0

    def show(self, verdict: Verdict) -> None:
        out, cast = self.out, self.player.cast
        ways = verdict.ways
        out.rule("Đường đi của từng hồ sơ · each dossier's way")
        for way in sorted(ways, key=lambda way: way.code):
            out.print(line(way), soft_wrap=True, markup=False, highlight=False)
        out.rule("Hồ sơ liên thông · bundles")
        for each in verdict.joined:
            out.print(bundle_line(each), soft_wrap=True, markup=False, highlight=False)
        out.print()
        out.print(report.closing_table(report.found(ways)))
        out.print(report.agencies_table(ways, cast))
        out.print(legal.shown_table(ways, self.player.closings))
        out.print(legal.judged_table(verdict.time_kept.agencies))
        out.print(desk.table(verdict.desk, self.player.hands.acts, verdict.findings.signatures))
        out.print(outside.table(self.player.hands.acts))
        out.print(_proof(verdict))
        for fault in verdict.faults:
            out.print(f"✗ {fault}", style="bold red", markup=False, highlight=False, soft_wrap=True)
        out.print("[bold green]✓ Mọi việc đúng kịch bản, sổ ghi khớp.[/] [dim]· as written, and the record proves it[/]"
                  if not verdict.faults else f"[bold red]✗ {len(verdict.faults)} sai lệch · mismatches[/]")


def perform(there: Stage, out: Console, *, small: bool) -> Performance:
    api, programme = Api(there.address), Programme(out=out)
    player = Player(stage=there, api=api, cast=Cast(PROVINCE), cases=cases_of(small=small),
                    bundles=bundles_of(small=small), closures=[STORM], absences=[OFFICER_AWAY], programme=programme)
    player.play(DAYS)
    return Performance(stage=there, api=api, player=player, out=out, small=small)


def _proof(verdict: Verdict) -> Table:
    findings = verdict.findings
    table = Table(title="Kiểm chứng · verification")
    table.add_column("")
    table.add_column("", justify="right")
    for name, number in (
        ("Hồ sơ, không hồ sơ nào vô chủ · dossiers, none without an owner", findings.dossiers),
        ("Mục ghi vết, chuỗi băm liền · audit entries, chains whole", findings.entries),
        ("Tài liệu, đọc lại đúng mã băm · documents read back", findings.documents),
        ("Thời hạn tính lại từ sổ · due dates recomputed", findings.clocks),
        ("Mốc niêm phong sổ, lưu ngoài cơ sở dữ liệu · anchors of the record, kept outside", verdict.anchor),
        ("Hồ sơ liên thông · bundles", len(verdict.joined)),
        ("Lấy ý kiến ngoài quy trình · consultations beyond the procedure", verdict.events["consult_further"]),
        ("Tin chưa chuyển · messages not delivered", sum(fault.startswith("outbox") for fault in verdict.faults)),
        ("Loại sự kiện · kinds of events", len(verdict.events)),
        ("Sai lệch · mismatches", len(verdict.faults)),
    ):
        table.add_row(name, str(number))
    return table
