"""The ways out, through Apprise: one URL a channel, with a place for the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

import apprise
from apprise.logger import LogCapture

from engine.settings import Settings
from storage.tables.desk import Channel

ADDRESS = "{address}"
# Seconds to reach a partner, and for it to answer: together far less than the lease of a batch.
BOUNDS = "cto=5&rto=10"
# What of the library's own words about a failure is kept.
LONGEST_WHY = 300
WARNING = 30
NO_CHANNEL = "no_channel"


class NotSent(Exception):
    """The partner was away, said no, or left before it said yes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    id: UUID
    channel: str
    address: str
    subject: str
    body: str


def configured(settings: Settings) -> Mapping[str, str]:
    """The URL of each channel that has one."""
    told = {Channel.MAIL: settings.notify_mail_url, Channel.SMS: settings.notify_sms_url,
            Channel.WEBHOOK: settings.notify_webhook_url}
    return {channel: url.get_secret_value() for channel, url in told.items() if url.get_secret_value()}


def send(url: str, letter: Letter) -> None:
    """Raises NotSent, with words that name no address. What was taken but not answered goes again under the same id."""
    told = apprise.Apprise()
    if not told.add(_filled(url, letter)):
        raise NotSent("the URL of this channel is none that Apprise understands")
    with LogCapture(level=WARNING, fmt="%(message)s") as heard:  # type: ignore[no-untyped-call]
        if told.notify(title=letter.subject, body=letter.body, body_format=apprise.NotifyFormat.TEXT):
            return
        said = " ".join(heard.getvalue().split())
    raise NotSent(said.replace(letter.address, "…")[:LONGEST_WHY] or "the partner did not take it")


def _filled(url: str, letter: Letter) -> str:
    """The id goes along as a header, so that a partner who can drops what comes twice."""
    filled = url.replace(ADDRESS, quote(letter.address, safe=""))
    joint = "&" if "?" in filled else "?"
    return f"{filled}{joint}{BOUNDS}&format=text&%2BIdempotency-Key={letter.id}"
