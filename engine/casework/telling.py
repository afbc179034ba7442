"""What acts, states of hand-offs and papers are called, in both languages: for pages, timelines and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.states.mechanism import EVENT_NAMES
from engine.states.procedure import Procedure
from procedures.declaration import Text
from procedures.entry import text

MASK = "•"
LEFT_OPEN = 3

# Everything the audit may name that is no event of a procedure.
ACTS: Mapping[str, Text] = {
    "receive": text("Nhận hồ sơ vào hệ thống", "Enter the dossier"),
    "deliver": text("Hệ thống chuyển đến nơi nhận", "Delivered to the receiving desk"),
    "register": text("Ký nhận hồ sơ chuyển đến", "Register the hand-off"),
    "refuse_handoff": text("Không nhận hồ sơ chuyển đến", "Refuse the hand-off"),
    "recall": text("Thu hồi hồ sơ đã chuyển", "Recall the hand-off"),
    "resend": text("Chuyển lại hồ sơ", "Send the hand-off again"),
    "send_link": text("Gửi lại liên kết trả lời", "Send the link for the answer again"),
    "print_slip": text("In phiếu trả lời", "Print the answer slip"),
    "answer_task": text("Trả lời, hoàn thành việc được giao", "Answer and complete the work"),
    "recalled": text("Bên nhận trả lại theo yêu cầu thu hồi", "Given back as it was asked back"),
    "recall_kept": text("Không thu hồi được: bên nhận đã ký nhận", "Not given back: it was registered before"),
    "withdrawn_elsewhere": text("Bên gửi không cần xử lý nữa", "The sender no longer needs it"),
    "progress": text("Cập nhật tình trạng từ hệ thống quản lý hồ sơ", "How it stands where it is mastered"),
    "expect_documents": text("Tài liệu đang được tải về", "Documents are being fetched"),
    "leave_document": text("Bỏ qua tài liệu không tải được", "Go without a document that could not be fetched"),
    "resend_wanted": text("Bên nhận đề nghị gửi lại", "The receiver asks for it to be sent again"),
    "send_documents": text("Gửi thêm tài liệu cho bên nhận", "Send the receiver further documents"),
    "documents_came": text("Bên gửi gửi thêm tài liệu", "The sender sent further documents"),
    "ask_to_resend": text("Đề nghị bên gửi gửi lại", "Ask the sender to send it again"),
    "without_effect": text("Thông điệp đến muộn, không còn tác dụng", "A message came too late to have an effect"),
    "claim": text("Nhận việc", "Take this on"),
    "let_go": text("Nhả việc", "Give the work back"),
    "assign": text("Giao việc", "Assign the work"),
    "pass_on": text("Chuyển đơn vị khác trong cơ quan", "Pass on inside the agency"),
    "extend": text("Xin lỗi và hẹn lại ngày trả", "Apologise and set a new date"),
    "consult_further": text("Lấy ý kiến ngoài quy trình", "Consult beyond the procedure"),
    "answer_consultation": text("Cho ý kiến (ngoài quy trình)", "Answer a consultation beyond the procedure"),
    "withdraw_consultation": text("Rút yêu cầu lấy ý kiến", "Withdraw a consultation"),
    "fulfil_obligation": text("Ghi nhận đã thực hiện nghĩa vụ", "Record that an obligation was fulfilled"),
    "recompute_dues": text("Tính lại hạn theo lịch làm việc mới", "Due dates computed again by a new calendar"),
    "alarm:remind": text("Nhắc trước hạn", "Reminder"),
    "migrate": text("Chuyển sang phiên bản khác của thủ tục", "Move to another version of the procedure"),
    "undo_migration": text("Hoàn tác việc chuyển phiên bản", "Undo the move to another version"),
    "park_message": text("Thư chuyển hồ sơ phải xử lý tay", "A message needs a person"),
    "comment": text("Trao đổi", "Comment"),
    "give_back": text("Việc được trả lại vì người nhận không còn giữ vai trò",
                      "Work given back: whoever took it on has the post no more"),
    "attach": text("Đính kèm tài liệu", "Attach a document"),
    "draft_letter": text("Soạn văn bản", "Draft a letter"),
    "save_letter": text("Sửa văn bản", "Change a letter"),
    "submit_letter": text("Trình ký văn bản", "Submit a letter"),
    "return_letter": text("Trả lại văn bản để sửa", "Return a letter"),
    "initial_letter": text("Ký nháy văn bản", "Initial a letter"),
    "remark_letter": text("Góp ý văn bản", "Comment on a letter"),
    "settle_remark": text("Khép góp ý", "Settle a comment"),
    "sign_letter": text("Ký văn bản", "Sign a letter"),
    "issue_letter": text("Lấy số, ký của cơ quan, phát hành văn bản", "Number, seal and issue a letter"),
    "cancel_letter": text("Hủy văn bản", "Cancel a letter"),
    "take_paper": text("Nhận chuyển bản giấy", "Take the paper along"),
    "confirm_paper": text("Xác nhận đã nhận bản giấy", "Confirm that the paper arrived"),
    "report_missing": text("Báo thiếu bản giấy", "Report the paper missing"),
    "report_extra": text("Báo bản giấy không có trong bảng kê", "Report a paper that is not on the manifest"),
    "offer_paper": text("Giao tay bản giấy", "Hand the paper over"),
    "give_paper_back": text("Không nhận bản giấy được giao", "Decline the paper"),
    "close_incident": text("Khép sự việc", "Close an incident"),
    "approve_supplement": text("Cho phép yêu cầu bổ sung thêm một lần", "Allow one more request for a supplement"),
    "take_feedback": text("Ghi nhận phản ánh, kiến nghị, góp ý", "Take down feedback"),
    "answer_feedback": text("Trả lời phản ánh, kiến nghị, góp ý", "Answer feedback"),
    "bring_supplement": text("Ghi nhận một phần giấy tờ bổ sung", "Take down part of the supplement"),
    "propose_additions": text("Đề nghị công dân bổ sung giấy tờ", "Propose additions"),
    "agree_partial": text("Công dân nhận trước phần đã có kết quả", "Finished parts are returned first"),
    "take_in_by_post": text("Nhận giấy tờ bổ sung qua bưu chính", "Supplement taken in by post"),
    "record_posting": text("Ghi nhận việc phát của bưu chính", "What the carrier reports"),
    "order_payout": text("Lập lệnh chi trả trợ cấp", "Order a pay-out"),
    "record_payout": text("Ghi nhận chi trả trợ cấp", "Record a pay-out"),
    "pass_payout": text("Người nhận đã mất: chuyển lệnh chi cho người thừa kế",
                        "The recipient died: pass the order to an heir"),
    "close_payout": text("Người nhận đã mất: khép lệnh chi", "The recipient died: close the order"),
    "refused": text("Bị từ chối thực hiện", "Was not allowed"),
    "alarm:warn_50": text("Cảnh báo: đã dùng 50 % thời hạn", "Warning: 50 % of the time is used"),
    "alarm:warn_80": text("Cảnh báo: đã dùng 80 % thời hạn", "Warning: 80 % of the time is used"),
    "alarm:one_working_day_before": text("Cảnh báo: còn một ngày làm việc", "Warning: one working day is left"),
    "alarm:due": text("Đến hạn", "Due"),
    "alarm:overdue": text("Quá hạn", "Overdue"),
    "expired:remind": text("Hết hạn: đã nhắc người giữ việc", "Limit used up: who holds it was reminded"),
    "expired:escalate": text("Hết hạn: đã báo lãnh đạo đơn vị và quản lý bộ phận Một cửa",
                             "Limit used up: the heads and the management of the desk were told"),
    "expired:return": text("Hết hạn không có trả lời: trả về nơi yêu cầu", "Limit used up: returned unanswered"),
}

# Whose time it is that rings or moves.
CLOCKS: Mapping[str, Text] = {
    "dossier": text("Hồ sơ", "Dossier"),
    "step": text("Bước xử lý", "Step"),
    "handoff": text("Ký nhận", "Registration"),
    "consultation": text("Cho ý kiến ngoài quy trình", "Opinion beyond the procedure"),
    "obligation": text("Nghĩa vụ sau khi trả kết quả", "Obligation after the result"),
    "agency": text("Phần việc của cơ quan", "Share of the agency"),
    "answer": text("Trả lời hồ sơ nộp trực tuyến", "Answer to an online submission"),
    "request": text("Người nộp bổ sung, nộp tiền", "What the applicant was asked for"),
    "feedback": text("Phản ánh, kiến nghị", "Complaint or suggestion"),
}

# TrangThaiHoSo, the numbers of the national portal.
STATUSES: Mapping[int, Text] = {
    1: text("Mới đăng ký", "New"),
    2: text("Được tiếp nhận", "Accepted"),
    3: text("Không được tiếp nhận", "Refused"),
    4: text("Đang xử lý", "In progress"),
    5: text("Yêu cầu bổ sung giấy tờ", "Supplement requested"),
    6: text("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment requested"),
    7: text("Công dân yêu cầu rút hồ sơ", "Withdrawn"),
    8: text("Dừng xử lý", "Stopped"),
    9: text("Đã xử lý xong", "Finished"),
    10: text("Đã trả kết quả", "Returned"),
}

PAPER_STATES: Mapping[str, Text] = {
    "held": text("Đang giữ", "Held"),
    "carried": text("Trên đường đi", "On its way"),
    "missing": text("Báo thiếu", "Reported missing"),
    "posted": text("Đã gửi bưu chính", "Posted"),
    "handed_over": text("Đã giao người nhận", "Handed over"),
}

RUN_STATES: Mapping[str, Text] = {
    "planned": text("Chưa lập bảng kê", "Planned"),
    "listed": text("Đã lập bảng kê", "Listed"),
    "departed": text("Đang đi", "Under way"),
    "arrived": text("Đã kết thúc", "Finished"),
}

# What went wrong with paper, and is somebody's to see to.
INCIDENTS: Mapping[str, Text] = {
    "paper_missing": text("Thiếu bản giấy", "A paper is missing"),
    "paper_extra": text("Bản giấy không có trong bảng kê của túi", "A paper that is not on the manifest of its bag"),
    "paper_misrouted": text("Bản giấy của nơi khác, tuyến khác", "A paper of another place or route"),
    "seal_broken": text("Niêm phong bị rách, đứt", "A seal was broken"),
    "seal_other": text("Số niêm phong khác khi đóng túi", "The seal is not the one that closed the bag"),
    "posting_lost": text("Bưu chính làm mất", "Lost by the postal carrier"),
    "message_parked": text("Thông điệp bị dừng, cần người xử lý", "A message is parked and needs a person"),
    "message_unanswered": text("Bên kia báo lỗi mãi với một thông điệp; vẫn tự gửi lại, cần người liên hệ",
                               "The other side fails on a message again and again; it is tried on, call them"),
    "document_lost": text("Mất bản lưu của tài liệu đã gửi sang hệ thống khác",
                          "A document that another installation was promised is lost here"),
}

FEEDBACK_KINDS: Mapping[str, Text] = {
    "complaint": text("Phản ánh về cách giải quyết", "Feedback on the handling"),
    "petition": text("Kiến nghị về quy định", "A petition about the rules"),
    "suggestion": text("Góp ý", "A suggestion"),
}

FEEDBACK_OUTCOMES: Mapping[str, Text] = {
    "accepted": text("Tiếp thu, đã xử lý", "Accepted and dealt with"),
    "refused": text("Từ chối, nêu lý do", "Refused, with the reason"),
}

POST_REPORTS: Mapping[str, Text] = {
    "attempt": text("Phát không thành", "Not delivered"),
    "lost": text("Thất lạc", "Lost"),
}

# Why a postal item was not delivered, as carriers report it.
POST_FAILURES: Mapping[str, Text] = {
    "absent": text("Người nhận vắng mặt", "The recipient was absent"),
    "address_unknown": text("Sai hoặc không tìm thấy địa chỉ", "Address wrong or not found"),
    "moved": text("Người nhận đã chuyển đi", "The recipient has moved"),
    "refused": text("Người nhận từ chối nhận", "The recipient refused it"),
    "fee_unpaid": text("Người nhận không nộp khoản thu hộ", "What was to be collected was not paid"),
    "other": text("Lý do khác", "Another reason"),
}

PAYOUT_PURPOSES: Mapping[str, Text] = {
    "funeral": text("Trợ cấp mai táng", "Funeral allowance"),
    "one_time": text("Trợ cấp một lần (03 tháng)", "One-time allowance (three months)"),
}

PAYOUT_WAYS: Mapping[str, Text] = {
    "home": text("Tiền mặt tại nhà", "Cash at home"),
    "transfer": text("Chuyển khoản", "Transfer"),
    "counter": text("Tiền mặt tại quầy", "Cash at the counter"),
}

PAYOUT_RECEIPTS: Mapping[str, Text] = {
    "signed": text("Đã chi, người nhận ký", "Paid, the recipient signed"),
    "fingerprint": text("Đã chi, người nhận điểm chỉ", "Paid, with a fingerprint"),
    "transferred": text("Đã chuyển khoản", "Paid by transfer"),
}

PAYOUT_FAILURES: Mapping[str, Text] = {
    "absent": text("Người nhận vắng mặt", "The recipient was absent"),
    "address_unknown": text("Không tìm thấy địa chỉ", "Address not found"),
    "died": text("Người nhận đã mất", "The recipient has died"),
    "refused": text("Người nhận từ chối nhận", "The recipient refused it"),
    "wrong_account": text("Sai số tài khoản", "Wrong account"),
    "other": text("Lý do khác", "Another reason"),
}

VERDICTS: Mapping[str, Text] = {
    "agree": text("Đồng ý", "Agrees"),
    "disagree": text("Không đồng ý", "Disagrees"),
    "conditional": text("Đồng ý có điều kiện", "Agrees on conditions"),
    "no_objection": text("Không có ý kiến khác", "No objection"),
}


def act_name(procedure: Procedure, action: str, states: Sequence[str]) -> Text:
    """As the procedure names it where it happened, else as the mechanism does."""
    known = ACTS.get(action)
    if known is not None:
        return known
    for command in procedure.commands(tuple(states)) if states else ():
        if command.event == action:
            return command.name
    return EVENT_NAMES.get(action) or Text(vi=action, en=action)


def of_clock(kind: str, what: Text) -> Text:
    """What rang or happened, after the clock it is about; a kind nobody knows is left out."""
    of = CLOCKS.get(kind)
    if of is None:
        return what
    return Text(vi=f"{of.vi} – {what.vi[:1].lower()}{what.vi[1:]}", en=f"{of.en}: {what.en[:1].lower()}{what.en[1:]}")


def masked(id_number: str) -> str:
    """An ID number as pages show it: its last three digits."""
    return MASK * max(0, len(id_number) - LEFT_OPEN) + id_number[-LEFT_OPEN:] if id_number else ""
