"""What went wrong, whoever noticed it, becomes one of our errors: a problem for programs, a page for people."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api import pages, problems
from engine.errors import Invalid, LienThongError, NotFound

log = structlog.get_logger()

# What pydantic found, in words for people; {…} are filled from its context.
WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("còn thiếu", "is missing"),
    "extra_forbidden": ("không có trường này", "there is no such field"),
    "string_too_long": ("dài quá {max_length} ký tự", "longer than {max_length} characters"),
    "string_too_short": ("ngắn hơn {min_length} ký tự", "shorter than {min_length} characters"),
    "string_pattern_mismatch": ("không đúng dạng {pattern}", "does not match {pattern}"),
    "string_type": ("phải là chữ", "must be text"),
    "string_unicode": ("có ký tự không hợp lệ", "contains invalid characters"),
    "control_character": ("có ký tự điều khiển không được phép", "contains control characters"),
    "int_type": ("phải là số nguyên", "must be a whole number"),
    "int_parsing": ("phải là số nguyên", "must be a whole number"),
    "int_parsing_size": ("số quá lớn", "is too large a number"),
    "int_from_float": ("phải là số nguyên", "must be a whole number"),
    "bool_type": ("phải là true hoặc false", "must be true or false"),
    "bool_parsing": ("phải là true hoặc false", "must be true or false"),
    "greater_than_equal": ("nhỏ nhất là {ge}", "the least is {ge}"),
    "less_than_equal": ("lớn nhất là {le}", "the most is {le}"),
    "too_long": ("nhiều quá {max_length} phần tử", "more than {max_length} entries"),
    "too_short": ("ít hơn {min_length} phần tử", "fewer than {min_length} entries"),
    "enum": ("phải là một trong: {expected}", "must be one of: {expected}"),
    "uuid_parsing": ("không phải UUID", "is not a UUID"),
    "list_type": ("phải là danh sách", "must be a list"),
    "dict_type": ("phải là đối tượng", "must be an object"),
    "model_attributes_type": ("phải là đối tượng", "must be an object"),
    "timezone_aware": ("thời điểm phải có múi giờ, ví dụ +07:00", "the instant needs a time zone such as +07:00"),
}
HEADERS: Mapping[tuple[str, bool], type[LienThongError]] = {
    ("idempotency-key", True): problems.KeyRequired, ("idempotency-key", False): problems.KeyMalformed,
    ("if-match", True): problems.VersionRequired, ("if-match", False): problems.VersionMalformed,
}


def install(app: FastAPI) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, LienThongError)
        return show(request, error)

    async def unreadable(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return show(request, of_validation(error.errors()))

    async def of_the_web(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405 and request.method == "GET" and (form := form_of(app, request.url.path)):
            return RedirectResponse(form, 303)
        refusal = of_status(error.status_code, request.method)
        if isinstance(refusal, NotFound) and not _for_machines(request):
            return await run_in_threadpool(pages.problem_page, request, refusal)
        return show(request, refusal)

    async def unforeseen(request: Request, error: Exception) -> Response:
        reference = secrets.token_hex(4)
        log.error("request_failed", reference=reference, method=request.method, path=_path(request), exc_info=error)
        return show(request, problems.Broken(reference=reference))

    app.add_exception_handler(LienThongError, ours)
    app.add_exception_handler(RequestValidationError, unreadable)
    app.add_exception_handler(HTTPException, of_the_web)
    app.add_exception_handler(Exception, unforeseen)


def _path(request: Request) -> str:
    """For the log: a mailed link is a key, and nobody who reads the log shall have it."""
    path = request.url.path
    return "/answer/…" if path.startswith("/answer/") else path


def form_of(app: FastAPI, path: str) -> str | None:
    """The page with the form that is sent to `path`: whoever reloads what came back from there means that page."""
    if path.startswith(("/api/", "/exchange/", "/health/")):
        return None
    above = f"{path.removesuffix('/publish')}/check" if path.endswith("/publish") else path.rpartition("/")[0]
    while above:
        scope = {"type": "http", "path": above, "method": "GET", "root_path": "", "headers": []}
        if any(route.matches(scope)[0] is Match.FULL for route in app.routes):
            return above
        above = above.rpartition("/")[0]
    return None


def _for_machines(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/exchange/", "/health/"))


def show(request: Request, error: LienThongError) -> Response:
    if _for_machines(request):
        return problems.respond(error, problems.language_of(request, getattr(request.state, "language", "vi")))
    return pages.failure(request, error)


def of_status(status: int, method: str) -> LienThongError:
    """What the web framework itself refuses."""
    match status:
        case 404:
            return problems.NoSuchPage(what="")
        case 405:
            return problems.WrongMethod(method=method[:20])
        case 408:
            return problems.Slow()
        case 413:
            return problems.TooLarge(limit="")
        case _:
            return problems.MalformedBody()


def of_validation(faults: Iterable[Mapping[str, Any]]) -> LienThongError:
    """A missing or malformed header has a code of its own; the faults of the rest are told together."""
    fields: dict[str, tuple[str, str]] = {}
    for fault in faults:
        place, kind = fault["loc"], fault["type"]
        if kind == "json_invalid":
            return problems.MalformedBody()
        if place[0] == "header":
            special = HEADERS.get((str(place[-1]).lower(), kind == "missing"))
            if special is not None:
                return special()
        fields.setdefault(".".join(str(part)[:60] for part in place[:8])[:200], _said(fault))
        if len(fields) == MOST_FAULTS:
            break
    return Invalid(fields)


MOST_FAULTS = 50


def _said(fault: Mapping[str, Any]) -> tuple[str, str]:
    known = WORDS.get(fault["type"])
    if known is None:
        return "giá trị không hợp lệ", str(fault["msg"])[:200]
    context = fault.get("ctx", {})
    return known[0].format_map(context), known[1].format_map(context)
