"""What `lienthong up` shows: a table that fills while services start, one line for what happens later."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from storage.local.supervisor import Phase

LABELS = {
    "postgres-files": ("Chuẩn bị cơ sở dữ liệu", "database files"),
    "postgres": ("Cơ sở dữ liệu PostgreSQL", "PostgreSQL"),
    "roles": ("Tài khoản cơ sở dữ liệu", "database roles"),
    "store": ("Kho tài liệu SeaweedFS", "object store"),
    "prefect": ("Máy chủ luồng việc Prefect", "Prefect server"),
    "migrations": ("Cập nhật cấu trúc dữ liệu", "migrations"),
    "seed": ("Dữ liệu ban đầu", "first data"),
    "web": ("Trang web", "web"),
    "dispatcher": ("Bộ phận luân chuyển", "dispatcher"),
    "flows": ("Công việc theo lịch", "scheduled flows"),
}


class Display:
    """On a terminal a table that redraws itself; elsewhere one line a service, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._begun: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._spinner = Spinner("dots")
        self._drawing = False
        self._stopping = False

    def say(self, text: str) -> None:
        self._console.print(text)

    def notice(self, name: str, phase: Phase) -> None:
        """Called from the supervisor's threads."""
        with self._lock:
            if self._stopping:
                self._note_stopping(name, phase)
            elif phase is Phase.STARTING:
                if not self._begun:  # not before: a start may be refused at once
                    self.say("[bold]Liên Thông[/] đang khởi động. Lần đầu có thể mất nửa phút. "
                             "[dim]· starting, half a minute the first time[/]")
                self._begun[name] = time.monotonic()
            elif phase is Phase.DIED:
                self.say(f"[yellow]⚠ {_label(name)} vừa ngừng; đang khởi động lại. · it ended, starting again[/]")
                self._took.pop(name, None)
            elif phase is Phase.READY:
                self._took[name] = time.monotonic() - self._begun[name]
                if not self._drawing:
                    self.say(f"[green]✓[/] {_label(name)}")

    @contextmanager
    def progress(self) -> Iterator[None]:
        if not self._console.is_terminal:
            yield
            return
        with Live(get_renderable=self._table, console=self._console, refresh_per_second=8, transient=True):
            self._drawing = True
            yield
            self._drawing = False

    @contextmanager
    def farewell(self) -> Iterator[None]:
        self._stopping = True
        self._console.print("\n[bold]Đang dừng[/] theo thứ tự; Ctrl-C lần nữa để không chờ ai. "
                            "[dim]· stopping in order; Ctrl-C again waits for nobody[/]")
        yield
        self._console.print("Đã dừng hẳn. [dim]· all stopped[/]")

    def _note_stopping(self, name: str, phase: Phase) -> None:
        if phase is Phase.STOPPED:
            self._console.print(f"  {_label(name)}: đã dừng [dim]· stopped[/]")

    def _table(self) -> RenderableType:
        with self._lock:
            table = Table.grid(padding=(0, 2))
            for name, begun in self._begun.items():
                took = self._took.get(name)
                mark: RenderableType = Text("✓", style="green") if took is not None else self._spinner
                seconds = took if took is not None else time.monotonic() - begun
                table.add_row(mark, Text.from_markup(_label(name)), Text(f"{seconds:.1f} s", style="dim"))
            return table


def _label(name: str) -> str:
    vi, en = LABELS.get(name, (name, name))
    return f"{vi} [dim]· {en}[/]"
