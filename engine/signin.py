"""Signing in and out, and who sends a request. Only the SHA-256 of a token is ever stored."""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from engine import passwords
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import Forbidden, LienThongError, NotSignedIn
from engine.office import Office
from engine.settings import settings
from storage import sessions
from storage.sessions import Opening

log = structlog.get_logger()

MOST_WRONG = 10
WINDOW = timedelta(minutes=5)
LANGUAGES = ("vi", "en")
# Each takes 19 MiB and some twenty milliseconds of a core: a flood of sign-ins must not push out the counters.
_verifying = threading.BoundedSemaphore(2)


class WrongCredentials(Forbidden):
    """Says nothing about which of the two was wrong, or whether the account exists."""

    code = "wrong_credentials"
    vi = "Tên đăng nhập hoặc mật khẩu không đúng."
    en = "The user name or the password is wrong."


class TooManyAttempts(LienThongError):
    code = "too_many_attempts"
    vi = "Đã nhập sai quá nhiều lần. Hãy thử lại sau {seconds} giây."
    en = "Too many wrong attempts. Try again in {seconds} seconds."


class BarredAtTerminal(TooManyAttempts):
    """Of one person, from one account of the machine: a stolen key is revoked by another administrator at once."""

    vi = ("Đã nhập sai mật khẩu của {login} quá nhiều lần tại máy này. Quản trị khác làm được ngay (--by); "
          "{login} thử lại sau {seconds} giây.")
    en = ("Too many wrong passwords of {login} at this machine. Another administrator can do it at once (--by); "
          "{login} may try again in {seconds} seconds.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """`token` is shown to its owner once; `form_key` must come back with every unsafe request made by cookie."""

    token: str
    form_key: str
    language: str
    actor: Actor
    login: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who sends this request, with the memberships of today: (unit id, role)."""

    actor: Actor
    login: str
    form_key: str
    language: str
    memberships: tuple[tuple[int, str], ...]

    def has(self, *roles: str) -> bool:
        return any(role in roles for _, role in self.memberships)


def sign_in(office: Office, login: str, password: str, address: str, language: str = "vi", *,
            terminal: bool = False) -> Issued:
    """`terminal`: at the command line, where `address` is the account of the machine.

    Raises WrongCredentials after the same work for known and unknown logins, TooManyAttempts before any.
    """
    login = login.strip().casefold()
    with _verifying:
        account = sessions.account(office.db, login)
        # what was typed for a name may be a password: of unknown logins only a hash is kept
        shown = account.login if account else hashlib.sha256(login.encode()).hexdigest()
        if terminal:
            _refuse_at_terminal(office, shown, address)
        else:
            _refuse_flood(office, shown, address)
        right = passwords.matches(account.password_hash if account else passwords.NOBODY, password)
        if account is None or not right:
            sessions.note(office.db, "sign_in_failed", account.id if account else None,
                          {"login": shown, "address": address, **({"terminal": True} if terminal else {})})
            raise WrongCredentials
    token, form_key = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    language = language if language in LANGUAGES else "vi"
    sessions.begin(office.db, Opening(hash=hashed(token), person=account.id, form_key=form_key, language=language,
                                      idle=settings().session_idle, longest=settings().session_longest))
    sessions.note(office.db, "signed_in", account.id, {"login": shown, "address": address})
    return Issued(token=token, form_key=form_key, language=language, login=account.login,
                  actor=Actor(id=account.id, name=account.name))


def _refuse_flood(office: Office, login: str, address: str) -> None:
    tried = sessions.tried(office.db, login, address, WINDOW, MOST_WRONG)
    waits = [tried.by_address, None if tried.known_here else tried.by_login]
    seconds = max((wait for wait in waits if wait is not None), default=0.0)
    if seconds > 0:
        raise TooManyAttempts(seconds=math.ceil(seconds))


def _refuse_at_terminal(office: Office, login: str, address: str) -> None:
    seconds = sessions.tried_at_terminal(office.db, login, address, WINDOW, MOST_WRONG)
    if seconds is not None and seconds > 0:
        raise BarredAtTerminal(login=login, seconds=math.ceil(seconds))


def identify(office: Office, token: str, now: datetime, *, present: bool = True) -> Identity:
    """Raises NotSignedIn: unknown, ended, idle, disabled, or without any membership today.

    `present`: a person asks, so the session is not idle; else an open page asks by itself.
    """
    digest, idle = hashed(token), settings().session_idle
    found = sessions.present(office.db, digest, now.astimezone(ZONE).date(), idle)
    if found is None or not found.memberships:
        raise NotSignedIn
    if found.unseen and present:
        sessions.seen(office.db, digest)
    return Identity(actor=Actor(id=found.id, name=found.name), login=found.login, form_key=found.form_key,
                    language=found.language, memberships=tuple((unit, role) for unit, role in found.memberships))


def sign_out(office: Office, token: str, actor: Actor) -> None:
    sessions.end(office.db, hashed(token))
    sessions.note(office.db, "signed_out", actor.id, {})


def speak(office: Office, token: str, language: str) -> None:
    """The language of this session from now on."""
    if language in LANGUAGES:
        sessions.speak(office.db, hashed(token), language)


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
