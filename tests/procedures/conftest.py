"""A small procedure for the tests to spoil, and the library as it is."""

from __future__ import annotations

import pytest

from procedures.declaration import Declaration, load_library
from procedures.province import Province, load

SMALL = """\
procedure: small
version: 1
codes:
  - {code: "1.000001", valid_from: 2026-01-01}
name: {vi: Thủ tục nhỏ, en: A small procedure}
field: {code: X, name: {vi: Lĩnh vực, en: A field}}
legal_basis: [Luật]
level: province
subjects: [person]
channels: [direct]
documents:
  request:
    name: {vi: Đơn, en: Request}
    form: original
facts:
  guests: {type: integer, label: {vi: Số khách, en: Guests}, min: 0, max: 10}
  topic:
    type: choice
    label: {vi: Chủ đề, en: Topic}
    choices:
      farming: {vi: Nông nghiệp, en: Farming}
      other: {vi: Khác, en: Other}
  day: {type: date, label: {vi: Ngày, en: Day}, at_least_days_ahead: 30}
checks:
  - when: guests > 5
    basis: Điều 1
    message: {vi: Quá đông, en: Too many}
limit: 5 working days
results:
  letter: {name: {vi: Công văn, en: Letter}}
obligations:
  - {name: {vi: Báo cáo, en: Report}, within: 15 days, after: day}
machine:
  reception:
    checking: {party: centre, role: receptionist, name: {vi: Kiểm tra, en: Checking}}
  processing:
    examining: {party: lead, role: officer, name: {vi: Thẩm định, en: Examining}, limit: 2 working days}
    consulting:
      name: {vi: Lấy ý kiến, en: Consulting}
      parallel:
        police: {party: police, role: officer, name: {vi: Ý kiến Công an, en: Police}, when: guests > 0}
        farmers: {party: farmers, role: officer, name: {vi: Ý kiến Sở, en: Farmers}, when: topic == 'farming'}
    synthesis: {party: lead, role: officer, name: {vi: Tổng hợp, en: Summing up}}
  signing:
    signing: {party: chair, role: signer, name: {vi: Ký, en: Signing}}
  return:
    returning: {party: centre, role: returner, name: {vi: Trả, en: Returning}}
transitions:
  - {from: examining, on: skip, to: synthesis, when: guests == 0, name: {vi: Bỏ qua, en: Skip}}
"""


@pytest.fixture(scope="session")
def small() -> str:
    return SMALL


@pytest.fixture(scope="session")
def library() -> dict[str, Declaration]:
    return load_library()


@pytest.fixture(scope="session")
def province() -> Province:
    return load("soc-trang")
