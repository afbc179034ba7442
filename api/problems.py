"""How the engine's refusals look over HTTP: one table of statuses, problem details (RFC 9457) in both languages."""

from __future__ import annotations

import math
from typing import Any

import orjson
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection

from engine import errors, signin
from engine.errors import LienThongError, Unavailable
from engine.exchange.canonical import NotCanonical
from engine.exchange.envelope import BadSignature, RevokedKey, UnknownKey
from engine.exchange.receiving import TooManyHeld, TooManyShadows
from storage.faults import Fault
from storage.lost import DocumentCorrupted

MEDIA_TYPE = "application/problem+json"


class CrossSite(errors.Forbidden):
    """A browser sent this on behalf of another site."""

    code = "cross_site"
    vi = "Yêu cầu đến từ một trang khác nên không được thực hiện."
    en = "The request came from another site and was not carried out."


class FormKeyMissing(errors.Forbidden):
    code = "form_key"
    vi = "Biểu mẫu đã cũ hoặc thiếu khóa. Hãy tải lại trang rồi làm lại."
    en = "The form is stale or lacks its key. Reload the page and try again."


class TooLarge(errors.Refused):
    code = "too_large"
    vi = "Nội dung gửi lên lớn hơn {limit} kB cho phép."
    en = "What was sent is larger than the {limit} kB allowed."


class Mistaken(LienThongError):
    """A request that cannot be read; the subclass says how."""


class MalformedBody(Mistaken):
    code = "malformed_body"
    vi = "Không đọc được nội dung gửi lên (JSON hoặc biểu mẫu sai cú pháp)."
    en = "The body could not be read: it is not well-formed."


class WrongMediaType(Mistaken):
    code = "unsupported_media_type"
    vi = "Hãy gửi Content-Type: {wanted}."
    en = "Send Content-Type: {wanted}."


class KeyRequired(Mistaken):
    code = "idempotency_key_required"
    vi = "Thiếu Idempotency-Key. Hãy tạo một khóa mới cho mỗi yêu cầu và giữ nguyên khi gửi lại."
    en = "Idempotency-Key is missing. Make a new one for each request and keep it when sending again."


class KeyMalformed(Mistaken):
    code = "idempotency_key_malformed"
    vi = "Idempotency-Key gồm 8 đến 100 chữ, số, “-”, “_”, “.” hoặc “:”."
    en = "An Idempotency-Key is 8 to 100 letters, digits, “-”, “_”, “.” or “:”."


class VersionRequired(Mistaken):
    """RFC 6585: an act is decided on a version that somebody has seen."""

    code = "precondition_required"
    vi = "Thiếu If-Match: gửi kèm phiên bản hồ sơ bạn đã xem (ETag)."
    en = "If-Match is missing: send the version of the dossier you saw (its ETag)."


class VersionMalformed(Mistaken):
    code = "if_match_malformed"
    vi = "If-Match phải là một phiên bản hồ sơ, ví dụ \"7\"."
    en = "If-Match must be one version of the dossier, such as \"7\"."


class HeadTooLarge(Mistaken):
    code = "head_too_large"
    vi = "Phần đầu của yêu cầu lớn hơn {limit} kB cho phép."
    en = "The head of the request is larger than the {limit} kB allowed."


class Slow(Mistaken):
    code = "timeout"
    vi = "Nội dung gửi lên đến quá chậm. Hãy kiểm tra đường truyền rồi gửi lại."
    en = "The body came too slowly. Check the line and send it again."


class NoSuchPage(errors.NotFound):
    vi = "Không có địa chỉ này."
    en = "There is nothing at this address."


class WrongMethod(Mistaken):
    code = "method_not_allowed"
    vi = "Địa chỉ này không nhận cách gửi {method}."
    en = "{method} is not allowed here."


class Broken(LienThongError):
    """Ours to mend; the reference leads to the log."""

    code = "internal_error"
    vi = "Hệ thống gặp lỗi. Hãy báo quản trị kèm mã {reference}."
    en = "The system failed. Tell the administrator this reference: {reference}."


# The most special class an error is an instance of decides; what is not here is a 500, and a test sees to it.
STATUS: dict[type[LienThongError], int] = {
    errors.NotFound: 404, errors.NotSignedIn: 401, signin.WrongCredentials: 401, errors.Forbidden: 403,
    errors.Conflict: 409, errors.KeyReused: 422, errors.Refused: 422, errors.Unavailable: 503, TooLarge: 413,
    signin.TooManyAttempts: 429, DocumentCorrupted: 500, Broken: 500, Mistaken: 400, WrongMediaType: 415,
    VersionRequired: 428, HeadTooLarge: 431, Slow: 408, WrongMethod: 405,
    NotCanonical: 400, UnknownKey: 401, RevokedKey: 401, BadSignature: 401, TooManyHeld: 429, TooManyShadows: 429,
}
TITLES: dict[int, tuple[str, str]] = {
    400: ("Yêu cầu không đọc được", "Bad request"), 401: ("Chưa đăng nhập", "Not signed in"),
    403: ("Không có quyền", "Forbidden"), 404: ("Không tìm thấy", "Not found"),
    405: ("Cách gửi không được phép", "Method not allowed"), 408: ("Quá chậm", "Request timeout"),
    409: ("Không còn phù hợp", "Conflict"), 413: ("Quá lớn", "Too large"),
    415: ("Sai kiểu nội dung", "Unsupported media type"),
    422: ("Chưa đúng hoặc còn thiếu", "Not right or not complete"),
    428: ("Thiếu phiên bản", "Precondition required"), 429: ("Quá nhiều lần", "Too many requests"),
    431: ("Phần đầu quá lớn", "Request header fields too large"),
    500: ("Lỗi hệ thống", "Internal error"), 503: ("Tạm thời không phục vụ được", "Service unavailable"),
}


class Problem(BaseModel):
    """Every refusal. `code` is stable and meant for programs; `detail` is in the language asked for."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "type": "urn:lienthong:problem:stale_version", "title": "Không còn phù hợp", "status": 409,
        "code": "stale_version",
        "detail": "Lâm Thị Ngọc Hân đã “accept” lúc 10:02:11 23/11/2026. Hãy tải lại hồ sơ rồi quyết định lại.",
        "detail_en": "Lâm Thị Ngọc Hân did “accept” at 10:02:11 23/11/2026. Reload the dossier and decide again.",
        "data": {"who": "Lâm Thị Ngọc Hân", "action": "accept", "version": 3},
    }})

    type: str
    title: str
    status: int
    code: str
    detail: str
    detail_en: str
    data: dict[str, Any] = Field(description="what the words are made of: who, when, possible_events, fields …")


def status_of(error: LienThongError) -> int:
    if error.data.get("reason") == Fault.TOO_LARGE:
        return 413
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def headers_of(error: LienThongError, status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="lienthong"'}
    if isinstance(error, Unavailable | signin.TooManyAttempts):
        seconds = error.data.get("seconds", 5)
        return {"Retry-After": str(math.ceil(seconds) if isinstance(seconds, int | float) else 5)}
    return {}


def respond(error: LienThongError, language: str) -> Response:
    status = status_of(error)
    body = {
        "type": f"urn:lienthong:problem:{error.code}", "title": TITLES[status][1 if language == "en" else 0],
        "status": status, "code": error.code, "detail": error.message(language), "detail_en": error.message("en"),
        "data": error.data,
    }
    return Response(orjson.dumps(body, default=str), status, headers_of(error, status), MEDIA_TYPE)


def language_of(connection: HTTPConnection, default: str = "vi") -> str:
    """The first of the two languages that Accept-Language names."""
    for part in connection.headers.get("accept-language", "").lower().split(",")[:10]:
        tag = part.partition(";")[0].strip()[:2]
        if tag in signin.LANGUAGES:
            return tag
    return default
