"""The web server: `uvicorn api.app:create_app --factory`. Pages for people, JSON for programs, one office for both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from api import exchange, exchange_openapi, failures, pages, v1
from api.compression import Packed
from api.context import Anybody, Caller, Counter, anyone
from api.description import describe
from api.security import Guard
from api.v1.answers import PREFIX, answer
from engine import logs
from engine.errors import Unavailable
from engine.office import Office
from engine.printing import forms
from engine.settings import Settings, settings
from storage import inspection, previews
from storage.objects import ObjectStore
from storage.session import Database
from storage.spool import Spool

log = structlog.get_logger()

# For whoever starts uvicorn: no name of the server in its answers, no addresses believed that a client made up.
SERVER = {"server_header": False, "proxy_headers": False, "access_log": False}


class Web(FastAPI):
    """The guard goes around everything, also around the answer to what nobody foresaw."""

    def build_middleware_stack(self) -> ASGIApp:
        return Guard(Packed(super().build_middleware_stack()), tls=self.state.settings.secure_cookies,
                     show=failures.show)


def create_app(chosen: Settings | None = None, office: Office | None = None) -> FastAPI:
    """`office` is given by tests; else it is opened when the server starts and closed when it stops."""
    logs.configure()
    app = Web(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
              lifespan=_lifespan(office), title="Liên Thông")
    app.state.settings = chosen or settings()
    failures.install(app)
    # laid side by side, not included: an included router is searched again for every request
    for router in (*(part.router for part in v1.PARTS), exchange.router, exchange_openapi.router, health,
                   described):
        app.router.routes.extend(router.routes)
    app.include_router(pages.router)
    return app


def _lifespan(given: Office | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.office = office = given or open_office(app.state.settings)
        await run_in_threadpool(_warm, office)
        await run_in_threadpool(pages.warm, app.state.settings.home)
        yield
        if given is None:
            office.db.close()

    return lifespan


def open_office(chosen: Settings) -> Office:
    """Neither the database nor the store needs to be there yet."""
    store = ObjectStore(chosen.s3_endpoint, chosen.s3_access_key.get_secret_value(),
                        chosen.s3_secret_key.get_secret_value(), chosen.s3_bucket, chosen.s3_secure)
    db = Database(chosen.database_url.get_secret_value(), size=chosen.pool_size).open()
    return Office(db, store, Spool(chosen.spool))


def _warm(office: Office) -> None:
    """So that the first request of the morning is not slower than the second."""
    inspection.prepare()
    previews.prepare()
    forms.warm()
    try:
        office.store.ensure_bucket()
        office.fresh_catalogue()
    except Unavailable as error:
        log.warning("started_without", part=error.message("en"))


health = Counter(prefix="/health", include_in_schema=False)
described = Counter(prefix=PREFIX, include_in_schema=False)


@health.get("/live")
@anyone
def live(visitor: Anybody) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@health.get("/ready")
@anyone
def ready(visitor: Anybody) -> Response:
    """The database answers, so the counters can work. Without the store scans wait here: no reason to be down."""
    try:
        visitor.office.db.value("select 1")
    except Unavailable:
        return JSONResponse({"status": "unavailable", "database": False}, 503, {"Retry-After": "5"})
    return JSONResponse({"status": "ok", "database": True, "store": visitor.office.store.available()})


@described.get("/openapi.json")
def openapi(caller: Caller, request: Request) -> Response:
    """This interface, for programs that read it; not for strangers."""
    return answer(describe(request.app))
