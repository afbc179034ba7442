"""Where every report is found."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from engine.access import READERS, WATCHERS, must_read
from procedures.declaration import Text
from procedures.words import Role

router = Counter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    address: str
    name: Text
    about: Text
    roles: tuple[Role, ...] = READERS


REPORTS = (
    Report(address="/reports/timeliness", name=Text(vi="Thời hạn giải quyết", en="Time limits kept"),
           about=Text(vi="Sớm, đúng, trễ hạn theo cơ quan, đơn vị, bước và người; tỷ lệ đúng hạn quốc gia.",
                      en="Early, on time and late by agency, unit, step and person; the national on-time rate.")),
    Report(address="/feedback", name=Text(vi="Phản ánh, kiến nghị, góp ý", en="Feedback"),
           about=Text(vi="Người dân nói gì về việc giải quyết hồ sơ, và đã trả lời ra sao.",
                      en="What citizens said of the handling of dossiers, and how they were answered.")),
    Report(address="/reports/deviations",
           name=Text(vi="Lấy ý kiến ngoài quy trình", en="Consultations beyond the procedures"),
           about=Text(vi="Đơn vị nào hay được hỏi thêm: gợi ý cho phiên bản sau của thủ tục.",
                      en="Which units are asked besides: a hint for the next version of a procedure.")),
    Report(address="/reports/sweeps", roles=WATCHERS, name=Text(vi="Theo dõi nhắc hạn", en="Do alarms ring?"),
           about=Text(vi="Việc nhắc hạn có đang chạy, trễ bao lâu, đã làm gì.",
                      en="Whether the sweep over deadlines runs, how late it is, what it did.")),
    Report(address="/exchange", roles=WATCHERS, name=Text(vi="Trao đổi với hệ thống khác", en="Other installations"),
           about=Text(vi="Đường truyền thông hay mất, còn gì chờ gửi, mục nào bị dừng và ai phụ trách.",
                      en="Which lines are up, what waits to be sent, what is parked and whose it is.")),
    Report(address="/portal", roles=(Role.ADMINISTRATOR, Role.MANAGER),
           name=Text(vi="Cổng dịch vụ công quốc gia", en="National portal"),
           about=Text(vi="Hồ sơ đã đồng bộ chưa, mục nào cần người xử lý, đối soát hằng ngày.",
                      en="Whether dossiers were told to the portal, what waits for a person, the daily comparison.")),
)


@router.get("/reports")
def reports(caller: Caller) -> Response:
    must_read(caller.office, caller.actor, caller.now)
    return page(Visit(visitor=caller), "reports.html",
                reports=[report for report in REPORTS if caller.identity.has(*report.roles)])
