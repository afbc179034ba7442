"""All tables: columns, keys and CHECK constraints, no rules."""

from sqlmodel import SQLModel

from storage.tables import (
    anchors,
    bundles,
    casework,
    catalogue,
    custody,
    desk,
    exchange,
    links,
    migrations,
    organisation,
    portal,
    post,
    record,
    time,
)

metadata = SQLModel.metadata

__all__ = [
    "anchors", "bundles", "casework", "catalogue", "custody", "desk", "exchange", "links", "metadata", "migrations",
    "organisation", "portal", "post", "record", "time",
]
