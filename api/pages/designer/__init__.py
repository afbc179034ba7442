"""The designer: administrators who have never programmed write a procedure in tables and forms."""

from fastapi import APIRouter

from api.pages.designer import overview, section, steps

__all__ = ["router"]

router = APIRouter()
for part in (overview, section, steps):
    router.include_router(part.router)
