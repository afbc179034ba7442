"""A procedure to be spoiled and extended: small enough to read, with every phase."""

from __future__ import annotations

from engine.states.procedure import Procedure
from procedures.declaration import Declaration, parse

HEAD = """\
procedure: {key}
version: 1
codes:
  - {{code: "1.000003", valid_from: 2026-01-01}}
name: {{vi: Thủ tục nhỏ, en: A small procedure}}
field: {{code: X, name: {{vi: Lĩnh vực, en: A field}}}}
legal_basis: [Luật]
level: province
received_at: [province]
subjects: [person]
channels: [direct, online]
facts:
  a: {{type: boolean, label: {{vi: Á, en: Ah}}}}
  b: {{type: boolean, label: {{vi: Bê, en: Bee}}}}
  c: {{type: boolean, label: {{vi: Xê, en: Cee}}}}
  d: {{type: boolean, label: {{vi: Dê, en: Dee}}}}
  e: {{type: boolean, label: {{vi: Ê, en: Eh}}}}
  size: {{type: integer, label: {{vi: Diện tích, en: Size}}}}
  number: {{type: text, label: {{vi: Số giấy, en: Number}}}}
limit: 20 working days
results:
  letter: {{name: {{vi: Công văn, en: Letter}}}}
"""
RECEPTION = """\
machine:
  reception:
    checking: {party: centre, role: receptionist, name: {vi: Kiểm tra, en: Checking}}
"""
PROCESSING = """\
    examining: {party: lead, role: officer, name: {vi: Thẩm định, en: Examining}}
    summing_up: {party: lead, role: officer, name: {vi: Tổng hợp, en: Summing up}}
"""
SIGNING = """\
    reviewing: {party: ppc, role: head, name: {vi: Xem xét, en: Reviewing}}
    signing: {party: ppc, role: signer, name: {vi: Ký, en: Signing}}
    issuing: {party: ppc_clerk, role: clerk, name: {vi: Phát hành, en: Issuing}}
"""
RETURN = """\
  return:
    returning: {party: centre, role: returner, name: {vi: Trả, en: Returning}}
"""


def text(processing: str = PROCESSING, signing: str = SIGNING, *, key: str = "small", more: str = "") -> str:
    head = HEAD.format(key=key)
    return f"{head}{RECEPTION}  processing:\n{processing}  signing:\n{signing}{RETURN}{more}"


def parsed(written: str) -> Declaration:
    return parse(written, "small.yaml")


def declared(processing: str = PROCESSING, signing: str = SIGNING, *, more: str = "") -> Declaration:
    return parsed(text(processing, signing, more=more))


def made(processing: str = PROCESSING, signing: str = SIGNING, *, more: str = "") -> Procedure:
    return Procedure(declared(processing, signing, more=more))


def consultation(join: str, conditions: dict[str, str | None]) -> str:
    """Examining, a consultation of these bodies, summing up, and a step for those that were refused."""
    bodies = "".join(
        f"        {name}: {{party: {name}, role: officer, name: {{vi: Ý kiến {name}, en: Opinion of {name}}}"
        f"{'' if when is None else f', when: {when}'}}}\n"
        for name, when in conditions.items()
    )
    return f"""\
    examining: {{party: lead, role: officer, name: {{vi: Thẩm định, en: Examining}}}}
    consulting:
      name: {{vi: Lấy ý kiến, en: Consulting}}
      {join}
      parallel:
{bodies}\
    summing_up: {{party: lead, role: officer, name: {{vi: Tổng hợp, en: Summing up}}}}
    objecting: {{party: lead, role: officer, name: {{vi: Không đồng ý, en: Objection}}}}
"""
