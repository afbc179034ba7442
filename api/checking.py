"""`lienthong procedure check`: every fault of a file with its line, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engine.clocks import national
from engine.errors import Invalid
from engine.foresight import judge
from engine.states.findings import Finding, Report, Severity
from engine.states.staffing import staffing_of
from procedures import bundle
from procedures.declaration import Declaration, DeclarationError, Fault, content_hash, load_library
from procedures.province import Province
from procedures.reading import Source, read, validated

_MARKS = {Severity.RED: "✗", Severity.AMBER: "!", Severity.NOTE: "·"}


@dataclass(slots=True)
class Checked:
    """`lines`: what to print. `faulty`: something blocks publication."""

    lines: list[str] = field(default_factory=list)
    faulty: bool = False

    def refuse(self, faults: Sequence[Fault]) -> None:
        self.faulty = True
        for fault in faults:
            self.lines += _told(Severity.RED, fault)

    def add(self, source: Source, report: Report) -> None:
        self.faulty = self.faulty or not report.publishable
        for finding in report.findings:
            self.lines += _told(finding.severity, _placed(source, finding))


def check(paths: Sequence[Path], province: Province, today: date, monthly: int | None = None) -> Checked:
    """Folders are walked. Bundles are files in a folder called `bundles`; they may join what is checked with them."""
    checked = Checked()
    files = list(_files(paths))
    declared = _declared([path for path in files if not _is_bundle(path)], checked)
    known = {**_library(), **{declaration.procedure: declaration for _, declaration in declared.values()}}
    for path, (source, declaration) in declared.items():
        report = judge(
            declaration,
            staffing=staffing_of(province, declaration),
            calendar=national(),
            today=today,
            monthly=monthly,
            known=known,
        )
        mark = "✓" if report.publishable else _MARKS[Severity.RED]
        sealed = content_hash(declaration)[:12]
        checked.lines.append(f"{mark} {path}: {declaration.name.vi} ({declaration.procedure}, {sealed})")
        checked.add(source, report)
    for path in filter(_is_bundle, files):
        _bundle(path, known, checked)
    return checked


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.yaml"))
        elif path.is_file():
            yield path
        else:
            raise Invalid({"path": (f"không có tệp hoặc thư mục {path}", f"there is no file or folder {path}")})


def _is_bundle(path: Path) -> bool:
    return "bundles" in path.parts


def _declared(files: Sequence[Path], checked: Checked) -> dict[Path, tuple[Source, Declaration]]:
    """What could be read; the rest is refused."""
    found: dict[Path, tuple[Source, Declaration]] = {}
    first: dict[str, Path] = {}
    for path in files:
        try:
            source = read(_text(path), str(path))
            declaration = validated(Declaration, source)
        except DeclarationError as error:
            checked.refuse(error.faults)
            continue
        other = first.setdefault(declaration.procedure, path)
        if other is not path:
            vi = f"thủ tục “{declaration.procedure}” đã khai báo ở {other}"
            en = f"“{declaration.procedure}” is declared in {other} already"
            checked.refuse([source.fault(("procedure",), vi, en)])
            continue
        found[path] = source, declaration
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fault = Fault(str(path), 1, "", "tệp không phải là chữ UTF-8", "the file is not UTF-8 text")
        raise DeclarationError([fault]) from None


def _library() -> Mapping[str, Declaration]:
    try:
        return load_library()
    except DeclarationError:  # its faults are told when its files are checked
        return {}


def _bundle(path: Path, known: Mapping[str, Declaration], checked: Checked) -> None:
    try:
        found = bundle.parse(_text(path), str(path), known)
    except DeclarationError as error:
        checked.refuse(error.faults)
        return
    checked.lines.append(f"✓ {path}: {found.name.vi} ({found.bundle}, {bundle.content_hash(found)[:12]})")


def _placed(source: Source, finding: Finding) -> Fault:
    return source.fault(finding.where, finding.vi, finding.en)


def _told(severity: Severity, fault: Fault) -> list[str]:
    place = f"{fault.file}:{fault.line}:{f' {fault.where}' if fault.where else ''}"
    return [f"{_MARKS[severity]} {place}", f"    {fault.vi}", f"    {fault.en}"]
