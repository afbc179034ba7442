"""A small procedure of one commune, for what the library switches off: payment, resuming after a supplement."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlmodel import col, update

from procedures.declaration import Declaration, canonical, content_hash, parse
from storage.session import objects
from storage.tables.catalogue import Procedure, ProcedureVersion, Revision

COPIES = """
procedure: test_copies
version: 1
codes: [{code: "2.000815", valid_from: 2020-01-01}]
name: {vi: Chứng thực bản sao, en: Certified copies}
field: {code: CT, name: {vi: Chứng thực, en: Certification}}
legal_basis: [Nghị định 23/2015/NĐ-CP]
level: commune
received_at: [commune]
subjects: [person]
channels: [direct, online, post]
documents:
  original: {name: {vi: Bản chính, en: The original}, form: original}
  proxy: {name: {vi: Giấy ủy quyền, en: Power of attorney}, form: copy, when: by_proxy}
facts:
  copies: {type: integer, label: {vi: Số bản, en: Number of copies}, min: 1, max: 100}
  by_proxy: {type: boolean, required: false, label: {vi: Nộp thay, en: By proxy}}
fees: [{name: {vi: Phí chứng thực, en: Fee}, amount: 2000}]
limit: 2 working days
count_mode: HOUR
supplement: {max: 2, after: resume}
results: {copy: {name: {vi: Bản sao chứng thực, en: Certified copy}}}
switch_off: [recall, extend]
machine:
  reception:
    checking: {party: centre, role: receptionist, name: {vi: Kiểm tra, en: Checking}, limit: 2 working hours}
  processing:
    comparing: {party: commune, role: officer, name: {vi: Đối chiếu, en: Comparing}, limit: 3 working hours}
    drafting: {party: commune, role: officer, name: {vi: Soạn thảo, en: Drafting}}
  signing:
    reviewing: {party: commune_leaders, role: head, name: {vi: Xem xét, en: Reviewing}, limit: 2 working hours}
    signing: {party: commune_leaders, role: signer, name: {vi: Ký, en: Signing}, limit: 2 working hours}
  return:
    returning: {party: centre, role: returner, name: {vi: Trả kết quả, en: Returning}, limit: 2 working hours}
"""


def publish(owner_url: str, text: str = COPIES) -> Declaration:
    """As an administrator's publication would leave it."""
    declaration = parse(text, "test.yaml")
    with objects(owner_url) as session:
        session.add(Procedure(key=declaration.procedure))
        session.flush()
        session.add(ProcedureVersion(
            procedure=declaration.procedure, number=declaration.version, content=canonical(declaration).decode(),
            sha256=content_hash(declaration), state="published", valid_from=date(2021, 1, 1),
            published_at=datetime.now(UTC)))
        session.exec(update(Revision).values(number=col(Revision.number) + 1))
    return declaration
