"""The flows. What Prefect must know of us is set here, because it reads it when it is imported."""

from __future__ import annotations

import os

from engine.settings import Settings

# It must never start a server of its own, nor write to somebody's home; what it did is in its database, not in our log.
for _name, _value in {
    "PREFECT_HOME": str(Settings().home.absolute() / "prefect"),
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}.items():
    os.environ.setdefault(_name, _value)
