"""A counter without its network: codes set aside while there is one, dossiers taken in later as of their own moment."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import datetime

from engine.casework.orders import Actor, Reply
from engine.casework.receive import check_desk, receive
from engine.casework.submission import Offline, Submission
from engine.clocks.zone import ZONE
from engine.errors import Conflict, Invalid, Refused
from engine.office import Office
from storage import blocks, dossiers
from storage.blocks import Block

MANY = 20
MOST_A_DAY = 200
CODE = re.compile(r"([0-9A-Z.]{1,20})-([0-9]{6})-([0-9]{4,9})")


class NoMoreCodes(Refused):
    """Circular 01/2018 article 10.2: what cannot be entered is written in the paper tracking book."""

    code = "no_more_codes"
    vi = "Hôm nay bạn đã nhận đủ {many} mã dự phòng. Khi mất mạng, hãy ghi sổ theo dõi hồ sơ bằng giấy."
    en = "You have had all {many} codes set aside for today. Without a network, use the paper tracking book."


class CodeUsed(Conflict):
    code = "code_used"
    vi = "Mã {dossier} đã thuộc về hồ sơ khác. Hãy kiểm tra lại giấy tiếp nhận đã in."
    en = "The code {dossier} belongs to another dossier. Check the receipt that was printed."


def take_block(office: Office, actor: Actor, unit: int, now: datetime) -> Block:
    """MANY codes of today for this person at this desk. Raises WrongRole, NoMoreCodes; codes need no gaplessness."""
    today = now.astimezone(ZONE).date()
    desk = dossiers.load_desk(office.db, person=actor.id, key="", today=today)
    catalogue = office.catalogue(desk.revision)
    check_desk(unit, desk.memberships, catalogue)
    wanted = Block(id=uuid.uuid4(), agency=catalogue.units[unit].agency, period=today.strftime("%y%m%d"), unit_id=unit,
                   person_id=actor.id, first_no=0, last_no=0, taken_at=now)
    if blocks.taken_today(office.db, actor.id, wanted.agency, wanted.period) + MANY > MOST_A_DAY:
        raise NoMoreCodes(many=MOST_A_DAY)
    return blocks.take(office.db, wanted, MANY)


def synchronise(office: Office, submission: Submission, code: str, received_at: datetime, now: datetime) -> Reply:
    """The dossier as it was taken in at `received_at` with `code`; the same sent again gets the same answer.

    Everything is checked as of that moment: desk, version of the procedure, answers, papers. Raises Invalid for a code
    or a moment that cannot be, CodeUsed, and what `receive` raises.
    """
    _check(_block(office, submission, code), received_at, now)
    told = replace(submission, offline=Offline(code=code, received_at=received_at, synchronised_at=now))
    try:
        with blocks.one_dossier_a_code():
            return receive(office, told, received_at)
    except blocks.CodeTaken:
        raise CodeUsed(dossier=code) from None


def _block(office: Office, submission: Submission, code: str) -> Block:
    """The block of this person and desk that the code is from. Raises Invalid."""
    written = CODE.fullmatch(code)
    block = None
    if written:
        agency, period, number = written.groups()
        block = blocks.block_of(office.db, submission.actor.id, agency, period, int(number))
    if block is None or block.unit_id != submission.unit or code not in block.codes:
        raise Invalid({"code": (f"mã {code} không nằm trong dãy mã dự phòng của bạn tại quầy này",
                                f"the code {code} is not one set aside for you at this desk")})
    return block


def _check(block: Block, received_at: datetime, now: datetime) -> None:
    """Raises Invalid for a moment that cannot be."""
    if received_at > now:
        raise Invalid({"received_at": ("giờ tiếp nhận ở sau giờ hiện tại của máy chủ",
                                       "the moment of reception lies after the server's present time")})
    if received_at < block.taken_at:
        raise Invalid({"received_at": ("giờ tiếp nhận ở trước lúc máy này nhận dãy mã dự phòng",
                                       "the moment of reception lies before this code was set aside")})
    if received_at.astimezone(ZONE).strftime("%y%m%d") != block.period:
        raise Invalid({"received_at": ("ngày tiếp nhận khác ngày của mã hồ sơ",
                                       "the day of reception is not the day of the code")})
