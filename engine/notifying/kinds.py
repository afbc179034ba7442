"""What messages say. Nothing personal in a subject line or a text message: the code, what to do, by when, where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.casework.linking import KIND as HANDOFF_LINK
from engine.casework.messages import ASSIGNED, CAME_BACK, MENTIONED, OVERDUE, READY
from engine.clocks.zone import ZONE
from procedures.declaration import Text
from procedures.entry import text
from storage.tables.desk import Channel

Data = Mapping[str, Any]
# To administrators and auditors, once an outage.
ANCHORS_LATE = "anchors_late"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """`name` is for lists; `more` is what a mail adds, where a text message stays short. {by}: by when, if a date was
    set."""

    name: Text
    subject: Text
    body: Text
    more: Text | None = None
    staff: bool = False


CITIZENS: dict[str, Kind] = {
    "received": Kind(
        name=text("Đã tiếp nhận hồ sơ", "Received"),
        subject=text("Hồ sơ {code}: đã tiếp nhận", "Dossier {code}: received"),
        body=text("Hồ sơ {code} đã được tiếp nhận tại {at}.{by}", "Dossier {code} was received at {at}.{by}"),
        more=text("Xem tình trạng bằng mã hồ sơ và mã tra cứu in trên Giấy tiếp nhận.",
                  "Follow it with its code and the access key printed on the receipt.")),
    "supplement": Kind(
        name=text("Yêu cầu bổ sung hồ sơ", "Asked to supplement"),
        subject=text("Hồ sơ {code}: cần bổ sung giấy tờ", "Dossier {code}: papers are missing"),
        body=text("Hồ sơ {code} cần bổ sung giấy tờ. Nộp tại {at}.{by}",
                  "Dossier {code} needs more papers. Bring them to {at}.{by}"),
        more=text("Danh mục giấy tờ ghi trong Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ. Trong lúc chờ, thời hạn "
                  "giải quyết tạm dừng.",
                  "The papers are listed on the request for a supplement (Form 02). The time limit stands still "
                  "meanwhile.")),
    "payment": Kind(
        name=text("Yêu cầu nộp phí, lệ phí", "Asked to pay"),
        subject=text("Hồ sơ {code}: cần nộp phí, lệ phí", "Dossier {code}: a fee is due"),
        body=text("Hồ sơ {code} cần nộp phí, lệ phí tại {at}.{by}", "A fee is due for dossier {code} at {at}.{by}")),
    "new_date": Kind(
        name=text("Hẹn lại ngày trả kết quả", "New date"),
        subject=text("Hồ sơ {code}: hẹn lại ngày trả kết quả", "Dossier {code}: a new date"),
        body=text("Xin lỗi Ông/Bà: hồ sơ {code} chưa giải quyết xong trong thời hạn.{by}",
                  "We apologise: dossier {code} could not be finished in time.{by}"),
        more=text("Lý do ghi trong Phiếu xin lỗi và hẹn lại ngày trả kết quả; hỏi thêm tại {at}.",
                  "The reason stands in the letter of apology (Form 04); ask at {at}.")),
    "refused": Kind(
        name=text("Từ chối tiếp nhận", "Not accepted"),
        subject=text("Hồ sơ {code}: không được tiếp nhận", "Dossier {code}: not accepted"),
        body=text("Hồ sơ {code} không được tiếp nhận. Nhận phiếu nêu lý do tại {at}.",
                  "Dossier {code} was not accepted. The reason is given in writing at {at}.")),
    "stopped": Kind(
        name=text("Dừng giải quyết", "Stopped"),
        subject=text("Hồ sơ {code}: dừng giải quyết", "Dossier {code}: stopped"),
        body=text("Hồ sơ {code} đã dừng giải quyết. Nhận thông báo và giấy tờ tại {at}.",
                  "The handling of dossier {code} was stopped. Collect the notice and your papers at {at}.")),
    READY: Kind(
        name=text("Đã có kết quả", "Result ready"),
        subject=text("Hồ sơ {code}: đã có kết quả", "Dossier {code}: the result is ready"),
        body=text("Hồ sơ {code} đã có kết quả. {way}", "The result of dossier {code} is ready. {way}"),
        more=text("Khi đến nhận, mang theo Giấy tiếp nhận và giấy tờ tùy thân.",
                  "Bring the receipt and an identity document.")),
    "handed_over": Kind(
        name=text("Đã trả kết quả", "Handed over"),
        subject=text("Hồ sơ {code}: đã trả kết quả", "Dossier {code}: result handed over"),
        body=text("Kết quả của hồ sơ {code} đã được trao tại {at}. Nếu không phải Ông/Bà nhận, báo ngay nơi này.",
                  "The result of dossier {code} was handed over at {at}. If it was not to you, tell them at once.")),
    "posted": Kind(
        name=text("Đã gửi kết quả qua bưu chính", "Posted"),
        subject=text("Hồ sơ {code}: đã gửi kết quả", "Dossier {code}: result posted"),
        body=text("Kết quả của hồ sơ {code} đã được gửi qua dịch vụ bưu chính.",
                  "The result of dossier {code} was sent by post.")),
    "undelivered": Kind(
        name=text("Bưu chính không phát được kết quả", "Result came back from the post"),
        subject=text("Hồ sơ {code}: bưu chính không phát được kết quả", "Dossier {code}: the result came back"),
        body=text("Bưu chính không phát được kết quả hồ sơ {code}. Mời đến nhận, hoặc báo địa chỉ khác, tại {at}.",
                  "The post could not deliver the result of dossier {code}. Collect it or give an address at {at}."),
        more=text("Khi đến nhận, mang theo Giấy tiếp nhận và giấy tờ tùy thân.",
                  "Bring the receipt and an identity document.")),
}
STAFF: dict[str, Kind] = {
    ASSIGNED: Kind(staff=True, name=text("Được giao việc", "Assigned to me"),
                   subject=text("Hồ sơ {code}: giao cho bạn", "Dossier {code}: assigned to you"),
                   body=text("Hồ sơ {code} được giao cho bạn xử lý.", "Dossier {code} was assigned to you."),
                   more=text("Người giao: {who}.", "Assigned by {who}.")),
    MENTIONED: Kind(staff=True, name=text("Được nhắc tên trong trao đổi", "Mentioned"),
                    subject=text("Hồ sơ {code}: có người nhắc đến bạn", "Dossier {code}: you were mentioned"),
                    body=text("Bạn được nhắc đến trong trao đổi về hồ sơ {code}.",
                              "You were mentioned in a comment on dossier {code}."),
                    more=text("Người nhắc: {who}.", "By {who}.")),
    CAME_BACK: Kind(staff=True, name=text("Hồ sơ đã chuyển bị trả về", "Hand-off came back"),
                    subject=text("Hồ sơ {code}: nơi nhận không nhận", "Dossier {code}: the hand-off came back"),
                    body=text("Nơi nhận không nhận hồ sơ {code} và đã trả về. Hãy xem lý do và chuyển lại.",
                              "Dossier {code} was not taken in and came back. See why and send it again.")),
    OVERDUE: Kind(staff=True, name=text("Tổng hợp việc quá hạn mỗi ngày", "Overdue work, once a day"),
                  subject=text("{many} hồ sơ quá hạn chờ bạn xử lý", "{many} dossiers are overdue"),
                  body=text("Có {many} hồ sơ quá hạn chờ bạn hoặc đơn vị bạn xử lý: {codes}.",
                            "{many} dossiers that wait for you or your unit are overdue: {codes}.")),
    ANCHORS_LATE: Kind(staff=True, name=text("Mốc niêm phong lưu trễ (quản trị, kiểm toán)",
                                             "Anchors are late (administrators, auditors)"),
                       subject=text("Mốc niêm phong sổ ghi vết lưu trễ", "Anchors of the record are late"),
                       body=text("Hơn một giờ chưa lưu được mốc niêm phong sổ ghi vết ra ngoài cơ sở dữ liệu. Hãy xem "
                                 "trang Trao đổi với hệ thống khác và nhật ký của máy.",
                                 "For over an hour no anchor of the record could be kept outside the database. See the "
                                 "page on other installations and the machine's log."),
                       more=text("Sau bốn giờ (hoặc thời gian đã đặt), ngừng gửi sang hệ thống khác; vẫn nhận.",
                                 "After four hours (or what was set) sending to other installations stops; receiving "
                                 "goes on.")),
}
AGENCIES: dict[str, Kind] = {
    HANDOFF_LINK: Kind(
        name=text("Liên kết để cơ quan ngoài hệ thống trả lời", "Link for an agency without a system"),
        subject=text("Hồ sơ {code}: đề nghị cho ý kiến, giải quyết", "Dossier {code}: your answer is asked for"),
        body=text("{at} đề nghị quý cơ quan xem hồ sơ {code}, ký nhận và trả lời tại liên kết sau.{by}\n\n{link}",
                  "{at} asks you to look at dossier {code}, to confirm that you have it and to answer here.{by}\n\n"
                  "{link}"),
        more=text("Liên kết dành riêng cho quý cơ quan, dùng để trả lời một lần; không chuyển tiếp ra ngoài cơ quan. "
                  "Thư này gửi tự động.",
                  "The link is for your agency alone and answers once; do not pass it on. This mail was sent by a "
                  "machine.")),
}
KINDS: Mapping[str, Kind] = CITIZENS | STAFF | AGENCIES
BY = {
    "received": text("Hẹn trả kết quả: {due}.", "The result is due: {due}."),
    "supplement": text("Hạn nộp: {due}.", "Please do so by {due}."),
    "payment": text("Hạn nộp: {due}.", "Please pay by {due}."),
    "new_date": text("Ngày hẹn mới: {due}.", "The new date: {due}."),
    HANDOFF_LINK: text("Hạn trả lời: {due}.", "Please answer by {due}."),
}
WAYS = {
    "counter": text("Mời đến nhận tại {at}.", "Please collect it at {at}."),
    "post": text("Kết quả sẽ được gửi qua bưu chính.", "It will be sent by post."),
    "electronic": text("Kết quả điện tử được trả qua tài khoản dịch vụ công.", "It is delivered electronically."),
}
SENDER = text("Bộ phận Một cửa", "The one-stop desk")


def wording(kind: str, channel: str, language: str, data: Data) -> tuple[str, str]:
    """Subject and body; a text message has no subject."""
    known, english = KINDS[kind], language == "en"

    def said(words: Text) -> str:
        return words.en if english else words.vi

    blanks = _blanks(kind, data, said, english=english)
    body = said(known.body).format_map(blanks)
    if channel == Channel.SMS:
        return "", body
    more = said(known.more).format_map(blanks) if known.more else ""
    signed = "" if known.staff else said(SENDER) + " – " + blanks["at"]
    return said(known.subject).format_map(blanks), "\n\n".join(part for part in (body, more, signed) if part)


def _blanks(kind: str, data: Data, said: Any, *, english: bool) -> dict[str, str]:
    at = str((english and data.get("at_en")) or data.get("at", ""))
    due = data.get("due")
    told = {"code": str(data.get("code", "")), "at": at, "who": str(data.get("by", "")),
            "many": str(data.get("many", "")), "codes": ", ".join(data.get("codes", ())), "by": "", "way": "",
            "link": str(data.get("link", ""))}
    if due and kind in BY:
        told["by"] = " " + said(BY[kind]).format(due=_moment(str(due)))
    if kind == READY:
        told["way"] = said(WAYS.get(str(data.get("way")), WAYS["counter"])).format_map(told)
    return told


def _moment(iso: str) -> str:
    return datetime.fromisoformat(iso).astimezone(ZONE).strftime("%H:%M %d/%m/%Y")


def name_of(kind: str) -> Text:
    known = KINDS.get(kind)
    return known.name if known else Text(vi=kind, en=kind)


def masked_address(channel: str, address: str) -> str:
    """As pages show it: enough to recognise a mistake, not to write to it."""
    if channel == Channel.MAIL:
        name, _, host = address.partition("@")
        return f"{name[:1]}•••@{host}" if host else "•••"
    return "•••" + address[-3:] if channel == Channel.SMS else address
