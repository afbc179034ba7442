"""The JSON interface, version 1."""

from __future__ import annotations

from api.v1 import (
    bundles,
    catalogue,
    clocks,
    courier,
    documents,
    dossiers,
    lists,
    offline,
    session,
    signing,
    timeliness,
    uploads,
)

# The busiest first: routes are tried in order.
PARTS = (dossiers, clocks, lists, documents, session, catalogue, courier, bundles, offline, timeliness, uploads,
         signing)
