"""Reads a BPMN 2.0 file safely into the little of it that can become a procedure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from procedures.entry import Text, text
from procedures.reading import DeclarationError, Fault

LARGEST = 2 * 1024 * 1024  # bytes; a drawing of three hundred activities has a tenth of it
MOST = 500  # nodes and sequence flows; far more than a procedure may have steps
DEEPEST = 50
LONGEST = 300  # characters of a name that are kept

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:lienthong:procedure"


class Kind(StrEnum):
    TASK = "task"
    START = "start"
    END = "end"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EVENT = "event"


_KINDS = {
    "startEvent": Kind.START,
    "endEvent": Kind.END,
    "intermediateCatchEvent": Kind.EVENT,
    "intermediateThrowEvent": Kind.EVENT,
    "exclusiveGateway": Kind.EXCLUSIVE,
    "eventBasedGateway": Kind.EXCLUSIVE,
    "complexGateway": Kind.EXCLUSIVE,
    "inclusiveGateway": Kind.INCLUSIVE,
    "parallelGateway": Kind.PARALLEL,
    **dict.fromkeys(
        (
            "task",
            "userTask",
            "manualTask",
            "serviceTask",
            "scriptTask",
            "businessRuleTask",
            "sendTask",
            "receiveTask",
            "callActivity",
            "subProcess",
            "transaction",
            "adHocSubProcess",
        ),
        Kind.TASK,
    ),
}


# What has no place in a procedure, wherever it stands in the file.
_LEFT = {
    "dataObject": text("dữ liệu (data object)", "data objects"),
    "dataObjectReference": text("dữ liệu được dẫn chiếu", "references to data"),
    "dataStoreReference": text("kho dữ liệu", "data stores"),
    "messageFlow": text("luồng thông điệp giữa các vùng", "message flows between pools"),
    "textAnnotation": text("chú thích", "annotations"),
    "group": text("khung nhóm", "frames"),
    "script": text("mã lệnh (script)", "scripts"),
    "standardLoopCharacteristics": text("bước lặp", "repeated activities"),
    "multiInstanceLoopCharacteristics": text("bước làm nhiều lần", "activities with several instances"),
    "eventBasedGateway": text("cổng theo sự kiện (coi như chọn một)", "event-based gateways (taken as a choice)"),
    "complexGateway": text("cổng phức hợp (coi như chọn một)", "complex gateways (taken as a choice)"),
    "inclusiveGateway": text(
        "cổng bao hàm (coi như lấy ý kiến song song)", "inclusive gateways (taken as a consultation)"
    ),
    "messageEventDefinition": text("sự kiện thông điệp", "message events"),
    "signalEventDefinition": text("sự kiện tín hiệu", "signal events"),
    "errorEventDefinition": text("sự kiện lỗi", "error events"),
    "escalationEventDefinition": text("sự kiện báo cấp trên", "escalation events"),
    "conditionalEventDefinition": text("sự kiện có điều kiện", "conditional events"),
    "compensateEventDefinition": text("sự kiện bù trừ", "compensation events"),
    "linkEventDefinition": text("sự kiện nối trang", "link events"),
}
_MACHINES = {
    "serviceTask": text("dịch vụ tự động", "an automatic service"),
    "scriptTask": text("mã lệnh", "a script"),
    "businessRuleTask": text("luật nghiệp vụ", "a business rule"),
    "callActivity": text("quy trình được gọi", "a called process"),
    "subProcess": text("quy trình con", "a sub-process"),
    "transaction": text("quy trình con", "a sub-process"),
    "adHocSubProcess": text("quy trình con tùy biến", "an ad-hoc sub-process"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`ours`: what our own export wrote beside it; `limit`: in our words, from a timer on the task."""

    id: str
    kind: Kind
    name: str = ""
    lane: str = ""
    limit: str = ""
    ours: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    default: bool = False
    ours: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process; nodes in the order of the file. `lanes`: what each lane is called and what we wrote beside it."""

    name: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    lanes: Mapping[str, Node]
    ours: Mapping[str, str]
    left: tuple[Text, ...]


def read(data: bytes, name: str) -> Process:
    """The process with most in it; DeclarationError says why a file cannot be read."""
    return _Reader(_tree(data, name), name).process()


def refuse(name: str, vi: str, en: str) -> NoReturn:
    raise DeclarationError([Fault(name, 1, "", vi, en)])


def _tree(data: bytes, name: str) -> Element:
    if len(data) > LARGEST:
        refuse(name, "tệp BPMN lớn quá 2 MB", "the BPMN file is larger than 2 MB")
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > DEEPEST:
                refuse(name, f"tệp lồng quá {DEEPEST} tầng", f"the file is nested deeper than {DEEPEST}")
    except DefusedXmlException:
        refuse(
            name,
            "tệp có khai báo DTD hoặc thực thể; vì an toàn, hệ thống không đọc tệp như vậy",
            "the file declares a DTD or entities; for safety such files are not read",
        )
    except ParseError as error:
        words = "không đọc được XML từ dòng này: tệp bị hỏng hoặc chưa đầy đủ"
        raise DeclarationError([Fault(name, error.position[0], "", words, f"this is not XML ({error})")]) from None
    except DeclarationError:
        raise
    except (ValueError, LookupError) as error:
        refuse(name, "không đọc được XML: tệp bị hỏng hoặc dùng bảng mã lạ", f"this is not XML ({error})")
    if root is None or root.tag != f"{{{MODEL}}}definitions":
        refuse(name, "tệp không phải BPMN 2.0", "this is not a BPMN 2.0 file")
    return root


def _local(element: Element) -> str:
    return element.tag.removeprefix(f"{{{MODEL}}}") if isinstance(element.tag, str) else ""


def _name(element: Element) -> str:
    return " ".join(element.get("name", "").split())[:LONGEST]


def _ours(element: Element) -> dict[str, str]:
    start = f"{{{OURS}}}"
    return {key.removeprefix(start): value for key, value in element.attrib.items() if key.startswith(start)}


def _children(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element if _local(child) in names)


class _Reader:
    def __init__(self, root: Element, file: str) -> None:
        self.root, self.file = root, file
        self.left: list[Text] = []

    def process(self) -> Process:
        found = list(_children(self.root, "process"))
        pools = {
            pool.get("processRef", ""): _name(pool)
            for collaboration in _children(self.root, "collaboration")
            for pool in _children(collaboration, "participant")
        }
        parts = [(sum(_KINDS.get(_local(child)) is Kind.TASK for child in element), element) for element in found]
        if not parts or max(count for count, _ in parts) == 0:
            refuse(self.file, "tệp không có quy trình nào có việc", "the file has no process with activities")
        most = max(count for count, _ in parts)
        chosen = next(element for count, element in parts if count == most)
        for count, element in parts:
            if element is not chosen:
                other = pools.get(element.get("id", "")) or _name(element) or element.get("id", "?")
                self._leave(
                    f"Vùng “{other}” ({count} việc): chỉ một quy trình được đưa vào.",
                    f"The pool “{other}” ({count} activities): only one process is taken.",
                )
        name = _name(chosen) or pools.get(chosen.get("id", ""), "")
        return self._read(chosen, name)

    def _leave(self, vi: str, en: str) -> None:
        self.left.append(Text(vi=vi, en=en))

    def _read(self, process: Element, name: str) -> Process:
        size = sum(_local(element) in _KINDS or _local(element) == "sequenceFlow" for element in process.iter())
        if size > MOST:
            refuse(self.file, f"quy trình có quá {MOST} phần tử", f"the process has more than {MOST} elements")
        lanes, lane_of = self._lanes(process)
        limits = self._boundaries(process)
        nodes: dict[str, Node] = {}
        for element in process:
            kind = _KINDS.get(_local(element))
            if kind is None:
                continue
            id = element.get("id", "")
            if not id or id in nodes:
                refuse(self.file, f"mã phần tử trống hoặc lặp lại: “{id}”", f"an id is empty or repeated: “{id}”")
            nodes[id] = Node(
                id=id,
                kind=kind,
                name=_name(element),
                lane=lane_of.get(id, ""),
                limit=limits.get(id, ""),
                ours=_ours(element),
            )
            self._machine_made(element)
        flows = tuple(self._flows(process, nodes))
        self._count_left()
        return Process(
            name=name, nodes=nodes, flows=flows, lanes=lanes, ours=_ours(process), left=tuple(self.left)
        )

    def _lanes(self, process: Element) -> tuple[dict[str, Node], dict[str, str]]:
        """The lanes, and the innermost one of each node."""
        lanes, lane_of = {}, {}
        for at, lane in enumerate(element for element in process.iter() if _local(element) == "lane"):
            id = lane.get("id") or f"lane {at}"
            lanes[id] = Node(id=id, kind=Kind.TASK, name=_name(lane), ours=_ours(lane))
            for reference in _children(lane, "flowNodeRef"):
                lane_of[(reference.text or "").strip()] = id
        return lanes, lane_of

    def _boundaries(self, process: Element) -> dict[str, str]:
        """Limits by task, from timers that sit on it; everything else that sits on a task is left."""
        limits = {}
        for event in _children(process, "boundaryEvent"):
            duration = event.findtext(f".//{{{MODEL}}}timeDuration", "").strip()
            limit = limit_of(duration)
            name = _name(event) or event.get("id", "?")
            if limit is None:
                self._leave(
                    f"Sự kiện “{name}” gắn trên bước{f' ({duration})' if duration else ''}.",
                    f"The event “{name}” on an activity{f' ({duration})' if duration else ''}.",
                )
            else:
                limits[event.get("attachedToRef", "")] = limit
        return limits

    def _machine_made(self, element: Element) -> None:
        known = _MACHINES.get(_local(element))
        if known is None:
            return
        name = _name(element) or element.get("id", "?")
        inside = sum(_KINDS.get(_local(member)) is Kind.TASK for member in element.iter()) - 1
        self._leave(
            f"“{name}” là {known.vi}: thành một bước do người làm.",
            f"“{name}” is {known.en}: it becomes one step done by people.",
        )
        if inside > 0:
            self._leave(
                f"{inside} việc bên trong “{name}” không được đưa vào.",
                f"{inside} activities inside “{name}” are not taken.",
            )

    def _flows(self, process: Element, nodes: Mapping[str, Node]) -> Iterator[Flow]:
        events = {event.get("id", ""): _name(event) for event in _children(process, "boundaryEvent")}
        defaults = {element.get("default") for element in process}
        for at, element in enumerate(_children(process, "sequenceFlow")):
            source, target = element.get("sourceRef", ""), element.get("targetRef", "")
            if source in events:
                to = nodes[target].name if target in nodes else target
                self._leave(
                    f"Đường đi từ sự kiện “{events[source] or source}” đến “{to}”.",
                    f"The flow from the event “{events[source] or source}” to “{to}”.",
                )
                continue
            if source not in nodes or target not in nodes:
                refuse(
                    self.file,
                    f"đường nối từ “{source}” đến “{target}” dẫn tới phần tử không có",
                    f"the flow from “{source}” to “{target}” names an element that is not there",
                )
            condition = " ".join(element.findtext(f"{{{MODEL}}}conditionExpression", "").split())[:LONGEST]
            yield Flow(
                id=element.get("id") or f"flow {at}",
                source=source,
                target=target,
                name=_name(element),
                condition=condition,
                default=element.get("id") is not None and element.get("id") in defaults,
                ours=_ours(element),
            )

    def _count_left(self) -> None:
        counted = Counter(_local(element) for element in self.root.iter())
        timers = counted["timerEventDefinition"] - sum(
            _local(child) == "timerEventDefinition"
            for element in self.root.iter() if _local(element) == "boundaryEvent" for child in element
        )
        kinds = {tag: (counted[tag], known) for tag, known in _LEFT.items() if counted[tag]}
        if timers > 0:
            kinds["timer"] = (timers, text("sự kiện hẹn giờ giữa các bước", "timers between activities"))
        for number, known in kinds.values():
            self._leave(f"{number} {known.vi}.", f"{number} {known.en}.")


_DURATION = re.compile(r"P(?:([0-9]{1,4})([YMWD])|T([0-9]{1,4})H)\Z")


def limit_of(duration: str) -> str | None:
    """An ISO 8601 duration of one unit in our words; hours are taken as working hours. None: it does not fit."""
    found = _DURATION.match(duration)
    if found is None:
        return None
    number, unit, hours = found.groups()
    if hours is not None:
        return _counted(int(hours), "working hour")
    times, word = {"Y": (12, "month"), "M": (1, "month"), "W": (7, "day"), "D": (1, "day")}[unit]
    return _counted(int(number) * times, word)


def _counted(number: int, unit: str) -> str | None:
    return f"{number} {unit}{'' if number == 1 else 's'}" if 0 < number <= 9999 else None
