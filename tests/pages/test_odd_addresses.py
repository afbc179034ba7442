"""Addresses nobody meant: too large a number, a letter no database takes, another encoding. Never a failure of ours."""

from __future__ import annotations

import pytest

from tests.pages.house import House

ODD = ("-1", "99999999999999999999999999", "a%00b", "%ff", "..%2f..")
PAGES = ("/portal/{}/1", "/portal/H51.02-261123-0001/{}", "/portal/days/{}", "/exchange?did={}", "/answer/{}",
         "/answer/{}/documents/7f6b1d9e-7f0b-4a55-9a53-0f5f8c1f7a10", "/answers/{}", "/answers?slip={}",
         "/post?slip={}",
         "/post/items/{}", "/post/intakes/{}", "/post/batches/{}", "/payouts?month={}", "/payouts.csv?month={}",
         "/courier/{}", "/courier/bags/{}", "/courier/{}/manifest.pdf", "/incidents?did={}",
         "/exchange/v1/documents/" + "a" * 64 + "?message={}", "/exchange/v1/directory?x={}")


@pytest.mark.parametrize("who", ["H51.02/tiep-nhan:manager", "H51.02/tiep-nhan:receptionist"])
def test_an_odd_address_is_refused_and_breaks_nothing(house: House, who: str) -> None:
    page = house.person(who)
    found = {address.format(odd): page.request.get(house.address + address.format(odd), max_redirects=0).status
             for address in PAGES for odd in ODD}
    assert {address for address, status in found.items() if status >= 500} == set()
