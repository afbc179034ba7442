"""Working calendars: looked at by year, changed as drafts, put into force after a look at what would move."""

from fastapi import APIRouter

from api.pages.calendars import editing, looking, publishing

__all__ = ["router"]

router = APIRouter()
for part in (looking, editing, publishing):
    router.include_router(part.router)
