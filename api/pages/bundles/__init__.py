"""Bundles at the counter: taken in by one form, one receipt, one page for all parts."""

from fastapi import APIRouter

from api.pages.bundles import page, reception

router = APIRouter()
for part in (reception, page):
    router.include_router(part.router)
