"""The papers of the play: each kind drawn once as a scanned page, then stamped by the desk for every dossier."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from api.demo.script import Case
from api.demo_scans import pdf_of, scanned_page

PDF, JPEG = "application/pdf", "image/jpeg"
# What applicants bring as a photograph; everything else comes as PDF, as scanners give it.
PHOTOGRAPHED = frozenset({"death_certificate", "other"})
_LINES = {
    "request_letter": ("Công văn đề nghị", ("Kính gửi: Ủy ban nhân dân tỉnh",
                       "Đơn vị chúng tôi kính đề nghị xem xét, cho phép tổ chức sự kiện theo hồ sơ kèm theo.",
                       "Xin trân trọng cảm ơn.")),
    "plan": ("Đề án tổ chức (Mẫu số 01)", ("1. Danh nghĩa tổ chức, lý do, mục đích, nội dung", "2. Thời gian, địa điểm",
             "3. Thành phần tham dự: số lượng, cơ cấu, quốc tịch", "4. Nguồn kinh phí", "5. Chương trình chi tiết")),
    "declaration": ("Bản khai hưởng trợ cấp (Mẫu số 12)", ("1. Người hoặc thân nhân người có công từ trần",
                    "2. Người hoặc tổ chức thực hiện mai táng", "3. Thân nhân đề nghị trợ cấp một lần",
                    "Tôi xin cam đoan.")),
    "death_certificate": ("Trích lục khai tử (bản sao)", ("Họ, chữ đệm, tên:", "Đã chết lúc:", "Nơi chết:",
                          "Giấy báo tử số:")),
    "other": ("Tài liệu kèm theo", ("Phụ lục danh sách khách mời và bản quét lại theo đề nghị của cơ quan thụ lý.",)),
    "paper": ("Giấy tờ trong hồ sơ", ("Giấy tờ do công dân nộp theo thành phần hồ sơ của thủ tục.",)),
    "result": ("Văn bản giải quyết", ("Căn cứ hồ sơ đề nghị và ý kiến các cơ quan liên quan,",
               "cơ quan có thẩm quyền giải quyết như sau.", "Nơi nhận: như trên; lưu văn thư.")),
}
KINDS = tuple(_LINES)


@lru_cache
def _page(kind: str) -> Image.Image:
    title, lines = _LINES[kind]
    return scanned_page(title, lines, seed=len(title))


def draw_ahead() -> None:
    """A page takes a quarter of a second to draw; done while the services start."""
    for kind in KINDS:
        _page(kind)


def paper(kind: str, case: Case, code: str, remark: str = "") -> tuple[bytes, str, str]:
    """The scan, its media type and a file name. The same dossier gives the same bytes, no two dossiers do."""
    drawn = kind if kind in _LINES else "paper"
    remark = remark if kind in _LINES else kind.replace("_", " ")
    page = _page(drawn).copy()
    pen = ImageDraw.Draw(page)
    ink = (150, 30, 40)
    pen.rectangle((110, 18, 900, 86), outline=ink, width=3)
    pen.text((124, 24), f"ĐẾN {case.desk} · {code}", ink, _font(22))
    pen.text((124, 54), f"{case.applicant.name[:46]} {remark}", ink, _font(22))
    out = BytesIO()
    page.save(out, "JPEG", quality=68, dpi=(150, 150))
    if kind in PHOTOGRAPHED:
        return out.getvalue(), JPEG, f"{kind}.jpg"
    return pdf_of([out.getvalue()], page.size, f"{_LINES[drawn][0]} {code} {remark}".strip()), PDF, f"{kind}.pdf"


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """The same letters as on the page itself."""
    face = files("fontpkg_be_vietnam_pro") / "files" / "BeVietnamPro-SemiBold.ttf"
    return ImageFont.truetype(BytesIO(face.read_bytes()), size)

