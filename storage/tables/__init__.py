"""All tables: columns, keys and CHECK constraints, no rules."""

from sqlmodel import SQLModel

from storage.tables import casework, catalogue, custody, exchange, organisation, record

metadata = SQLModel.metadata

__all__ = ["casework", "catalogue", "custody", "exchange", "metadata", "organisation", "record"]
