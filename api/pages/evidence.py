"""The evidence about a dossier, for auditors: the same file as `lienthong evidence export` writes."""

from __future__ import annotations

from fastapi import Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.v1.inputs import Code
from engine.anchoring import evidence
from storage.names import attachment_header

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/dossiers/{code}/evidence")
def take(caller: Caller, code: Code) -> Response:
    return Response(evidence.for_auditor(caller.office, code, caller.actor, caller.now), headers={
        "content-disposition": attachment_header(f"{code}-bang-chung.zip"), "cache-control": "no-store, private",
        "x-content-type-options": "nosniff"}, media_type="application/zip")
