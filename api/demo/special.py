"""The dossiers with which something happens: each shows one thing the mechanism can do."""

from __future__ import annotations

from collections.abc import Iterator

from api.demo.script import (
    CONSULT,
    LAST_POST,
    LONG_AGO,
    MAILED,
    MONDAY,
    MY_XUYEN,
    NEVER,
    OFFICER_AWAY,
    ON_PAPER,
    PASS_LIST,
    REPLIES,
    SOC_TRANG,
    THE_DAY,
    THE_MORNING_AFTER,
    Case,
    End,
    Lost,
    Shown,
    Turn,
    Visit,
    at,
)
from api.demo.subjects import building, conference, funeral, household

DESK, LEAD, LEAD_HEAD = "H51.02/tiep-nhan:receptionist", "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
MANAGER, RETURNER = "H51.02/tiep-nhan:manager", "H51.02/tiep-nhan:returner"
MERIT, WARD_DESK = "H51.03/chuyen-mon:officer", "H51.21/mot-cua:receptionist"
# Who go out to pay.
OFFICERS = ("Lâm Thị Hồng Nhung", "Sơn Minh Khang")
PERMIT, HOSTING = "conference_permit_local", "conference_hosting_local"
PERMIT_PM, HOSTING_PM = "conference_permit_pm", "conference_hosting_pm"


def long_ago() -> Iterator[Case]:
    """Received on 19 October: one goes overdue, one waits for the Prime Minister, one is given a new date.

    Who waits for the late one complains, and is answered.
    """
    yield conference("late", PERMIT, at(LONG_AGO, "08:05"), 0, short=True, late=True,
                     shows=frozenset({Shown.ESCALATED, Shown.ANSWERED}), turns=(
        Turn(at="agriculture", not_before=at(REPLIES, "08:00")),
        Turn(at="synthesis", not_before=at(THE_DAY, "07:30")),
    ), visits=(
        Visit(when=at(MONDAY, "09:20"), who=DESK, act="take_feedback", told={
            "kind": "complaint", "words": "Đã quá ngày hẹn một tuần mà chưa có kết quả, cũng không được báo lý do."}),
        Visit(when=at(THE_DAY, "09:50"), who=MANAGER, act="answer_feedback", told={
            "outcome": "accepted", "words": "Trung tâm xin lỗi; đơn vị chủ trì đã trình văn bản, trả trong ngày."})))
    yield conference("prime_minister", PERMIT_PM, at(LONG_AGO, "08:20"), 1, short=True, channel="online",
                     returned_by="electronic", turns=(
        Turn(at="ministry_of_foreign_affairs", not_before=at(REPLIES, "07:45")),
        Turn(at="ministry_of_public_security", not_before=at(REPLIES, "08:00")),
        Turn(at="awaiting_prime_minister", not_before=at(MONDAY, "07:30")),
    ))
    yield conference("extended", PERMIT, at(LONG_AGO, "08:40"), 1, kept="late",
                     shows=frozenset({Shown.ESCALATED, Shown.EXTENDED}), turns=(
        Turn(at="synthesis", not_before=at(THE_DAY, "07:30")),
    ), visits=(Visit(when=at(REPLIES, "09:00"), who=LEAD_HEAD, act="extend", told={
        "reason": "Chờ ý kiến chuyên gia về tác động môi trường; đơn vị xin lỗi và hẹn lại ngày trả.",
        "new_due": at(THE_MORNING_AFTER, "17:00").isoformat()}),))
    yield funeral("late_at_ward", MY_XUYEN, at(LONG_AGO, "09:10"), 3, late=True,
                  shows=frozenset({Shown.ESCALATED}), turns=(
        Turn(at="reviewing", not_before=at(THE_DAY, "07:30")),))


def at_the_desk() -> Iterator[Case]:
    """Refused, completed, withdrawn before it was accepted."""
    yield conference("refused", PERMIT, at(THE_DAY, "07:45"), 3, short=True, accept=False, end=End.REFUSED, turns=(
        Turn(at="checking", act="refuse", told={
            "reason": "Họp báo không thuộc phạm vi điều chỉnh của Quyết định 06/2020/QĐ-TTg."}),))
    yield conference("completed_at_desk", PERMIT, at(MONDAY, "09:00"), 4, short=True, accept=False,
                     papers=("request_letter",), turns=(
        Turn(at="checking", act="request_supplement", told={
            "documents": ["plan"], "reason": "Thiếu Đề án tổ chức theo Mẫu số 01."}),
        Turn(at="awaiting_supplement_at_intake", act="supplement", not_before=at(THE_DAY, "07:15"), attach=("plan",)),
    ))
    yield funeral("withdrawn_at_desk", SOC_TRANG, at(THE_DAY, "08:10"), 8, accept=False, end=End.WITHDRAWN, turns=(
        Turn(at="checking", act="withdraw", told={"reason": "Gia đình xin nhận lại hồ sơ để nộp nơi thường trú."}),))


def between_agencies() -> Iterator[Case]:
    """Hand-offs that come back, are called back, or lie about."""
    yield conference("handoff_refused", HOSTING, at(THE_DAY, "07:05"), 5, short=True, turns=(
        Turn(at="examining", act="refuse_handoff", told={"reason": "Bản quét công văn mờ trang 2, đề nghị quét lại."}),
        Turn(at="examining", act="resend", attach=("other",)),
        Turn(at="reviewing"), Turn(at="signing", act="send_back", told={
            "reason": "Bổ sung căn cứ về nguồn kinh phí trong văn bản trả lời."}),
        Turn(at="reviewing", act="send_back", told={"reason": "Lãnh đạo yêu cầu bổ sung căn cứ kinh phí."}),
    ))
    yield conference("recalled", PERMIT, at(THE_DAY, "07:20"), 6, short=True, visits=(
        Visit(when=at(THE_DAY, "07:22"), who=DESK, act="recall", told={"reason": "Quên kẹp phụ lục khách mời."}),),
        turns=(Turn(at="examining", act="resend", attach=("other",)),))
    yield conference("escalated", HOSTING, at(MONDAY, "08:00"), 2, turns=(
        Turn(at="culture", act="register", not_before=at(THE_DAY, "08:15")),))
    yield conference("after_cut_off", PERMIT, at(MONDAY, "15:20"), 7)


def appraised() -> Iterator[Case]:
    """Supplements, rejection, withdrawal, stop, a consultation that is closed, a result that is corrected."""
    yield conference("supplemented", PERMIT, at(MONDAY, "10:00"), 8, short=True,
                     shows=frozenset({Shown.ASKED_AGAIN}), turns=(
        Turn(at="examining", act="request_supplement", told={
            "documents": ["plan"], "reason": "Đề án chưa nêu chương trình chi tiết; đề nghị nộp lại Mẫu số 01."}),
        Turn(at="awaiting_supplement", act="supplement", not_before=at(THE_DAY, "07:15"), attach=("plan",)),
        Turn(at="examining", act="request_supplement", not_before=at(THE_DAY, "07:45"), told={
            "documents": ["plan"], "reason": "Chương trình mới nộp có diễn giả chưa ghi quốc tịch."}),
        Turn(at="awaiting_supplement", act="supplement", not_before=at(THE_DAY, "08:15"), attach=("plan",)),
    ), visits=(
        Visit(when=at(THE_DAY, "07:35"), who=LEAD_HEAD, act="approve_supplement", told={
            "reason": "Chương trình nộp bổ sung phát sinh nội dung lần yêu cầu trước chưa thể biết."}),))
    yield conference("rejected", HOSTING, at(THE_DAY, "07:10"), 9, short=True, rejected=True, channel="online",
                     returned_by="electronic", turns=(
        Turn(at="examining", act="propose_rejection", attach=("result",), told={
            "reason": "Thời gian trùng với hội nghị cấp quốc gia cùng chủ đề tại tỉnh."}),))
    yield conference("withdrawn", PERMIT, at(MONDAY, "10:20"), 10, short=True, end=End.WITHDRAWN, turns=(
        Turn(at="police", not_before=NEVER),), visits=(
        Visit(when=at(THE_DAY, "09:05"), who=LEAD, act="withdraw", expects="wrong_role", told={
            "reason": "Đơn vị tổ chức gọi điện xin rút."}),
        Visit(when=at(THE_DAY, "09:10"), who=DESK, act="withdraw", told={
            "reason": "Đơn vị tổ chức dời sự kiện sang năm sau."}),))
    yield conference("stopped", HOSTING, at(MONDAY, "10:40"), 11, short=True, end=End.STOPPED, turns=(
        Turn(at="science", not_before=NEVER), Turn(at="foreign_affairs", not_before=NEVER)), visits=(
        Visit(when=at(THE_DAY, "10:10"), who=LEAD_HEAD, act="stop", told={
            "reason": "Tổ chức đề nghị đăng cai đã giải thể."}),))
    yield conference("not_waited_for", PERMIT, at(MONDAY, "11:00"), 12, turns=(
        Turn(at="culture", not_before=NEVER),), visits=(
        Visit(when=at(THE_DAY, "08:40"), who=LEAD, act="close_consultation", told={
            "reason": "Cơ quan được hỏi đã đồng ý qua điện thoại, văn bản gửi sau."}),))
    yield conference("corrected", PERMIT, at(THE_DAY, "07:30"), 13, turns=(
        Turn(at="returning", act="send_back", told={"reason": "Văn bản ghi sai tên tổ chức; đề nghị phát hành lại."}),))


def paper_and_post() -> Iterator[Case]:
    """A result comes back and goes out again; a bag lacks a paper; an allowance is paid out at home."""
    yield conference("post_failed", PERMIT, at(THE_DAY, "07:15"), 14, short=True, channel="post", returned_by="post",
                     turns=(
        Turn(at="posting", act="record_failed_delivery", not_before=at(THE_MORNING_AFTER, "09:00"), told={
            "reason": "Bưu tá phát không có người nhận; chuyển hoàn."}),
        Turn(at="returning"),
        Turn(at="returning", not_before=at(THE_MORNING_AFTER, "10:00"), told={"slip": "EF260000002VN"}),
        Turn(at="posting", not_before=at(LAST_POST, "09:00")),
    ), visits=(
        Visit(when=at(THE_MORNING_AFTER, "08:10"), who=RETURNER, act="record_posting", told={
            "kind": "attempt", "outcome": "absent", "reason": "Bưu tá gọi hai lần không có người nhận."}),))
    yield funeral("paper_missing", SOC_TRANG, at(THE_DAY, "07:10"), 0, short=True,
                  lost=Lost(found=at(THE_DAY, "10:05")), visits=(
        Visit(when=at(THE_MORNING_AFTER, "15:00"), who=MERIT, act="order_payout", told={
            "kind": "funeral", "recipient": "Lâm Hoàng Phúc", "amount": 23_400_000, "way": "home",
            "address": "Khóm 3, phường Sóc Trăng", "proof": ""}),
        Visit(when=at(THE_MORNING_AFTER, "16:30"), who=MERIT, act=PASS_LIST),
        Visit(when=at(LAST_POST, "10:30"), who=WARD_DESK, act="record_payout", told={
            "outcome": "absent", "names": OFFICERS, "words": "", "proof": ""}),
        Visit(when=at(LAST_POST, "15:30"), who=WARD_DESK, act="record_payout", told={
            "way": "signed", "names": OFFICERS, "words": "", "proof": ""})))
    yield funeral("by_post", MY_XUYEN, at(THE_DAY, "07:12"), 4, short=True, channel="post", left_behind=True,
                  slip="EF260000001VN")


def beyond_the_procedure() -> Iterator[Case]:
    """Officers ask units that the procedure does not know."""
    yield conference("asked_further", PERMIT, at(MONDAY, "07:50"), 16, short=True,
                     shows=frozenset({Shown.TACIT}), turns=(
        Turn(at="examining", act=CONSULT, told={
            "units": (MAILED, "H51.14/chuyen-mon", ON_PAPER), "limit": "1 working day", "join": "all",
            "words": "Tư cách pháp lý của đơn vị phối hợp và nguồn tài trợ có phù hợp không?",
            "expiry": "tacit_yes", "reason": "Quy chế phối hợp giải quyết thủ tục hành chính của tỉnh (minh họa)"}),
        Turn(at="examining", not_before=at(THE_MORNING_AFTER, "07:15")),
        Turn(at="consultation__2", not_before=NEVER),
        Turn(at="consultation__1", act="register", not_before=NEVER),
        Turn(at="consultation__3", act="register", not_before=NEVER)))
    yield building("asked_any", SOC_TRANG, at(MONDAY, "08:30"), turns=(
        Turn(at="visiting_site", act=CONSULT, told={
            "units": ("H51.06/chuyen-mon", "H51.07/chuyen-mon"), "limit": "3 working days", "join": "any",
            "words": "Nền đất ven kênh có cần gia cố không?"}),
        Turn(at="consultation__2", not_before=NEVER)))


def at_the_ward() -> Iterator[Case]:
    """The tax system is slow: the ward apologises with a new date. Another is ready on the very day."""
    yield household("household", MY_XUYEN, at(MONDAY, "08:20"), short=True, channel="online", returned_by="electronic",
                    kept="late", shows=frozenset({Shown.DRAFTED, Shown.EXTENDED, Shown.ESCALATED}), turns=(
        Turn(at="awaiting_tax_code", not_before=at(LAST_POST, "07:15")),), visits=(
        Visit(when=at(THE_DAY, "10:20"), who="H51.22/kinh-te:head", act="extend", told={
            "reason": "Hệ thống thuế chưa trả mã số; đơn vị xin lỗi và hẹn lại ngày trả.",
            "new_due": at(LAST_POST, "17:00").isoformat()}),
        Visit(when=at(LAST_POST, "10:00"), who="H51.22/mot-cua:receptionist", act="fulfil_obligation")))
    yield household("household_on_the_day", MY_XUYEN, at(MONDAY, "08:40"), short=True, owner="Lâm Thị Sóc Kha",
                    kept="on_time", shows=frozenset({Shown.ESCALATED}), turns=(
        Turn(at="awaiting_tax_code", not_before=at(LAST_POST, "07:15")),))


def at_the_desks() -> Iterator[Case]:
    """A result that is written here, by the substitute of the officer it was assigned to; two come in offline."""
    yield conference("written", PERMIT, at(MONDAY, "07:30"), 17, short=True, written=True, turns=(
        Turn(at="synthesis", not_before=at(THE_DAY, "07:30"), by=OFFICER_AWAY.substitute, claims=True),), visits=(
        Visit(when=at(MONDAY, "08:05"), who=LEAD_HEAD, act="assign", told={"person": OFFICER_AWAY.login}),))
    yield funeral("offline_first", SOC_TRANG, at(THE_DAY, "07:06"), 18, short=True,
                  synchronised=at(THE_DAY, "07:52"))
    yield funeral("offline_second", SOC_TRANG, at(THE_DAY, "07:17"), 19, short=True,
                  synchronised=at(THE_DAY, "07:53"))


def open_to_the_end() -> Iterator[Case]:
    """In hand when the play is over."""
    yield conference("awaiting_ministries", HOSTING_PM, at(THE_DAY, "08:50"), 0, end=End.OPEN, turns=(
        Turn(at="ministry_of_foreign_affairs", not_before=at(THE_MORNING_AFTER, "08:00")),
        Turn(at="ministry_of_public_security", not_before=NEVER)))
    yield conference("awaiting_prime_minister", HOSTING_PM, at(LONG_AGO, "09:30"), 2, end=End.OPEN, turns=(
        Turn(at="ministry_of_foreign_affairs", not_before=at(REPLIES, "08:10")),
        Turn(at="ministry_of_public_security", not_before=at(REPLIES, "08:20")),
        Turn(at="awaiting_prime_minister", not_before=NEVER)))
    yield conference("awaiting_citizen", PERMIT, at(THE_DAY, "09:20"), 15, end=End.OPEN, turns=(
        Turn(at="examining", act="request_supplement", told={
            "documents": ["plan"], "reason": "Đề án thiếu danh sách diễn giả nước ngoài."}),
        Turn(at="awaiting_supplement", not_before=NEVER)))


def special_cases() -> list[Case]:
    parts = (long_ago, at_the_desk, between_agencies, appraised, paper_and_post, beyond_the_procedure, at_the_ward,
             at_the_desks, open_to_the_end)
    return [case for part in parts for case in part()]
