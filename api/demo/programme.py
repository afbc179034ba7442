"""What the audience reads while the play goes on: one line an hour, and what is worth a line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Console

from api.up_display import LABELS
from storage.local.supervisor import Phase

SPAN = timedelta(hours=1)


@dataclass(kw_only=True)
class Programme:
    out: Console
    _since: datetime | None = None
    _until: datetime | None = None
    _received: int = 0
    _acts: int = 0

    def started(self, name: str, phase: Phase) -> None:
        """Hears the supervisor; called from its threads."""
        if phase in (Phase.READY, Phase.DIED):
            vi, en = LABELS.get(name, (name, name))
            mark = "[green]✓[/]" if phase is Phase.READY else "[yellow]⚠ đã ngừng, khởi động lại[/]"
            self.out.print(f"  {mark} {vi} [dim]· {en}[/]")

    def say(self, when: datetime, vi: str, en: str) -> None:
        self._close()
        self._line(f"{when:%d/%m %H:%M}", vi, en)

    def count(self, when: datetime, *, received: int = 0, acts: int = 0) -> None:
        if self._since is not None and when - self._since >= SPAN:
            self._close()
        self._since, self._until = self._since or when, when
        self._received += received
        self._acts += acts

    def _close(self) -> None:
        if self._since and self._until and (self._received or self._acts):
            vi = f"đến {self._until:%H:%M}: {self._received} hồ sơ mới, {self._acts} việc"
            self._line(f"{self._since:%d/%m %H:%M}", vi, f"new dossiers {self._received}, acts {self._acts}")
        self._since, self._received, self._acts = None, 0, 0

    def _line(self, stamp: str, vi: str, en: str) -> None:
        self.out.print(f"[cyan]{stamp}[/] {vi} [dim]· {en}[/]", highlight=False, soft_wrap=True)
