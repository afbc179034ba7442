"""What somebody typed or scanned to find dossiers: words, the name or code of a procedure, a code in full."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from engine.casework.words import fold
from engine.catalogue import Catalogue
from storage.views.finding import Wanted, patterns

# Long enough for any name of a procedure that somebody types.
LONGEST_PHRASE = 8
_SIGNS = re.compile(r"[^\w]+")
# A dossier's code; the letter after it names one of its papers (…-S the slip, …-R the result).
_CODE = re.compile(r"([0-9A-Z.]{1,20}-[0-9]{6}-[0-9]{4,9})(?:-[A-Z])?")


def code_in(text: str) -> str | None:
    """The dossier's code, where the whole text is one, or a barcode of one of its papers."""
    found = _CODE.fullmatch(unicodedata.normalize("NFC", text).strip().upper())
    return found[1] if found else None


def sought(catalogue: Catalogue, text: str) -> Wanted:
    """Accents or none, composed or decomposed; of a barcode its dossier's code counts."""
    folded = fold(code_in(text) or text)
    named, rest = _named(catalogue, folded.split())
    keys = {row.procedure for row in catalogue.versions if row.id in named}
    return Wanted(words=patterns(folded), named=sorted(named), procedures=sorted(keys), rest=patterns(" ".join(rest)))


def _named(catalogue: Catalogue, words: list[str]) -> tuple[set[int], list[str]]:
    """The versions of the procedures that the longest run of words names, and the words left over.

    One word names a procedure only when it is its key or code: most words of names are names of people, too.
    """
    told = [(row.id, _told(listing.key, listing.name.vi, tuple(code.code for code in listing.codes)))
            for row in catalogue.versions if (listing := catalogue.listings.get(row.sha256)) is not None]
    for length in range(min(len(words), LONGEST_PHRASE), 0, -1):
        for at in range(len(words) - length + 1):
            run = words[at:at + length]
            phrase = f" {' '.join(_SIGNS.sub(' ', ' '.join(run)).split())} "
            found = {number for number, (exact, name) in told
                     if (phrase in name if length > 1 else run[0] in exact)}
            if found:
                return found, words[:at] + words[at + length:]
    return set(), words


@lru_cache(maxsize=20_000)
def _told(key: str, name: str, codes: tuple[str, ...]) -> tuple[frozenset[str], str]:
    return frozenset((key, *map(fold, codes))), f" {' '.join(_SIGNS.sub(' ', fold(name)).split())} "
