"""Archives of procedure files, opened without trusting anything in them."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.errors import UnacceptableFile

LARGEST_UPLOAD = 16 * 1024 * 1024
LARGEST_CONTENT = 64 * 1024 * 1024
MOST_ENTRIES = 3000
LARGEST_ENTRY = 1024 * 1024
# text of laws shrinks to a tenth
MOST_SHRUNK = 100
ENDINGS = (".yaml", ".yml", ".json")
# The moment written on every entry, so that the same content gives the same bytes.
_ALWAYS = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Packed:
    """A file as it lay in an archive, or the upload itself."""

    name: str
    content: bytes


def pack(files: Mapping[str, str]) -> bytes:
    """A zip of these texts by name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, text.encode())
    return made.getvalue()


def unpack(name: str, content: bytes) -> list[Packed]:
    """The files of a zip. UnacceptableFile for one that no program of ours could have made."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _examine(name, archive.infolist())
            return [Packed(entry.filename, archive.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise _refused(name, "tệp nén bị hỏng hoặc chưa đầy đủ.", "the archive is damaged or incomplete.") from None


def _examine(name: str, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _refused(name, f"có hơn {MOST_ENTRIES} tệp bên trong.", f"it holds more than {MOST_ENTRIES} files.")
    # a header that understates its size is found out by the checksum, because no more than that is read
    if sum(entry.file_size for entry in entries) > LARGEST_CONTENT:
        megabytes = LARGEST_CONTENT // 1024 // 1024
        raise _refused(name, f"nội dung nở ra hơn {megabytes} MB.", f"it unpacks to more than {megabytes} MB.")
    seen: set[str] = set()
    for entry in entries:
        _examine_entry(name, entry)
        if entry.filename.casefold() in seen:
            raise _refused(name, f"có hai tệp tên “{entry.filename[:80]}”.",
                           f"it holds two files called “{entry.filename[:80]}”.")
        seen.add(entry.filename.casefold())


def _examine_entry(name: str, entry: zipfile.ZipInfo) -> None:
    shown, path = entry.orig_filename[:80], PurePosixPath(entry.filename)
    escapes = path.is_absolute() or ".." in path.parts or "\\" in entry.orig_filename or ":" in entry.filename
    if escapes or not entry.orig_filename.isprintable():
        raise _refused(name, f"có đường dẫn không an toàn “{shown}”.", f"it holds the unsafe path “{shown}”.")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(name, f"“{shown}” là liên kết hoặc tệp đặc biệt.", f"“{shown}” is a link or a special file.")
    if entry.flag_bits & 1:
        raise _refused(name, f"“{shown}” được đặt mật khẩu.", f"“{shown}” is encrypted.")
    shrunk = entry.file_size / max(1, entry.compress_size)
    if entry.file_size > LARGEST_ENTRY or (entry.file_size > 100_000 and shrunk > MOST_SHRUNK):
        raise _refused(name, f"“{shown}” nở ra quá lớn khi mở.", f"“{shown}” unpacks to far too much.")


def _refused(name: str, vi: str, en: str) -> UnacceptableFile:
    return UnacceptableFile(name=name[:80], reason="archive", reason_vi=vi, reason_en=en)
