"""What people call the roles of the mechanism and its phases."""

from __future__ import annotations

from collections.abc import Mapping

from procedures.declaration import Phase, Role, Text
from procedures.entry import text

ROLES: Mapping[str, Text] = {
    Role.RECEPTIONIST: text("Tiếp nhận", "Receptionist"),
    Role.OFFICER: text("Chuyên viên", "Officer"),
    Role.HEAD: text("Lãnh đạo phòng", "Head"),
    Role.SIGNER: text("Người ký", "Signer"),
    Role.CLERK: text("Văn thư", "Clerk"),
    Role.RETURNER: text("Trả kết quả", "Returner"),
    Role.COURIER: text("Giao nhận", "Courier"),
    Role.MANAGER: text("Phụ trách", "Manager"),
    Role.ADMINISTRATOR: text("Quản trị", "Administrator"),
    Role.AUDITOR: text("Kiểm tra", "Auditor"),
}
PHASES: Mapping[str, Text] = {
    Phase.RECEPTION: text("Tiếp nhận", "Reception"),
    Phase.PROCESSING: text("Giải quyết", "Processing"),
    Phase.SIGNING: text("Trình ký", "Signing"),
    Phase.RETURN: text("Trả kết quả", "Return"),
}
