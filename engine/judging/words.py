"""What judgements and stretches of time are called."""

from __future__ import annotations

from collections.abc import Mapping

from engine.clocks.booking import Stay, Way
from engine.clocks.judgement import Ground, Verdict
from procedures.declaration import Event, Text
from procedures.entry import text

VERDICTS: Mapping[Verdict, Text] = {
    Verdict.EARLY: text("Sớm hạn", "Early"),
    Verdict.ON_TIME: text("Đúng hạn", "On time"),
    Verdict.LATE: text("Trễ hạn", "Late"),
    Verdict.NOT_JUDGED: text("Không đánh giá", "Not judged"),
}
GROUNDS: Mapping[Ground, Text] = {
    Ground.AFTER_DUE: text("Có kết quả sau hạn", "The result came after the due date"),
    Ground.EXTENDED: text("Có kết quả trong hạn hẹn lại nhưng sau hạn ban đầu; hẹn lại vẫn tính là trễ hạn",
                          "Ready by the new date but after the first due date: an extension still counts as late"),
    Ground.SUPPLEMENTS: text("Yêu cầu bổ sung quá một lần: chỉ số quốc gia tính là trễ hạn",
                             "A supplement was asked for more than once: the national index counts that as late"),
}
ENDS: Mapping[str, Text] = {
    "result": text("Có kết quả", "Result ready"),
    "rejected": text("Từ chối giải quyết", "Rejected"),
    "stopped": text("Dừng giải quyết", "Stopped"),
    "withdrawn": text("Công dân rút hồ sơ", "Withdrawn"),
}
STAYS: Mapping[Stay, Text] = {
    Stay.OFFICE: text("Đơn vị giải quyết", "With a unit"),
    Stay.TRANSIT: text("Đang chuyển giữa các cơ quan", "On the way between agencies"),
    Stay.STOPPED: text("Dừng tính thời hạn", "The time limit is stopped"),
    Stay.UNHELD: text("Không đơn vị nào giữ", "With nobody"),
}
WAYS: Mapping[Way, Text] = {
    Way.UNDELIVERED: text("Chưa đến nơi nhận", "Not delivered yet"),
    Way.UNREGISTERED: text("Đã đến, chưa ký nhận", "Delivered, not registered yet"),
}
CAUSES: Mapping[str, Text] = {
    Event.REQUEST_SUPPLEMENT: text("Chờ công dân bổ sung hồ sơ", "Waiting for the applicant's supplement"),
    Event.REQUEST_PAYMENT: text("Chờ công dân thực hiện nghĩa vụ tài chính", "Waiting for the applicant's payment"),
}
