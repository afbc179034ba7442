"""Trying a draft before it is published: scenarios clicked together, recorded, run; the last dossiers replayed."""

from fastapi import APIRouter

from api.pages.rehearsal import beginning, listing, workbench

__all__ = ["router"]

router = APIRouter()
for part in (listing, beginning, workbench):
    router.include_router(part.router)
