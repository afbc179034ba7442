"""Bundles over the interface: taken in once, looked at by those concerned, supplemented once."""

from __future__ import annotations

from typing import Any

from tests.api.web import Web, key
from tests.bundles.folder import DESK, FACTS

CLERK = f"{DESK}:receptionist"


def submission(**changes: Any) -> dict[str, Any]:
    return {"bundle": "land_certificate", "applicant": {"name": "Thạch Sóc Kha", "id_number": "094000000002"},
            "facts": FACTS["land_certificate"],
            "papers": [{"component": kind} for kind in
                       ("land_application", "land_certificate", "identity_paper", "proof_of_change")], **changes}


def test_what_may_be_taken_in_is_listed_with_its_parts(web: Web) -> None:
    found = {one["bundle"]: one for one in web.sign_in(CLERK).get("/bundles").json()}
    assert list(found["birth"]["parts"]) == ["registration", "residence", "health_card", "identity_card"]


def test_one_request_is_one_bundle_however_often_it_is_sent(web: Web) -> None:
    clerk, headers = web.sign_in(CLERK), {"Idempotency-Key": key()}

    first = clerk.post("/bundles", submission(), headers=headers)
    again = clerk.post("/bundles", submission(), headers=headers)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = clerk.post("/bundles", submission(subject="khác"), headers=headers)
    assert other.json()["code"] == "idempotency_key_reused"
    told = clerk.get(f"/bundles/{first.json()['code']}").json()
    assert [part["where"][0]["vi"] for part in told["parts"]][2].startswith("Chờ kết quả")
    assert told["applicant"]["id_number"] == "•" * 9 + "002"
    assert told["fees_total"] == 676_000


def test_every_fault_of_every_part_is_said_at_once(web: Web) -> None:
    answer = web.sign_in(CLERK).post("/bundles", submission(facts={"moon": "x"}), headers={"Idempotency-Key": key()})
    assert answer.status_code == 422
    assert {"facts.moon", "facts.certificate_number", "facts.land_area"} <= set(answer.json()["data"]["fields"])


def test_by_post_a_bundle_names_the_missing_address_once(web: Web) -> None:
    answer = web.sign_in(CLERK).post("/bundles", submission(return_way="post"), headers={"Idempotency-Key": key()})
    assert answer.status_code == 422
    assert set(answer.json()["data"]["fields"]) == {"applicant.address"}


def test_strangers_get_404(web: Web) -> None:
    clerk = web.sign_in(CLERK)
    code = clerk.post("/bundles", submission(), headers={"Idempotency-Key": key()}).json()["code"]
    stranger = web.sign_in("H51.02/tiep-nhan:receptionist")
    assert stranger.get(f"/bundles/{code}").status_code == 404
    for act in ("supplement", "partial"):
        refused = stranger.post(f"/bundles/{code}/{act}", None, headers={"Idempotency-Key": key()})
        nowhere = stranger.post(f"/bundles/{code[:-4]}9999/{act}", None, headers={"Idempotency-Key": key()})
        assert (refused.status_code, refused.json()["code"]) == (nowhere.status_code, nowhere.json()["code"]) == (
            404, "not_found")
    refused = stranger.post("/bundles", submission(), headers={"Idempotency-Key": key()})
    assert refused.status_code == 422
    assert refused.json()["code"] == "invalid"
