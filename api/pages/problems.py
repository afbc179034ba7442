"""What a page says when the answer is no: a page of its own, or the way to the sign-in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api import context, problems
from api.pages import keeping
from api.pages.keeping import Kept
from api.pages.rendering import page
from api.pages.visits import Visit
from engine import timekeeper
from engine.errors import LienThongError, NotFound, NotSignedIn, Unavailable

Sent = Sequence[tuple[str, str]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Refusals become pages. Those a form can show beside its fields were caught before."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as refusal:
                kept = None if wants_json(request) else await keeping.typed(request)
                return await run_in_threadpool(_sign_in_first, request, refusal, kept)
            except problems.FormKeyMissing as refusal:
                kept = None if wants_json(request) else await keeping.typed(request)
                return await run_in_threadpool(_old_form, request, refusal, kept)
            except LienThongError as refusal:
                again = await _sent(request) if isinstance(refusal, Unavailable) else []
                return await run_in_threadpool(problem_page, request, refusal, again)
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


def _sign_in_first(request: Request, refusal: NotSignedIn, kept: Kept | None) -> Response:
    """Whoever posted a form signs in right here, so that what was typed stays with it."""
    if kept is None:
        return sent_to_sign_in(request, refusal)
    visit = Visit(visitor=context.Visitor(request=request, office=request.app.state.office, now=timekeeper.now()))
    return page(visit, "sign-in.html", status=401, back="", ended=True, kept=kept)


def _old_form(request: Request, refusal: problems.FormKeyMissing, kept: Kept | None) -> Response:
    """A form of an earlier session of the same person, who signed in again elsewhere."""
    visit = visit_of(request)
    if kept is None or visit.caller is None or visit.caller.id != kept.writer:
        return problem_page(request, refusal)
    return page(visit, "kept.html", status=problems.status_of(refusal), kept=kept, mine=True)


def failure(request: Request, error: LienThongError) -> Response:
    """For what failed outside our endpoints. It asks nobody who is signed in: the database may be what failed."""
    if isinstance(error, NotSignedIn):
        return sent_to_sign_in(request, error)
    visitor = context.Visitor(request=request, office=request.app.state.office, now=timekeeper.now())
    return _shown(request, error, Visit(visitor=visitor))


async def _sent(request: Request) -> Sent:
    """The fields of a form that met a part that was down: they can be sent again as they are, under the same key."""
    kind = request.headers.get("content-type", "")
    if request.method != "POST" or not kind.startswith(context.FORMS) or request.url.path == "/sign-in":
        return []
    return [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]


def problem_page(request: Request, error: LienThongError, again: Sent = ()) -> Response:
    return _shown(request, error, visit_of(request), again)


def _shown(request: Request, error: LienThongError, visit: Visit, again: Sent = ()) -> Response:
    language = visit.language
    status = problems.status_of(error)
    if wants_json(request):
        return problems.respond(error, language)
    title = problems.TITLES[status][language == "en"]
    vi, en = _next(error, again, request.url.path)
    shown = page(visit, "problem.html", status=status, title=title, words=error.message(language),
                 next=en if language == "en" else vi, code=error.code, links=_links(visit, language), again=again,
                 address=request.url.path)
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


def _next(error: LienThongError, again: Sent, path: str) -> tuple[str, str]:
    if isinstance(error, NotFound) and not path.startswith(("/dossiers/", "/bundles/")):
        return ("Kiểm tra lại địa chỉ, hoặc đi tiếp từ trang dưới đây.",
                "Check the address, or go on from the page below.")
    if isinstance(error, NotFound):
        return ("Kiểm tra lại mã hồ sơ; hồ sơ của cơ quan khác chỉ hiện khi đã được chuyển đến đơn vị bạn.",
                "Check the code; a dossier of another agency shows only once it was handed to your unit.")
    if again:
        return ("Nội dung đã nhập vẫn còn ở trang này; gửi lại bao nhiêu lần cũng chỉ ghi một lần. "
                "Tệp quét phải chọn lại.",
                "What you entered is kept on this page; however often it is sent, it is recorded once. "
                "Scans must be chosen again.")
    if isinstance(error, Unavailable):
        return "Hãy tải lại trang sau ít phút.", "Reload the page in a few minutes."
    return ("Không có gì bị thay đổi. Hãy quay lại trang trước rồi làm lại.",
            "Nothing was changed. Go back to the page before and try again.")


def _links(visit: Visit, language: str) -> list[dict[str, str]]:
    if visit.caller is None:
        return [{"address": "/sign-in", "name": "Sign in" if language == "en" else "Đăng nhập"}]
    return [{"address": place.address, "name": place.name.en if language == "en" else place.name.vi}
            for place in visit.places()[:2]]
