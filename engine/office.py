"""What every use case works with: the database, the catalogue as it stands, the place for scans, our own name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.catalogue import Catalogue, read_catalogue
from engine.settings import settings
from storage.objects import ObjectStore
from storage.session import Database
from storage.spool import Spool


@dataclass
class Office:
    """One a process. `catalogue(revision)` is read again only when the revision has moved.

    `name`: what other installations know this one by; `keys`: the folder of the keys it signs its messages with.
    """

    db: Database
    store: ObjectStore
    spool: Spool
    name: str = field(default_factory=lambda: settings().name)
    keys: Path = field(default_factory=lambda: settings().keys)
    _catalogue: Catalogue | None = field(default=None, repr=False)

    def catalogue(self, revision: int | None = None) -> Catalogue:
        """`revision` comes with every load, so a change is seen by the next act of every process."""
        known = self._catalogue
        if known is None or (revision is not None and known.revision != revision):
            known = self._catalogue = read_catalogue(self.db, known)
        return known

    def fresh_catalogue(self) -> Catalogue:
        """For pages, which load no dossier: asks the revision first."""
        return self.catalogue(self.db.value("select number from revision"))
