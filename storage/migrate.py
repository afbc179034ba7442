"""Brings a database to the newest schema; run by the role that owns it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def configuration(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url",
                           owner_url.replace("postgresql://", "postgresql+psycopg://", 1).replace("%", "%%"))
    return config


def upgrade(owner_url: str) -> None:
    """Runs every migration that is missing; does nothing when there is none."""
    command.upgrade(configuration(owner_url), "head")
