"""Letters and results: drafting and review, signing and issue, tokens, and the check of any signed PDF."""

from fastapi import APIRouter

from api.pages.letters import checking, desk, sealing, waiting

router = APIRouter()
for part in (desk, sealing, waiting, checking):
    router.include_router(part.router)
