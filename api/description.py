"""The OpenAPI document, as clients and the fuzzer read it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.context import DOOR, Door
from api.problems import Problem

ABOUT = """Dossiers of the one-stop, inter-linked mechanism.

Sign in with `POST /api/v1/session` and send the token as `Authorization: Bearer`. Whatever moves a dossier is one
request with an `Idempotency-Key`; commands also say in `If-Match` which version of the dossier was looked at. Refusals
are `application/problem+json` with a stable `code`."""


def describe(app: FastAPI) -> dict[str, Any]:
    """Made once; only what lies under /api/ is described."""
    if app.openapi_schema is None:
        routes = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
        told = get_openapi(title="Liên Thông", version="1", description=ABOUT, routes=routes)
        parts = told.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        told["security"] = [{"token": []}]
        for route in routes:
            if getattr(route.endpoint, DOOR) is Door.OPEN:
                for method in route.methods or ():
                    told["paths"][route.path][method.lower()]["security"] = []
        app.openapi_schema = told
    return app.openapi_schema
