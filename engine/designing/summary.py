"""A whole procedure in plain sentences, for a citizen and for the one who signs the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.designing import conditions, wording
from engine.designing.wording import dong, limit, listed, plain, quoted, said
from engine.states.mechanism import EVENT_NAMES
from engine.states.names import PHASES, ROLES
from engine.states.outline import Words
from procedures import parties
from procedures.declaration import (
    AfterSupplement,
    AgencyLimit,
    Asked,
    AtLeast,
    CountMode,
    Declaration,
    Effect,
    Expiry,
    Fact,
    FactType,
    Fee,
    Obligation,
    Paper,
    Parallel,
    Phase,
    RequiredDocument,
    Result,
    Role,
    Starts,
    Step,
    Text,
    Transition,
)

SIGNERS = {Role.SIGNER: Words("người có thẩm quyền", "competent leader")}


@dataclass(frozen=True, slots=True)
class Line(Words):
    """A sentence, and those that belong below it."""

    within: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """`key`: for links. `ordered`: the lines follow one another in time."""

    key: str
    title: Words
    lines: tuple[Line, ...]
    ordered: bool = False


def summary(declaration: Declaration, procedures: Mapping[str, Text] | None = None) -> list[Section]:
    """In the order in which people ask; a section with nothing to say is left out.

    `procedures`: what other procedures are called, by key.
    """
    found = _Summary(declaration, procedures or {})
    told = [
        ("who", Words("Ai nộp, nộp ở đâu", "Who may apply, and where"), found.who()),
        ("facts", Words("Phải trả lời khi nộp", "Asked when handing in"), found.facts()),
        ("checks", Words("Khi nào không được tiếp nhận", "When it is not accepted"), found.checks()),
        ("documents", Words("Giấy tờ phải nộp", "Documents"), found.documents()),
        ("fees", Words("Phí, lệ phí", "Fees"), found.fees()),
        ("limit", Words("Thời hạn", "How long it takes"), found.limit()),
        ("steps", Words("Ai làm gì, theo thứ tự nào", "Who does what, in which order"), found.steps()),
        ("exceptions", Words("Ngoại lệ về thứ tự", "Exceptions to the order"), found.exceptions()),
        ("results", Words("Kết quả", "Results"), found.results()),
        ("obligations", Words("Nghĩa vụ sau khi có kết quả", "Obligations after the result"),
         found.obligations()),
        ("switched_off", Words("Việc không áp dụng", "What does not apply"), found.switched_off()),
        ("basis", Words("Căn cứ pháp lý", "Legal basis"), found.basis()),
        ("unverified", Words("Chưa kiểm chứng", "Not verified"), found.unverified()),
    ]
    made = [Section(key, title, tuple(map(_line, lines)), ordered=key == "steps") for key, title, lines in told]
    return [section for section in made if section.lines]


def _line(words: Words) -> Line:
    return words if isinstance(words, Line) else Line(words.vi, words.en)


class _Summary:
    def __init__(self, declaration: Declaration, procedures: Mapping[str, Text]) -> None:
        self.told, self.procedures = declaration, procedures
        self.questions = conditions.known(declaration)
        self.places = wording.places(declaration)

    def when(self, source: str | None) -> Words:
        """“, chỉ khi …”; empty where there is no condition."""
        if source is None:
            return Words()
        words = conditions.sentence(source, self.questions)
        return Words(f", chỉ khi {words.vi}", f", only when {words.en}")

    def question(self, key: str) -> Words:
        fact = self.told.facts.get(key)
        return quoted(fact.label if fact else key)

    def procedure(self, key: str) -> Words:
        return quoted(self.procedures.get(key, key))

    def who(self) -> Iterator[Words]:
        told = self.told
        subjects, channels = (listed(_lowered(said(one)) for one in many) for many in (told.subjects, told.channels))
        yield Words(f"Người nộp: {subjects.vi}.", f"Applicants: {subjects.en}.")
        if told.at_desk:
            levels = listed(_lowered(said(one)) for one in told.received_at)
            yield Words(f"Nộp tại bộ phận Một cửa: {levels.vi}. Cách nộp: {channels.vi}.",
                        f"Handed in at the one-stop desk: {levels.en}. Ways: {channels.en}.")
        else:
            yield Words(f"Không tiếp nhận tại bộ phận Một cửa; hồ sơ vẫn được theo dõi. Cách nộp: {channels.vi}.",
                        f"Not taken in at the one-stop desk, but followed all the same. Ways: {channels.en}.")
        level = said(told.level)
        yield Words(f"Cơ quan có thẩm quyền: {_low(level.vi)}. Lĩnh vực: {told.field.name.vi} ({told.field.code}).",
                    f"Competent level: {_low(level.en)}. Field: {told.field.name.en} ({told.field.code}).")
        for code in told.codes:
            until = f" đến {code.valid_to:%d/%m/%Y}" if code.valid_to else ""
            until_en = f" until {code.valid_to:%d/%m/%Y}" if code.valid_to else ""
            doubt = (" (chưa kiểm chứng)", " (not verified)") if code.unverified else ("", "")
            also = f" ({', '.join(code.aliases)})" if code.aliases else ""
            yield Words(f"Mã quốc gia: {code.code}{also}, từ {code.valid_from:%d/%m/%Y}{until}{doubt[0]}.",
                        f"National code: {code.code}{also}, from {code.valid_from:%d/%m/%Y}{until_en}{doubt[1]}.")
        if told.confidential_when is not None:
            words = conditions.sentence(told.confidential_when, self.questions)
            yield Words(f"Hồ sơ được giữ kín khi {words.vi}.", f"The dossier is confidential when {words.en}.")

    def facts(self) -> Iterator[Words]:
        for fact in self.told.facts.values():
            kind, more = self._answer(fact), self._bounds(fact)
            optional = Words() if fact.required else Words(" (không bắt buộc)", " (optional)")
            yield Words(f"{fact.label.vi}: {kind.vi}{more.vi}{optional.vi}.",
                        f"{fact.label.en}: {kind.en}{more.en}{optional.en}.")

    @staticmethod
    def _answer(fact: Fact) -> Words:
        if fact.type is FactType.CHOICE and fact.choices:
            choices = listed((plain(one) for one in fact.choices.values()), "; ", "; ")
            return Words(f"chọn một trong: {choices.vi}", f"one of: {choices.en}")
        return _lowered(said(fact.type))

    @staticmethod
    def _bounds(fact: Fact) -> Words:
        vi, en = "", ""
        for value, words in ((fact.min, ("từ", "from")), (fact.max, ("đến", "up to"))):
            if value is not None:
                vi, en = f"{vi} {words[0]} {value}", f"{en} {words[1]} {value}"
        if fact.at_least_days_ahead is not None:
            vi += f", phải sau ngày nộp ít nhất {fact.at_least_days_ahead} ngày"
            en += f", at least {fact.at_least_days_ahead} days after handing in"
        if fact.not_in_future:
            vi, en = f"{vi}, không được sau ngày nộp", f"{en}, not in the future"
        if fact.basis:
            vi, en = f"{vi} (theo {fact.basis})", f"{en} ({fact.basis})"
        return Words(vi, en)

    def checks(self) -> Iterator[Words]:
        for check in self.told.checks:
            words = conditions.sentence(check.when, self.questions)
            effect = (Words("không tiếp nhận", "it is not accepted") if check.effect is Effect.REFUSE
                      else Words("người tiếp nhận được nhắc", "the receptionist is told"))
            yield Words(f"Khi {words.vi}: {effect.vi}. {check.message.vi} (Theo {check.basis}.)",
                        f"When {words.en}: {effect.en}. {check.message.en} ({check.basis}.)")
            if check.right_procedure:
                other = self.procedure(check.right_procedure)
                yield Words(f"Khi đó dùng thủ tục {other.vi}.", f"Use the procedure {other.en} then.")

    def documents(self) -> Iterator[Words]:
        for document in self.told.documents.values():
            yield self._document(document)
        if self.told.documents:
            yield Words(f"Số bộ hồ sơ: {self.told.sets}.", f"Number of sets: {self.told.sets}.")

    def _document(self, document: RequiredDocument) -> Words:
        form, when = said(document.form), self.when(document.when)
        vi = f"{document.name.vi}: {document.copies} {form.vi}{when.vi}"
        en = f"{document.name.en}: {document.copies} × {form.en}{when.en}"
        if not document.required:
            vi, en = f"{vi} (nộp nếu có)", f"{en} (if there is one)"
        if document.template:
            vi, en = f"{vi}, theo mẫu {document.template}", f"{en}, on the form {document.template}"
        if document.substitutes:
            instead = listed((plain(one) for one in document.substitutes), " hoặc ", " or ")
            vi, en = f"{vi}; có thể thay bằng {instead.vi}", f"{en}; instead of it {instead.en}"
        if document.original_returned:
            vi, en = f"{vi}; bản chính được trả lại", f"{en}; the original is given back"
        return Words(*self._reuse(document, vi, en))

    def _reuse(self, document: RequiredDocument, vi: str, en: str) -> tuple[str, str]:
        if document.reusable:
            vi, en = f"{vi}; đã nộp trước đây thì không phải nộp lại", f"{en}; not asked again if handed in before"
        if document.valid_for:
            span = limit(document.valid_for)
            vi, en = f"{vi}; có giá trị trong {span.vi} từ ngày cấp", f"{en}; valid for {span.en} from its issue"
        if document.result_of:
            source = wording.result_of(document.result_of, self.procedures)
            vi, en = f"{vi}; là {source.vi}", f"{en}; it is {source.en}"
        return f"{vi}.", f"{en}."

    def fees(self) -> Iterator[Words]:
        if not self.told.fees:
            yield Words("Không thu phí, lệ phí.", "There are no fees.")
        for fee in self.told.fees:
            yield self._fee(fee)

    def _fee(self, fee: Fee) -> Words:
        when = self.when(fee.when)
        amount = dong(fee.amount)
        vi, en = f"{fee.name.vi}: {amount.vi}", f"{fee.name.en}: {amount.en}"
        if fee.per:
            per = self.question(fee.per)
            vi, en = f"{vi}, nhân với {per.vi}", f"{en}, times {per.en}"
        vi, en = vi + when.vi, en + when.en
        shared = len({one.basis for one in fee.exemptions} | ({fee.basis} if fee.basis else set())) == 1
        for one in fee.exemptions:
            words = conditions.sentence(one.when, self.questions)
            less = ("miễn", "free") if one.percent == 100 else (f"giảm {one.percent} %", f"{one.percent} % less")
            own = Words() if shared else Words(f"; theo {one.basis}", f"; {one.basis}")
            vi += f"; {less[0]} cho {_low(one.name.vi)} (khi {words.vi}{own.vi})"
            en += f"; {less[1]} for {_low(one.name.en)} (when {words.en}{own.en})"
        if shared and not fee.basis:
            vi += f"; miễn, giảm theo {fee.exemptions[0].basis}"
            en += f"; less under {fee.exemptions[0].basis}"
        basis = f" ({fee.basis})" if fee.basis else ""
        return Words(f"{vi}{basis}.", f"{en}{basis}.")

    def limit(self) -> Iterator[Words]:
        told = self.told
        if told.immediate:
            yield Words("Giải quyết và trả kết quả ngay khi người nộp chờ.", "Done while the applicant waits.")
        if told.limit is not None:
            span = limit(told.limit)
            yield Words(f"Thời hạn giải quyết: {span.vi} kể từ khi nhận đủ hồ sơ hợp lệ.",
                        f"The limit is {span.en} from the receipt of a complete dossier.")
        for case in told.limit_cases:
            words, span = conditions.sentence(case.when, self.questions), limit(case.limit)
            basis = f" ({case.basis})" if case.basis else ""
            counted = self._counted(case.count_mode) if case.count_mode else Words()
            yield Words(f"Khi {words.vi}: {span.vi}{basis}.{counted.vi}",
                        f"When {words.en}: {span.en}{basis}.{counted.en}")
        if told.limit_note is not None:
            yield plain(told.limit_note)
        counted = self._counted(told.count_mode)
        yield Words(counted.vi.strip(), counted.en.strip())
        if told.expiry is not None:
            then = _lowered(said(told.expiry))
            yield Words(f"Khi hết thời hạn giải quyết: {then.vi}.", f"When the limit is used up: {then.en}.")
        yield from map(self._agency_limit, told.agency_limits)
        yield self._supplement()
        yield from self._unanswered(told.supplement, Words("bổ sung hồ sơ", "hand in the supplement"))
        yield from self._unanswered(told.payment, Words("nộp tiền", "pay"))

    @staticmethod
    def _counted(mode: CountMode) -> Words:
        if mode is CountMode.HOUR:
            return Words(" Tính theo giờ làm việc kể từ lúc nhận, mỗi ngày làm việc 8 giờ.",
                         " Counted in working hours from the moment of receipt, eight a working day.")
        return Words(" Tính theo ngày: hết giờ làm việc của ngày cuối cùng.",
                     " Counted in days: until the end of the last day.")

    def _supplement(self) -> Words:
        rule = self.told.supplement
        if rule.max == 0:
            return Words("Không yêu cầu bổ sung hồ sơ trong khi giải quyết.", "No supplement is asked for.")
        after = _AFTER[rule.after]
        often = "once" if rule.max == 1 else f"{rule.max} times"
        return Words(f"Hồ sơ được yêu cầu bổ sung nhiều nhất {rule.max} lần, thêm nữa phải được lãnh đạo duyệt; sau "
                     f"khi bổ sung, thời hạn {after.vi}.",
                     f"A supplement may be asked for {often} at most, again only if a superior approves; after it the "
                     f"limit {after.en}.")

    def _agency_limit(self, rule: AgencyLimit) -> Words:
        party, span = parties.name(self.told, rule.party), limit(rule.limit)
        return Words(f"Cơ quan của “{party.vi}” có {span.vi} cho các bước liền nhau tại đó.",
                     f"The agency of “{party.en}” has {span.en} for the steps that follow one another there.")

    @staticmethod
    def _unanswered(rule: Asked, what: Words) -> Iterator[Words]:
        if rule.within is None:
            return
        span = limit(rule.within)
        then = said(rule.expiry) if rule.expiry else Words("theo quy định hiện hành", "as the rules in force say")
        basis = f" ({rule.expiry_basis})" if rule.expiry_basis else ""
        yield Words(f"Người nộp có {span.vi} để {what.vi}; quá hạn: {_low(then.vi)}{basis}.",
                    f"The applicant has {span.en} to {what.en}; after that: {_low(then.en)}{basis}.")

    def steps(self) -> Iterator[Words]:
        for phase, places in self.told.machine.phases():
            for place in places.values():
                if isinstance(place, Parallel):
                    yield self._consultation(place)
                else:
                    who = self._step(phase, place)
                    title = PHASES[phase]
                    yield Words(f"{title.vi}. {who.vi}", f"{title.en}. {who.en}")

    def _doer(self, step: Step) -> Words:
        party = parties.name(self.told, step.party)
        roles = listed((plain(ROLES[role]) for role in (step.role, *step.also)), " hoặc ", " or ")
        return Words(f"{party.vi} ({_low(roles.vi)})", f"{party.en} ({_low(roles.en)})")

    def _step(self, phase: Phase, step: Step) -> Words:
        doer, when = self._doer(step), self.when(step.when)
        vi, en = f"{step.name.vi}: {doer.vi}", f"{step.name.en}: {doer.en}"
        if step.limit:
            span = limit(step.limit)
            vi, en = f"{vi}, trong {span.vi}", f"{en}, within {span.en}"
        if step.starts is not Starts.REGISTERED:
            begins = said(step.starts)
            vi, en = f"{vi}, tính từ {_low(begins.vi)}", f"{en}, counted from {_low(begins.en)}"
        vi, en = vi + when.vi, en + when.en
        if step.expiry:
            then = self._then(step.expiry, step.expiry_basis)
            vi, en = vi + then.vi, en + then.en
        if step.external:
            vi += f"; chờ văn bản trả lời của {step.external.vi}"
            en += f"; the written reply of {step.external.en} is awaited"
        if step.event_name:
            vi, en = f"{vi}; xong bằng việc “{step.event_name.vi}”", f"{en}; done by “{step.event_name.en}”"
        if step.paper is Paper.NEEDED:
            vi, en = f"{vi}; phải có hồ sơ giấy tại đơn vị", f"{en}; the papers must be there"
        if step.asset:
            asset = self.question(step.asset)
            vi += f"; mỗi {asset.vi} chỉ một hồ sơ được làm ở bước này trong cùng một lúc"
            en += f"; one dossier at a time for each {asset.en}"
        return Words(f"{vi}.", f"{en}.")

    @staticmethod
    def _then(expiry: Expiry, basis: str | None) -> Words:
        """“; hết hạn: …”."""
        then, law = said(expiry), f" ({basis})" if basis else ""
        return Words(f"; hết hạn: {_low(then.vi)}{law}", f"; after that: {_low(then.en)}{law}")

    def _consultation(self, group: Parallel) -> Line:
        bodies = [self._step(Phase.PROCESSING, branch) for branch in group.parallel.values()]
        join, phase = self._join(group), PHASES[Phase.PROCESSING]
        return Line(f"{phase.vi}. {group.name.vi}: hỏi cùng một lúc. {join.vi}",
                    f"{phase.en}. {group.name.en}: asked at the same time. {join.en}", tuple(bodies))

    def _join(self, group: Parallel) -> Words:
        match group.join:
            case AtLeast(at_least=number):
                rule = Words(f"Đủ {number} ý kiến thì chuyển bước tiếp; nếu hỏi ít hơn thì chờ đủ mọi ý kiến.",
                             f"With {number} opinions it goes on; of fewer bodies all are awaited.")
            case "any":
                rule = Words("Có một ý kiến là chuyển bước tiếp, không chờ các ý kiến khác.",
                             "With the first opinion it goes on without the others.")
            case "first_negative":
                rule = Words("Chờ đủ mọi ý kiến, nhưng dừng ngay khi có ý kiến không đồng ý.",
                             "All opinions are awaited, but the first that disagrees ends the consultation.")
            case _:
                rule = Words("Chờ đủ ý kiến của mọi cơ quan được hỏi.", "All bodies asked must have answered.")
        if group.negative_to is None:
            return rule
        target = self.places.get(group.negative_to, Words(group.negative_to, group.negative_to))
        return Words(f"{rule.vi} Khi đó hồ sơ chuyển đến “{target.vi}”.", f"{rule.en} Then it goes to “{target.en}”.")

    def exceptions(self) -> Iterator[Words]:
        for moved in self.told.transitions:
            yield self._exception(moved)

    def _exception(self, moved: Transition) -> Words:
        start, end = (quoted(self.places.get(key, Words(key, key))) for key in (moved.from_, moved.to))
        name = quoted(moved.name or self._act(moved.on))
        when = self.when(moved.when)
        reason = ("; phải ghi lý do", "; a reason must be given") if moved.reason else ("", "")
        return Words(f"Ở bước {start.vi}, việc {name.vi} đưa hồ sơ đến {end.vi}{when.vi}{reason[0]}.",
                     f"At {start.en}, {name.en} leads to {end.en}{when.en}{reason[1]}.")

    def _act(self, event: str) -> Words:
        own = next((step.event_name for _, _, step in self.told.machine.steps() if step.event == event), None)
        known = own or EVENT_NAMES.get(event)
        return plain(known) if known else Words(event, event)

    def results(self) -> Iterator[Words]:
        for result in self.told.results.values():
            yield self._result(result)

    @staticmethod
    def _result(result: Result) -> Words:
        signer = SIGNERS.get(result.signer) or _lowered(plain(ROLES[result.signer]))
        vi, en = f"{result.name.vi}, do {signer.vi} ký", f"{result.name.en}, signed by the {signer.en}"
        if result.template:
            vi, en = f"{vi}, theo mẫu {result.template}", f"{en}, on the form {result.template}"
        if result.valid_for:
            span = limit(result.valid_for)
            vi, en = f"{vi}, có giá trị trong {span.vi}", f"{en}, valid for {span.en}"
        return Words(f"{vi}.", f"{en}.")

    def obligations(self) -> Iterator[Words]:
        for owed in self.told.obligations:
            yield self._obligation(owed)

    def _obligation(self, owed: Obligation) -> Words:
        span, start, when = limit(owed.within), self.question(owed.after), self.when(owed.when)
        vi = f"{owed.name.vi}: trong {span.vi} kể từ {start.vi}{when.vi}"
        en = f"{owed.name.en}: within {span.en} of {start.en}{when.en}"
        if owed.remind:
            before = listed(limit(one) for one in owed.remind)
            vi, en = f"{vi}; được nhắc trước {before.vi}", f"{en}; reminded {before.en} before"
        basis = f" ({owed.basis})" if owed.basis else ""
        return Words(f"{vi}{basis}.", f"{en}{basis}.")

    def switched_off(self) -> Iterator[Words]:
        if self.told.switch_off:
            off = listed((_lowered(said(one)) for one in self.told.switch_off), "; ", "; ")
            yield Words(f"Thủ tục này không áp dụng: {off.vi}.", f"Switched off here: {off.en}.")

    def basis(self) -> Iterator[Words]:
        for line in self.told.legal_basis:
            yield Words(line, line)

    def unverified(self) -> Iterator[Words]:
        for line in self.told.unverified:
            yield Words(line, line)


_AFTER = {
    AfterSupplement.RESTART: Words("được tính lại từ đầu", "starts again"),
    AfterSupplement.RESUME: Words("được tính tiếp phần còn lại", "goes on with what is left"),
    None: Words("được tính lại hoặc tính tiếp theo quy định có hiệu lực vào ngày tiếp nhận",
                "starts again or goes on as the rules in force on the day of receipt say"),
}


def _lowered(words: Words) -> Words:
    return Words(_low(words.vi), _low(words.en))


def _low(text: str) -> str:
    """Inside a sentence; abbreviations stay as they are."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
