"""Finding the procedure a citizen means, by the words people use."""

from __future__ import annotations

from collections.abc import Sequence

from engine.casework.words import fold
from engine.office import Office
from storage import reception

USUAL = 6
# Everyday words, folded, and words of the official names they stand for.
_EVERYDAY = {
    "so do": "giay chung nhan", "so hong": "giay chung nhan", "cuoi": "ket hon", "dam cuoi": "ket hon",
    "chet": "khai tu", "mat": "khai tu", "mai tang": "tro cap tu tran", "mai tang phi": "tro cap tu tran",
    "mo quan": "ho kinh doanh", "mo tiem": "ho kinh doanh", "bhyt": "bao hiem y te", "the bhyt": "bao hiem y te",
    "ho khau": "thuong tru", "nhap khau": "dang ky thuong tru", "cat khau": "xoa dang ky thuong tru",
    "xay nha": "xay dung nha o", "sao y": "chung thuc ban sao", "cong chung": "chung thuc ban sao",
    "hoi thao": "hoi nghi hoi thao", "an tich": "ly lich tu phap", "chung minh": "can cuoc", "cccd": "can cuoc",
}


def found(search: str, *told: str) -> bool:
    """Every word of the search is in what is told, accents or not. An everyday word is looked for as it is, and as the
    official names say it.
    """
    text, wanted = fold(" ".join(told)), fold(search)
    meant = _EVERYDAY.get(wanted)
    return _in(wanted, text) if meant is None else _in(meant, text) or f" {wanted} " in f" {text} "


def _in(words: str, text: str) -> bool:
    return all(word in text for word in words.split())


def usual(office: Office, desks: Sequence[int]) -> list[str]:
    """The procedures these desks take in most."""
    return reception.usual(office.db, desks, USUAL)
