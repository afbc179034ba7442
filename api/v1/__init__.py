"""The JSON interface, version 1."""

from __future__ import annotations

from fastapi import APIRouter

from api.v1 import catalogue, courier, documents, dossiers, lists, session

router = APIRouter(prefix="/api/v1")
for part in (session, catalogue, dossiers, documents, lists, courier):
    router.include_router(part.router)
