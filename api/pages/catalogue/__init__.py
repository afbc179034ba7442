"""The catalogue of procedures: what is in force, checked, published, retired, compared, taken out and in."""

from fastapi import APIRouter

from api.pages.catalogue import checking, importing, listing, parties, versions

__all__ = ["router"]

# Fixed addresses first: the rest of the last two begins with the key of a procedure.
router = APIRouter()
for part in (importing, parties, checking, listing, versions):
    router.include_router(part.router)
