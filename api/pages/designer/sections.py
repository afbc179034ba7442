"""The sections of a draft and the fields of their forms: all of what a declaration may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from api.pages.designer.fields import Around, Field, Kind, Words, words
from api.words import CHANNELS, FORMS
from engine.designing import references
from engine.designing.troubles import SECTIONS
from engine.designing.words import (
    AFTER_SUPPLEMENT,
    COUNT_MODES,
    EFFECTS,
    EXPIRIES,
    FACT_TYPES,
    JOINS,
    LEVELS,
    PAPERS,
    STARTS,
    SUBJECTS,
    SWITCHES,
    UNANSWERED,
    fit,
)
from engine.states.mechanism import EVENT_NAMES
from engine.states.names import ROLES
from procedures.declaration import Text
from procedures.words import Event, Expiry, FactType, Phase, Role


class Shape(StrEnum):
    """FORM: fields of the draft itself. NAMED: entries with ids. LISTED: entries in an order that counts."""

    FORM = "form"
    NAMED = "named"
    LISTED = "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`holds`: the key of the declaration its entries stand under."""

    key: str
    shape: Shape
    lead: Text
    fields: tuple[Field, ...]
    holds: str = ""
    add: Text | None = None

    @property
    def title(self) -> Text:
        return SECTIONS[self.key]


def _field(name: str, kind: Kind, vi: str, en: str, hint: tuple[str, str] | None = None, **more: object) -> Field:
    told = None if hint is None else words(*hint)
    return Field(name=name, kind=kind, label=words(vi, en), hint=told, **more)  # type: ignore[arg-type]


def _facts(around: Around, *types: str) -> Words:
    found = references.entries(around.data, "facts")
    keys = [str(where[-1]) for where, fact in found if fact.get("type") in types]
    return {key: around.questions[key].label for key in keys}


def _numbers(around: Around) -> Words:
    return _facts(around, FactType.INTEGER)


def _dates(around: Around) -> Words:
    return _facts(around, FactType.DATE)


def _texts(around: Around) -> Words:
    return _facts(around, FactType.TEXT)


def _every_fact(around: Around) -> Words:
    return _facts(around, *FactType)


def _procedures(around: Around) -> Words:
    return around.procedures


def _places(around: Around) -> Words:
    """Steps and consultations that exceptions may leave and lead to."""
    return {str(where[-1]): _name(held, str(where[-1])) for where, held in references.places(around.data)
            if where[1] in ("processing", "signing")}


def _name(held: Mapping[str, object], otherwise: str) -> Text:
    name = held.get("name") or held.get("event_name")
    vi, en = (str(name.get(language) or "") for language in ("vi", "en")) if isinstance(name, dict) else ("", "")
    return fit(vi=vi or en or otherwise, en=en or vi or otherwise)


def _acts(around: Around) -> Words:
    """What the mechanism lets an exception move, then the acts this procedure named itself."""
    movable = (Event.SEND_BACK, Event.FORWARD, Event.APPROVE, Event.SIGN, Event.ISSUE, Event.RECORD_REPLY)
    own = {str(step["event"]): _name({"name": step.get("event_name")}, str(step["event"]))
           for _, step in references.steps(around.data) if step.get("event")}
    named = {str(held["on"]): _name(held, str(held["on"])) for _, held in references.entries(around.data, "transitions")
             if held.get("on") and held.get("on") not in list(Event)}
    return {event.value: EVENT_NAMES[event] for event in movable} | named | own


def _roles(*roles: Role) -> Words:
    return {role.value: ROLES[role] for role in roles}


WHEN = _field("when", Kind.CONDITION, "Chỉ khi", "Only when",
              ("Để trống: luôn luôn.", "Left empty: always."))
BASIS = _field("basis", Kind.LINE, "Căn cứ pháp lý", "Legal basis", more=True)

HEAD = (
    _field("name", Kind.WORDS, "Tên thủ tục", "Name of the procedure", required=True, rows=2),
    _field("codes", Kind.ENTRIES, "Mã thủ tục quốc gia", "National code", required=True, fields=(
        _field("code", Kind.LINE, "Mã", "Code", ("Ví dụ 1.001193", "Such as 1.001193"), required=True),
        _field("valid_from", Kind.DAY, "Có hiệu lực từ ngày", "In force from",
               ("Ví dụ 01/07/2025", "Such as 01/07/2025"), required=True),
        _field("valid_to", Kind.DAY, "Đến hết ngày", "Until", more=True),
        _field("aliases", Kind.LINES, "Mã khác từng dùng, mỗi dòng một mã", "Other codes in use, one a line",
               more=True),
        _field("unverified", Kind.TICK, "Chưa kiểm chứng", "Not verified yet", default=False, more=True))),
    _field("field.code", Kind.LINE, "Mã lĩnh vực", "Code of the field", required=True),
    _field("field.name", Kind.WORDS, "Lĩnh vực", "Field", required=True),
    _field("legal_basis", Kind.LINES, "Căn cứ pháp lý, mỗi dòng một văn bản", "Legal basis, one text a line",
           required=True, rows=3),
    _field("level", Kind.ONE, "Cấp giải quyết", "Competent level", required=True, choices=LEVELS),
    _field("received_at", Kind.MANY, "Nhận hồ sơ tại bộ phận Một cửa", "Received at one-stop desks",
           ("Cấp có bộ phận Một cửa nhận hồ sơ. Không chọn chỉ khi thủ tục không tiếp nhận tại bộ phận Một cửa.",
            "The level of the desks. None only where the procedure is not taken in at a one-stop desk."),
           required=True, choices=LEVELS),
    _field("subjects", Kind.MANY, "Đối tượng thực hiện", "Who may file", required=True, choices=SUBJECTS),
    _field("channels", Kind.MANY, "Cách nộp", "Ways to file", required=True, choices=CHANNELS),
    _field("sets", Kind.NUMBER, "Số bộ hồ sơ", "Sets of papers", default=1, more=True),
    _field("immediate", Kind.TICK, "Trả kết quả ngay trong lúc người dân chờ",
           "The result is given while the citizen waits", default=False, more=True),
    _field("at_desk", Kind.TICK, "Tiếp nhận tại bộ phận Một cửa", "Taken in at the one-stop desk", default=True,
           more=True),
    _field("unverified", Kind.LINES, "Nội dung chưa kiểm chứng, mỗi dòng một ý", "What is not verified, one a line",
           more=True, rows=3),
)
DOCUMENTS = (
    _field("name", Kind.WORDS, "Tên giấy tờ", "Name of the document", required=True),
    _field("form", Kind.ONE, "Hình thức", "Form", choices=FORMS, default="original"),
    _field("copies", Kind.NUMBER, "Số lượng", "Copies", default=1),
    _field("required", Kind.TICK, "Bắt buộc phải có", "Required", default=True),
    _field("original_returned", Kind.TICK, "Đối chiếu bản chính rồi trả lại", "The original is compared and given back",
           default=False),
    WHEN,
    _field("substitutes", Kind.ENTRIES, "Giấy tờ nộp thay", "Taken instead", more=True, fields=(
        Field(name="vi", kind=Kind.LINE, label=words("Tên tiếng Việt", "Vietnamese name")),
        Field(name="en", kind=Kind.LINE, label=words("Tên tiếng Anh", "English name")))),
    _field("reusable", Kind.TICK, "Đã nộp một lần thì không phải nộp lại", "Not asked again once handed in",
           default=False, more=True),
    _field("valid_for", Kind.LIMIT, "Dùng lại được trong", "May be used again for", more=True),
    _field("kind", Kind.LINE, "Loại giấy tờ dùng chung", "Kind shared with other procedures",
           ("Giấy tờ cùng loại chỉ hỏi một lần trong hồ sơ liên thông. Chữ thường không dấu, nối bằng gạch dưới.",
            "Papers of one kind are asked for once in a bundle. Small letters joined by underscores."), more=True),
    _field("result_of.procedure", Kind.ONE, "Là kết quả của thủ tục", "Is the result of the procedure",
           ("Trong hồ sơ liên thông, không hỏi người dân nếu thủ tục kia cấp.",
            "In a bundle it is not asked for where the other part produces it."), choices=_procedures, more=True),
    _field("result_of.result", Kind.LINE, "Mã kết quả, nếu thủ tục đó có nhiều kết quả",
           "Id of the result, where that procedure has several", more=True),
    _field("template", Kind.LINE, "Mẫu đơn, tờ khai", "Form to use", more=True),
)
FACTS = (
    _field("label", Kind.WORDS, "Câu hỏi", "Question", required=True),
    _field("type", Kind.ONE, "Kiểu trả lời", "Kind of answer", required=True, choices=FACT_TYPES),
    _field("required", Kind.TICK, "Bắt buộc trả lời", "Must be answered", default=True),
    _field("choices", Kind.NAMED, "Các lựa chọn", "Choices",
           ("Chỉ khi kiểu trả lời là “Chọn một trong danh sách”.", "Only where the answer is “One of a list”.")),
    _field("min", Kind.NUMBER, "Ít nhất", "At least", ("Chỉ cho số nguyên.", "For whole numbers only."), more=True),
    _field("max", Kind.NUMBER, "Nhiều nhất", "At most", ("Chỉ cho số nguyên.", "For whole numbers only."), more=True),
    _field("at_least_days_ahead", Kind.NUMBER, "Sau ngày nộp ít nhất số ngày", "Days after the day of filing",
           ("Chỉ cho ngày.", "For dates only."), more=True),
    _field("not_in_future", Kind.TICK, "Không được sau ngày nộp", "May not lie in the future", default=False,
           more=True),
    BASIS,
)
CHECKS = (
    _field("when", Kind.CONDITION, "Khi", "When", required=True),
    _field("effect", Kind.ONE, "Thì", "Then", choices=EFFECTS, default="refuse"),
    _field("message", Kind.WORDS, "Lời nói với người nộp", "What the applicant is told", required=True, rows=2),
    _field("basis", Kind.LINE, "Căn cứ pháp lý", "Legal basis", required=True),
    _field("fact", Kind.ONE, "Hiện bên cạnh câu hỏi", "Shown beside the question", choices=_every_fact, more=True),
    _field("right_procedure", Kind.ONE, "Thủ tục đúng phải dùng", "The procedure to use instead", choices=_procedures,
           more=True),
)
EXEMPTION = (
    _field("name", Kind.WORDS, "Ai được miễn, giảm", "Who pays less", required=True),
    _field("when", Kind.CONDITION, "Khi", "When", required=True),
    _field("percent", Kind.NUMBER, "Giảm phần trăm", "Per cent less", default=100),
    _field("basis", Kind.LINE, "Căn cứ pháp lý", "Legal basis", required=True),
)
FEES = (
    _field("name", Kind.WORDS, "Tên khoản thu", "Name of the fee", required=True),
    _field("amount", Kind.NUMBER, "Số tiền (đồng)", "Amount (đồng)", required=True),
    _field("per", Kind.ONE, "Nhân với", "Multiplied by", choices=_numbers),
    WHEN,
    _field("exemptions", Kind.ENTRIES, "Miễn, giảm", "Exemptions", fields=EXEMPTION, more=True),
    BASIS,
)


def _known_parties(around: Around) -> Words:
    own = {str(where[-1]): _name({"name": held}, str(where[-1]))
           for where, held in references.entries(around.data, "parties")}
    named = {**own, **around.parties}
    units = {key: around.unit(key) for key in named}
    return {key: fit(vi=f"{name.vi} ({units[key].vi})", en=f"{name.en} ({units[key].en})")
            for key, name in named.items()}


AGENCY_LIMIT = (
    _field("party", Kind.ONE, "Cơ quan của", "The agency of", required=True, choices=_known_parties),
    _field("limit", Kind.LIMIT, "Trong", "Within", required=True),
)


def _asked(rule: str, label: tuple[str, str]) -> tuple[Field, ...]:
    """What holds while the citizen is waited for."""
    return (
        _field(f"{rule}.within", Kind.LIMIT, *label,
               ("Để trống: theo quy định chung.", "Left empty: as the general rules say."), more=True),
        _field(f"{rule}.expiry", Kind.ONE, "Quá thời gian đó", "When that is over", choices=UNANSWERED, more=True),
        _field(f"{rule}.expiry_basis", Kind.LINE, "Căn cứ để dừng giải quyết", "Basis for stopping the dossier",
               more=True),
    )


LIMITS = (
    _field("limit", Kind.LIMITS, "Thời hạn giải quyết", "Time limit",
           ("Ghi nhiều dòng nếu các phần nối tiếp nhau. Để trống nếu pháp luật không quy định.",
            "Several lines run one after the other. Left empty: no law sets one.")),
    _field("limit_note", Kind.WORDS, "Vì sao không có thời hạn", "Why there is no limit",
           ("Phải ghi khi để trống thời hạn.", "Needed where no limit is given.")),
    _field("count_mode", Kind.ONE, "Cách tính", "How it is counted", choices=COUNT_MODES, default="DAY"),
    _field("expiry", Kind.ONE, "Khi hết thời hạn giải quyết", "When the limit is used up",
           ("Để trống: nhắc và báo lãnh đạo.", "Left empty: reminded and reported."),
           choices={key: EXPIRIES[key] for key in (Expiry.REMIND, Expiry.ESCALATE, Expiry.NOTHING)}, more=True),
    _field("supplement.max", Kind.NUMBER, "Số lần yêu cầu bổ sung nhiều nhất", "Supplements at most", default=1),
    _field("supplement.after", Kind.ONE, "Sau khi bổ sung", "After a supplement",
           ("Để trống: theo quy định có hiệu lực vào ngày tiếp nhận.",
            "Left empty: as the rules in force on the day of receipt say."), choices=AFTER_SUPPLEMENT),
    _field("agency_limits", Kind.ENTRIES, "Thời hạn của từng cơ quan", "Limits of agencies",
           ("Cho tất cả các bước liền nhau tại cơ quan đó.", "For all steps that follow one another in the agency."),
           fields=AGENCY_LIMIT, more=True),
    *_asked("supplement", ("Người nộp có bao lâu để bổ sung", "Time to hand in the supplement")),
    *_asked("payment", ("Người nộp có bao lâu để nộp tiền", "Time to pay")),
    _field("confidential_when", Kind.CONDITION, "Hồ sơ mật khi", "Confidential when",
           ("Để trống: không bao giờ.", "Left empty: never."), more=True),
)
CASES = (
    _field("when", Kind.CONDITION, "Khi", "When", required=True),
    _field("limit", Kind.LIMITS, "Thì thời hạn là", "Then the limit is", required=True),
    _field("count_mode", Kind.ONE, "Cách tính", "How it is counted", choices=COUNT_MODES, more=True),
    BASIS,
)
RESULTS = (
    _field("name", Kind.WORDS, "Tên kết quả", "Name of the result", required=True),
    _field("signer", Kind.ONE, "Ai ký", "Who signs", choices=_roles(Role.SIGNER, Role.HEAD), default="signer"),
    _field("template", Kind.LINE, "Mẫu văn bản", "Form of the document", more=True),
    _field("valid_for", Kind.LIMIT, "Có giá trị trong", "Valid for", more=True),
)
OBLIGATIONS = (
    _field("name", Kind.WORDS, "Người nộp phải làm gì", "What the applicant owes", required=True),
    _field("within", Kind.LIMIT, "Trong thời hạn", "Within", required=True),
    _field("after", Kind.ONE, "Tính từ ngày", "Counted from",
           ("Chỉ tính được từ một câu hỏi kiểu “Ngày”.", "Only a question whose answer is a date can begin it."),
           required=True, choices=_dates),
    _field("remind", Kind.LIMITS, "Nhắc trước", "Reminded before"),
    WHEN,
    BASIS,
)
PARTIES = (
    Field(name="vi", kind=Kind.LINE, label=words("Tên chức năng, tiếng Việt", "Function, in Vietnamese"),
          required=True),
    Field(name="en", kind=Kind.LINE, label=words("Tên chức năng, tiếng Anh", "Function, in English"), required=True),
)
TRANSITIONS = (
    _field("from", Kind.ONE, "Khi ở bước", "At the step", required=True, choices=_places),
    _field("on", Kind.ONE, "việc", "the act", ("Để trống nếu là một việc mới, rồi đặt tên bên dưới.",
                                               "Left empty for a new act: name it below."), choices=_acts),
    _field("name", Kind.WORDS, "Tên của việc mới", "Name of the new act"),
    _field("to", Kind.ONE, "dẫn đến bước", "leads to the step", required=True, choices=_places),
    WHEN,
    _field("reason", Kind.TICK, "Phải ghi lý do", "A reason must be given", default=False),
)
SWITCHED = (
    _field("switch_off", Kind.MANY, "Không dùng trong thủ tục này", "Not used in this procedure", choices=SWITCHES),
)
GROUP = (
    _field("name", Kind.WORDS, "Tên nhóm lấy ý kiến", "Name of the consultation", required=True),
    _field("join", Kind.ONE, "Khi nào thì xong", "When it is over", choices=JOINS, default="all"),
    _field("at_least", Kind.NUMBER, "Cần ít nhất bao nhiêu ý kiến", "Opinions needed at least",
           ("Chỉ khi chọn “Cần ít nhất số ý kiến”.", "Only with “at least the number of opinions”.")),
    _field("negative_to", Kind.ONE, "Khi có ý kiến không đồng ý, chuyển đến", "At a disagreement it goes to",
           ("Chỉ khi chọn “Dừng ngay khi có ý kiến không đồng ý”.", "Only with “Ends at the first disagreement”."),
           choices=_places, more=True),
)
ROLES_OF: Mapping[str, Words] = {
    "reception": _roles(Role.RECEPTIONIST),
    "processing": _roles(Role.OFFICER, Role.HEAD, Role.SIGNER, Role.CLERK),
    "signing": _roles(Role.HEAD, Role.SIGNER, Role.CLERK),
    "return": _roles(Role.RETURNER),
}


def _expiries(phase: str) -> Words:
    """Silence stands for an opinion, so in processing only; what comes in has nobody to go back to."""
    out = [one for one in Expiry if (one.tacit and phase != Phase.PROCESSING)
           or (one is Expiry.RETURN and phase == Phase.RECEPTION)]
    return {key: name for key, name in EXPIRIES.items() if key not in out}


def step_fields(phase: str) -> tuple[Field, ...]:
    """The roles are those of the phase."""
    return (
        _field("name", Kind.WORDS, "Tên bước", "Name of the step", required=True),
        _field("party", Kind.ONE, "Chức năng thực hiện", "Who does it",
               ("Trong ngoặc là đơn vị đang đảm nhận, theo bảng Phân công đơn vị.",
                "In brackets the unit that fills it now."), required=True, choices=_known_parties),
        _field("role", Kind.ONE, "Vai trò", "Role", required=True, choices=ROLES_OF[phase]),
        _field("limit", Kind.LIMIT, "Thời hạn của bước", "Limit of the step"),
        _field("starts", Kind.ONE, "Thời hạn tính từ", "The limit begins",
               ("Khi cơ quan khác chuyển đến.", "Where another agency sends the dossier."), choices=STARTS,
               default="registered", more=True),
        _field("expiry", Kind.ONE, "Khi hết thời hạn của bước", "When the limit is used up",
               ("Để trống: nhắc và báo lãnh đạo. “Trả về” ở một bước: khi không ai ký nhận.",
                "Left empty: reminded and reported. “It goes back” at a step: when nobody registers it."),
               choices=_expiries(phase), more=True),
        _field("expiry_basis", Kind.LINE, "Căn cứ pháp lý của việc đó", "Legal basis of that",
               ("Phải ghi khi im lặng được coi là ý kiến.", "Needed where silence counts as an answer."), more=True),
        _field("paper", Kind.ONE, "Hồ sơ giấy", "Papers", choices=PAPERS, default="none"),
        WHEN,
        _field("new_party", Kind.WORDS, "Chức năng mới", "A new function",
               ("Nếu danh sách chưa có chức năng phù hợp.", "Where the list has none that fits."), more=True),
        _field("external", Kind.WORDS, "Chờ cơ quan bên ngoài trả lời", "Waits for an outside body",
               ("Tên cơ quan; người phụ trách ghi nhận văn bản trả lời.",
                "Its name; whoever is in charge records the reply."), more=True),
        _field("event_name", Kind.WORDS, "Tên riêng của việc hoàn thành bước", "Own name of the completing act",
               more=True),
        _field("also", Kind.MANY, "Vai trò khác cũng làm được", "Further roles that may do it",
               choices={**ROLES_OF[phase], **_roles(Role.HEAD, Role.MANAGER)}, more=True),
        _field("asset", Kind.ONE, "Khóa theo số giấy chứng nhận, tài sản", "One at a time for the object",
               ("Hai hồ sơ về cùng một đối tượng không ở bước này cùng lúc.",
                "No two dossiers about one object are at this step together."), choices=_texts, more=True),
    )


ALL: Mapping[str, Section] = {section.key: section for section in (
    Section(key="head", shape=Shape.FORM, fields=HEAD,
            lead=words("Tên, mã, lĩnh vực, căn cứ và ai được nộp.", "Name, code, field, basis, and who may file.")),
    Section(key="facts", shape=Shape.NAMED, holds="facts", fields=FACTS, add=words("Thêm câu hỏi", "Add a question"),
            lead=words("Người tiếp nhận hỏi những câu này; các điều kiện dựa vào câu trả lời.",
                       "Asked at the desk; conditions are built on the answers.")),
    Section(key="documents", shape=Shape.NAMED, holds="documents", fields=DOCUMENTS,
            add=words("Thêm giấy tờ", "Add a document"),
            lead=words("Giấy tờ người dân phải nộp.", "The papers the citizen hands in.")),
    Section(key="checks", shape=Shape.LISTED, holds="checks", fields=CHECKS, add=words("Thêm điều kiện", "Add a check"),
            lead=words("Khi nào không tiếp nhận, hoặc phải nhắc người nộp.",
                       "When a dossier is not accepted, or the applicant is told something.")),
    Section(key="fees", shape=Shape.LISTED, holds="fees", fields=FEES, add=words("Thêm khoản thu", "Add a fee"),
            lead=words("Phí, lệ phí và các trường hợp miễn, giảm.", "Fees and who pays less.")),
    Section(key="limits", shape=Shape.FORM, fields=LIMITS,
            lead=words("Thời hạn chung và cách tính.", "The general limit and how it is counted.")),
    Section(key="cases", shape=Shape.LISTED, holds="limit_cases", fields=CASES,
            add=words("Thêm trường hợp", "Add a case"),
            lead=words("Trường hợp đúng đầu tiên được dùng thay thời hạn chung.",
                       "The first case that holds replaces the general limit.")),
    Section(key="results", shape=Shape.NAMED, holds="results", fields=RESULTS,
            add=words("Thêm kết quả", "Add a result"),
            lead=words("Người dân nhận được gì.", "What the citizen gets.")),
    Section(key="obligations", shape=Shape.LISTED, holds="obligations", fields=OBLIGATIONS,
            add=words("Thêm nghĩa vụ", "Add an obligation"),
            lead=words("Người dân còn phải làm gì sau khi có kết quả.", "Obligations after the result.")),
    Section(key="parties", shape=Shape.NAMED, holds="parties", fields=PARTIES,
            add=words("Thêm chức năng", "Add a function"),
            lead=words("Chức năng mà danh mục chung chưa có; mỗi tỉnh phân công một đơn vị đảm nhận.",
                       "Functions the common list does not have; each province binds a unit to them.")),
    Section(key="transitions", shape=Shape.LISTED, holds="transitions", fields=TRANSITIONS,
            add=words("Thêm ngoại lệ", "Add an exception"),
            lead=words("Chỉ ghi những gì khác với “bước kế tiếp”; trả lại, bổ sung, rút hồ sơ đã có sẵn.",
                       "Only what differs from “the next step”; sending back, supplements and withdrawal are there.")),
    Section(key="switches", shape=Shape.FORM, fields=SWITCHED,
            lead=words("Cơ chế một cửa có sẵn các việc sau; đánh dấu việc mà thủ tục này không dùng.",
                       "The one-stop mechanism has these acts; tick what this procedure does without.")),
)}
