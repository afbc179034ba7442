"""`lienthong peer directory`: asks another installation who works there; a refusal says what to do about it."""

from __future__ import annotations

from engine.errors import Refused
from engine.exchange import peers
from engine.exchange.asking import asking
from engine.exchange.client import Client, NotAllowed, Rejected, Unreachable
from engine.exchange.envelope import unseal
from engine.exchange.peers import Desk
from engine.settings import settings
from procedures.declaration import Text
from storage import exchange
from storage.peers import PeerRow

PATH = "/exchange/v1/directory"
TO_DO = {
    "unknown_key": Text(vi="quản trị bên đó chưa khai báo và phê duyệt khóa của hệ thống này (dòng “lienthong peer "
                           "show-key” in ra)",
                        en="their administrators have not entered and approved our key yet (the line that “lienthong "
                           "peer show-key” prints)"),
    "revoked_key": Text(vi="bên đó đã thu hồi khóa của hệ thống này, cần giao khóa mới (“lienthong peer rotate”)",
                        en="they revoked our key and need a new one (“lienthong peer rotate”)"),
    "suspended": Text(vi="bên đó đang tạm dừng trao đổi: gọi điện hỏi", en="they suspended the exchange: telephone"),
    "not_for_us": Text(vi="bên đó gọi hệ thống này hoặc tự gọi mình bằng tên khác: LIENTHONG_PROVINCE và "
                          "LIENTHONG_INSTALLATION của lệnh phải như của máy chủ, địa chỉ phải đúng là của họ",
                       en="they call this installation or themselves by another name: the command wants the "
                          "LIENTHONG_PROVINCE and LIENTHONG_INSTALLATION of the server, the address must be theirs"),
}


def take(desk: Desk, name: str) -> int:
    """How many agencies it names. Raises Refused, NotAllowed, NotFound and what taking it over raises."""
    peer = peers.known(desk.office.db, name)
    data = _asked(desk, peer)
    told = unseal(data, "directory", peers.key_of(desk.office.db))
    if told.key.peer_id != peer.id:
        raise peers.NotInThisState
    exchange.reached(desk.office.db, peer.id)
    return peers.take_directory(desk, peer, told.body)


def _asked(desk: Desk, peer: PeerRow) -> bytes:
    asked = asking(desk.office, peer.name, PATH, desk.now)
    try:
        return Client(peer.name, peer.url, inside=settings().peers_inside).get(PATH, asked)
    except Rejected as error:
        why = TO_DO.get(error.reason) or Text(vi="báo quản trị hai bên", en="tell the administrators of both sides")
        raise Refused(reason_vi=f"Hệ thống “{peer.name}” không nhận ({error.reason}): {why.vi}.",
                      reason_en=f"The installation “{peer.name}” said no ({error.reason}): {why.en}.") from error
    except NotAllowed:
        raise
    except Unreachable as error:
        raise Refused(reason_vi=f"Hệ thống “{peer.name}” chưa trả lời được ({error.why}). Hãy chạy lại lệnh này sau.",
                      reason_en=f"The installation “{peer.name}” does not answer ({error.why}). Give this command "
                                "again later.") from error
