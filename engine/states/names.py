"""What people call the roles of the mechanism and its phases."""

from __future__ import annotations

from collections.abc import Mapping

from procedures.declaration import Phase, Role, Text


def _text(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


ROLES: Mapping[str, Text] = {
    Role.RECEPTIONIST: _text("Tiếp nhận", "Receptionist"),
    Role.OFFICER: _text("Chuyên viên", "Officer"),
    Role.HEAD: _text("Lãnh đạo phòng", "Head"),
    Role.SIGNER: _text("Người ký", "Signer"),
    Role.CLERK: _text("Văn thư", "Clerk"),
    Role.RETURNER: _text("Trả kết quả", "Returner"),
    Role.COURIER: _text("Giao nhận", "Courier"),
    Role.MANAGER: _text("Phụ trách", "Manager"),
    Role.ADMINISTRATOR: _text("Quản trị", "Administrator"),
    Role.AUDITOR: _text("Kiểm tra", "Auditor"),
}
PHASES: Mapping[str, Text] = {
    Phase.RECEPTION: _text("Tiếp nhận", "Reception"),
    Phase.PROCESSING: _text("Giải quyết", "Processing"),
    Phase.SIGNING: _text("Trình ký", "Signing"),
    Phase.RETURN: _text("Trả kết quả", "Return"),
}
