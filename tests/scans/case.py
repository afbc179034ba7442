"""One file of the corpus and the verdict it must get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pikepdf

from storage.inspection import Fault
from tests import samples


@dataclass(frozen=True)
class Case:
    """`fault` None: accepted."""

    what: str
    make: Callable[[], bytes]
    fault: Fault | None = None
    name: str | None = None
    declared: str | None = None


def with_change(
    change: Callable[[pikepdf.Pdf], object], *, packed: bool = False, linear: bool = False
) -> Callable[[], bytes]:
    """One blank page, and what `change` does to the document."""

    def write(document: pikepdf.Pdf) -> None:
        document.add_blank_page()
        change(document)

    return lambda: samples.made_pdf(write, packed=packed, linear=linear)
