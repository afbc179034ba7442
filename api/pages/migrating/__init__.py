"""Moving dossiers in flight to another version of their procedure: plan, look, run, undo."""

from fastapi import APIRouter

from api.pages.migrating import planning, results

__all__ = ["router"]

router = APIRouter()
for part in (planning, results):
    router.include_router(part.router)
