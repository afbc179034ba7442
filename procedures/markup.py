"""Text for XML documents."""

from __future__ import annotations


def fit(text: str) -> str:
    """What XML can hold: no control characters, no halves of characters; line breaks become spaces."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
