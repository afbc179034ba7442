"""What both ends of a lane go by: the kinds of messages, what cannot be applied yet."""

from __future__ import annotations

from engine.errors import Conflict

# By who works for whoever masters the dossier, and back (docs/exchange.md).
ANSWERS = frozenset({"registered", "refused", "recalled", "kept", "answered"})
KINDS = ANSWERS | {"handoff", "recall", "withdrawn", "more_documents", "progress", "resend_wanted"}


class NotYet(Conflict):
    """A message whose documents have not been pulled: it is tried again soon, and that counts as no failure."""

    code = "not_yet"
    vi = "Tài liệu kèm thông điệp chưa về đủ. Sẽ tự làm lại."
    en = "The documents of the message are not all here yet. It is tried again."
