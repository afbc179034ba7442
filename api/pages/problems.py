"""What a page says when the answer is no: a page of its own, or the way to the sign-in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api import context, problems
from api.pages.rendering import page
from api.pages.visits import Visit
from engine import timekeeper
from engine.errors import LienThongError, NotFound, NotSignedIn, Unavailable

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Refusals become pages. Those a form can show beside its fields were caught before."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as refusal:
                return sent_to_sign_in(request, refusal)
            except LienThongError as refusal:
                return await run_in_threadpool(problem_page, request, refusal)
            except RequestValidationError:
                return await run_in_threadpool(problem_page, request, problems.NoSuchPage())
            except HTTPException as refusal:
                if refusal.status_code != 413:
                    raise
                return await run_in_threadpool(problem_page, request, problems.TooLarge(limit=26 * 1024))

        return shown


def wants_json(request: Request) -> bool:
    """Our own modules ask for it; browsers that load a page do not."""
    return request.headers.get("accept", "").startswith("application/json")


def sent_to_sign_in(request: Request, refusal: NotSignedIn) -> Response:
    if wants_json(request):
        return problems.respond(refusal, problems.language_of(request))
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    asked = f"?back={quote(back, safe='')}" if request.method == "GET" and back != "/" else ""
    ended = "" if asked or request.url.path == "/" else "?ended=1"
    return RedirectResponse(f"/sign-in{asked or ended}", 303)


def failure(request: Request, error: LienThongError) -> Response:
    """For what failed outside our endpoints. It asks nobody who is signed in: the database may be what failed."""
    if isinstance(error, NotSignedIn):
        return sent_to_sign_in(request, error)
    visitor = context.Visitor(request=request, office=request.app.state.office, now=timekeeper.now())
    return _shown(request, error, Visit(visitor=visitor))


def problem_page(request: Request, error: LienThongError) -> Response:
    return _shown(request, error, visit_of(request))


def _shown(request: Request, error: LienThongError, visit: Visit) -> Response:
    language = visit.language
    status = problems.status_of(error)
    if wants_json(request):
        return problems.respond(error, language)
    title = problems.TITLES[status][language == "en"]
    vi, en = _next(error)
    shown = page(visit, "problem.html", status=status, title=title, words=error.message(language),
                 next=en if language == "en" else vi, code=error.code, links=_links(visit, language))
    shown.headers.update(problems.headers_of(error, status))
    return shown


def visit_of(request: Request) -> Visit:
    """The reader as far as the session is good; a page about a problem must not fail for want of one."""
    visitor = context.Visitor(request=request, office=request.app.state.office, now=timekeeper.now())
    token = request.cookies.get(context.cookie_name(context.settings_of(request)))
    if not token or len(token) > 200:
        return Visit(visitor=visitor)
    person = context.Person(request=request, office=visitor.office, now=visitor.now, token=token, by_cookie=False,
                            form_key=None, identity=context.NOBODY)
    try:
        person.admit()
    except LienThongError:
        return Visit(visitor=visitor)
    return Visit(visitor=person)


def _next(error: LienThongError) -> tuple[str, str]:
    if isinstance(error, NotFound):
        return ("Kiểm tra lại mã hồ sơ; hồ sơ của cơ quan khác chỉ hiện khi đã được chuyển đến đơn vị bạn.",
                "Check the code; a dossier of another agency shows only once it was handed to your unit.")
    if isinstance(error, Unavailable):
        return ("Nội dung đã nhập chưa được ghi. Hãy quay lại và gửi lại sau ít phút.",
                "What you entered was not recorded. Go back and send it again in a few minutes.")
    return ("Không có gì bị thay đổi. Hãy quay lại trang trước rồi làm lại.",
            "Nothing was changed. Go back to the page before and try again.")


def _links(visit: Visit, language: str) -> list[dict[str, str]]:
    if visit.caller is None:
        return [{"address": "/sign-in", "name": "Sign in" if language == "en" else "Đăng nhập"}]
    return [{"address": place.address, "name": place.name.en if language == "en" else place.name.vi}
            for place in visit.places()[:2]]
