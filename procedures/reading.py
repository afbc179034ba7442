"""Reads YAML so that every fault can name its file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

LARGEST = 128 * 1024  # characters; the longest declaration in the library has 9 thousand
DEEPEST = 20

Where = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fault:
    file: str
    line: int
    where: str
    vi: str
    en: str

    def __str__(self) -> str:
        place = f" {self.where}:" if self.where else ""
        return f"{self.file}:{self.line}:{place} {self.vi} / {self.en}"


class DeclarationError(ValueError):
    """A file that cannot be used; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read: its data, and on which line each part of it stands."""

    name: str
    data: object
    lines: Mapping[Where, int]

    def line(self, where: Where) -> int:
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def fault(self, where: Where, vi: str, en: str) -> Fault:
        return Fault(self.name, self.line(where), ".".join(map(str, where)), vi, en)


def refuse(vi: str, en: str) -> NoReturn:
    """Inside a validator: say what is wrong in both languages."""
    raise PydanticCustomError("refused", "{en}", {"vi": vi, "en": en})


def read(text: str, name: str) -> Source:
    """Plain YAML: no tags, aliases or repeated keys; words such as `on` and `no` stay words."""
    if len(text) > LARGEST:
        raise DeclarationError(
            [
                Fault(
                    name,
                    1,
                    "",
                    f"tệp dài quá {LARGEST} ký tự",
                    f"the file is longer than {LARGEST} characters",
                )
            ]
        )
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise DeclarationError(
            [
                Fault(
                    name,
                    mark.line + 1 if mark else 1,
                    "",
                    "không đọc được YAML từ dòng này: xem lại thụt đầu dòng, dấu hai chấm, dấu ngoặc và dấu nháy",
                    f"this is not YAML ({problem})",
                )
            ]
        ) from None
    except RecursionError:
        raise DeclarationError([Fault(name, 1, "", "YAML lồng quá sâu", "the YAML is nested too deep")]) from None
    builder = _Builder(name)
    data = builder.build(root, ())
    return Source(name=name, data=data, lines=builder.lines)


class _Builder:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Where, int] = {}
        self.seen: set[int] = set()

    def build(self, node: yaml.Node | None, where: Where) -> object:
        if node is None:
            return None
        if id(node) in self.seen or len(where) > DEEPEST:
            self.fail(
                node,
                where,
                "không dùng bí danh (&, *) hoặc lồng quá sâu",
                "no aliases (&, *) and no deep nesting",
            )
        self.seen.add(id(node))
        self.lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(member, (*where, at)) for at, member in enumerate(node.value)]
        if not isinstance(node, yaml.ScalarNode):
            self.fail(node, where, "không đọc được", "this cannot be read")
        return _scalar(node)

    def mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key in found:
                self.fail(key_node, where, f"khóa lặp lại hoặc không phải chữ: {key}", f"repeated or odd key: {key}")
            self.lines[(*where, key)] = key_node.start_mark.line + 1
            found[key] = self.build(value_node, (*where, key))
        return found

    def fail(self, node: yaml.Node, where: Where, vi: str, en: str) -> NoReturn:
        raise DeclarationError([Fault(self.name, node.start_mark.line + 1, ".".join(map(str, where)), vi, en)])


def _scalar(node: yaml.ScalarNode) -> object:
    text: str = node.value
    if node.style is not None:
        return text
    plain = {"true": True, "false": False, "null": None, "~": None, "": None}
    if text in plain:
        return plain[text]
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else text


def validated(model: type[M], source: Source) -> M:
    """The data as `model`; DeclarationError lists every fault with file and line."""
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        faults = [fault for detail in error.errors(include_url=False) for fault in _faults(source, detail)]
        raise DeclarationError(sorted(set(faults), key=lambda fault: (fault.line, fault.where))) from None


def _faults(source: Source, detail: ErrorDetails) -> list[Fault]:
    where = _in_file(source, detail["loc"])
    context = detail.get("ctx", {})
    if detail["type"] == "incoherent":
        return [source.fault(_in_file(source, (*where, *loc)), vi, en) for loc, vi, en in context["faults"]]
    if detail["type"] == "unknown_key":
        where = (*where, context["key"])
    return [source.fault(where, *in_words(detail))]


def in_words(detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong, Vietnamese first."""
    english = f"“{detail['loc'][-1]}” is missing" if detail["type"] == "missing" else detail["msg"]
    return _vietnamese(detail, detail.get("ctx", {})), english


def _in_file(source: Source, loc: Where) -> Where:
    """Pydantic's path names union members too; the file's path does not."""
    where: Where = ()
    for part in loc:
        if (*where, part) in source.lines:
            where = (*where, part)
    return where


_VIETNAMESE = {
    "unknown_key": "không có mục “{key}” ở đây; được dùng: {names}",
    "missing": "thiếu mục “{last}”",
    "enum": "giá trị không hợp lệ; được dùng: {expected}",
    "literal_error": "giá trị không hợp lệ; được dùng: {expected}",
    "string_pattern_mismatch": "không đúng mẫu {pattern}",
    "string_type": "phải là chữ",
    "int_type": "phải là số nguyên",
    "int_parsing": "phải là số nguyên",
    "bool_type": "phải là true hoặc false",
    "bool_parsing": "phải là true hoặc false",
    "dict_type": "phải là danh mục “khóa: giá trị”",
    "model_type": "phải là danh mục “khóa: giá trị”",
    "model_attributes_type": "phải là danh mục “khóa: giá trị”",
    "tuple_type": "phải là danh sách",
    "too_short": "ít nhất {min_length} mục",
    "too_long": "nhiều nhất {max_length} mục",
    "string_too_short": "không được để trống",
    "string_too_long": "dài quá {max_length} ký tự",
    "greater_than_equal": "ít nhất là {ge}",
    "less_than_equal": "nhiều nhất là {le}",
    "greater_than": "phải lớn hơn {gt}",
    "less_than": "phải nhỏ hơn {lt}",
    "date_from_datetime_parsing": "phải là ngày, dạng 2026-11-20",
    "date_type": "phải là ngày, dạng 2026-11-20",
    "refused": "{vi}",
}


def _vietnamese(detail: ErrorDetails, context: Mapping[str, object]) -> str:
    template = _VIETNAMESE.get(detail["type"], "không hợp lệ")
    return template.format_map({"last": detail["loc"][-1] if detail["loc"] else "", **context})
