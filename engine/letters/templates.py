"""The templates of results and letters: what each is called and what it says before anybody has changed a word.

Text is text: whoever drafts may write anything, and nothing in it is ever read as markup. `{applicant}` and the other
names in braces are filled in from the dossier once, when the draft is begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from procedures.declaration import Text
from procedures.entry import text

# In the order of the sheet; `rows` of the field on the page, and how long it may be.
FIELDS: Mapping[str, tuple[Text, int, int]] = {
    "symbol": (text("Ký hiệu văn bản", "Symbol"), 0, 30),
    "recipient": (text("Kính gửi", "To"), 0, 300),
    "basis": (text("Căn cứ", "Legal basis"), 4, 4000),
    "body": (text("Nội dung", "Content"), 8, 12000),
    "items": (text("Danh mục", "List"), 5, 8000),
    "closing": (text("Phần cuối", "Closing"), 3, 4000),
    "copies": (text("Nơi nhận", "Copies to"), 3, 1000),
    "position": (text("Quyền hạn, chức vụ của người ký", "Position of the signer"), 2, 300),
}
REQUIRED = ("body", "position")
LONGEST_TITLE = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """`kind` is one of storage.tables.desk.LetterKind; `form`: the number of the printed form of the law."""

    kind: str
    name: Text
    title: str
    form: str = ""
    content: Mapping[str, str]


def _content(symbol: str, basis: str, body: str, closing: str = "", items: str = "", to: bool = True) -> dict[str, str]:
    return {"symbol": symbol, "recipient": "{applicant}" if to else "", "basis": basis, "body": body, "items": items,
            "closing": closing, "copies": "Như trên;\n{desk};\nLưu: VT, hồ sơ.", "position": "THỦ TRƯỞNG CƠ QUAN"}


TEMPLATES: Mapping[str, Template] = {
    "approval": Template(
        kind="result", name=text("Kết quả: quyết định chấp thuận", "Result: decision to approve"),
        title="Quyết định về việc giải quyết hồ sơ {code}", content=_content(
            "QĐ", "{legal_basis}\nXét hồ sơ {code} của {applicant}, tiếp nhận ngày {received};",
            "Điều 1. Chấp thuận đề nghị của {applicant} về: {subject}.\n"
            "Điều 2. {applicant} thực hiện đúng nội dung đã được chấp thuận và quy định của pháp luật.\n"
            "Điều 3. Quyết định này có hiệu lực kể từ ngày ký.", to=False)),
    "rejection": Template(
        kind="result", name=text("Kết quả: thông báo không chấp thuận", "Result: notice of rejection"),
        title="Thông báo về việc không chấp thuận đề nghị", content=_content(
            "TB", "{legal_basis}\nXét hồ sơ {code} của {applicant}, tiếp nhận ngày {received};",
            "{agency} thông báo không chấp thuận đề nghị của {applicant} về: {subject}.\nLý do: …",
            "{applicant} có quyền khiếu nại hoặc khởi kiện theo quy định của pháp luật.")),
    "supplement": Template(
        kind="supplement", form="02", name=text("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ (Mẫu 02)",
                                                "Request for a supplement (Form 02)"),
        title="Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", content=_content(
            "HDHS", "", "Hồ sơ {code} của {applicant} về thủ tục: {procedure}.\n"
            "Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau:",
            "Lý do: …\nTrong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, đề nghị liên hệ {desk} để được hướng dẫn.",
            "…")),
    "refusal": Template(
        kind="refusal", form="03", name=text("Phiếu từ chối tiếp nhận giải quyết hồ sơ (Mẫu 03)",
                                             "Refusal to accept a dossier (Form 03)"),
        title="Phiếu từ chối tiếp nhận giải quyết hồ sơ", content=_content(
            "TCHS", "", "{desk} đã tiếp nhận đề nghị của {applicant} về thủ tục: {procedure}; nội dung: {subject}.\n"
            "Qua xem xét, {desk} thông báo không tiếp nhận giải quyết hồ sơ này.\nLý do: …",
            "Xin thông báo để Ông/Bà/Tổ chức được biết và thực hiện.")),
    "apology": Template(
        kind="apology", form="04", name=text("Văn bản xin lỗi và đề nghị gia hạn (Mẫu 04)",
                                             "Apology and extension (Form 04)"),
        title="Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết hồ sơ", content=_content(
            "PXL", "", "Ngày {received}, {desk} tiếp nhận hồ sơ {code} của {applicant} về thủ tục: {procedure}.\n"
            "Thời hạn trả kết quả: {due}. Đến nay hồ sơ chưa giải quyết xong. Lý do: …\n"
            "Việc chậm trả kết quả gây phiền hà cho Ông/Bà/Tổ chức. Chúng tôi thành thật xin lỗi.",
            "Chúng tôi đề nghị gia hạn và sẽ trả kết quả vào ngày ….")),
    "stop": Template(
        kind="stop", form="05", name=text("Thông báo dừng giải quyết hồ sơ (Mẫu 05)",
                                          "Notice that a dossier is stopped (Form 05)"),
        title="Thông báo dừng giải quyết hồ sơ", content=_content(
            "TBD", "", "{agency} thông báo dừng giải quyết hồ sơ {code} của {applicant} về thủ tục: {procedure}, "
            "tiếp nhận ngày {received}.\nLý do và căn cứ: …\nPhí, lệ phí và giấy tờ đã nộp: …",
            "{applicant} có quyền khiếu nại hoặc khởi kiện theo quy định của pháp luật.")),
    "free": Template(
        kind="other", name=text("Văn bản khác", "Another letter"), title="Về hồ sơ {code}",
        content=_content("CV", "", "…")),
}


def filled(template: Template, known: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Title and content of a new draft. What the dossier does not tell stays as dots to be written over."""
    def fill(said: str) -> str:
        for name, value in known.items():
            said = said.replace("{" + name + "}", value or "…")
        return said

    return fill(template.title), {name: fill(said) for name, said in template.content.items()}
