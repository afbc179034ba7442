"""Broken procedures are refused with the line that is wrong and words a clerk understands, in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.checking import check
from api.cli import app
from procedures import province
from procedures.province import Province
from tests.states import samples

TODAY = date(2026, 11, 23)
SOUND = samples.text(more="legal_note: x\n").replace("legal_note: x\n", "")

# (what is replaced, by what, the line that is named, Vietnamese, English)
BROKEN = [
    pytest.param(
        "party: lead, role: officer, name: {vi: Tổng hợp",
        "party: lead, rol: officer, name: {vi: Tổng hợp",
        "rol: officer",
        "không có mục “rol” ở đây",
        "there is no “rol” here",
        id="a misspelled entry",
    ),
    pytest.param(
        "limit: 20 working days",
        "limit: twenty days",
        "limit: twenty days",
        "không đúng mẫu",
        "should match pattern",
        id="a limit in words",
    ),
    pytest.param(
        "limit: 20 working days\n",
        "",
        "procedure: small",
        "không có thời hạn thì phải nói vì sao",
        "no limit: say why",
        id="no limit and no reason",
    ),
    pytest.param(
        "name: {vi: Tổng hợp, en: Summing up}",
        "name: {vi: Tổng hợp, en: Summing up}, when: nobody > 0",
        "when: nobody",
        "không có dữ kiện “nobody”",
        "there is no fact “nobody”",
        id="a condition on a question nobody asks",
    ),
    pytest.param(
        "{party: ppc, role: signer, name: {vi: Ký, en: Signing}}",
        "{party: ppc, role: head, name: {vi: Ký, en: Signing}}",
        "signing:",
        "phải có một bước ký",
        "one step must sign",
        id="nobody signs",
    ),
    pytest.param(
        "results:\n",
        "switch_off: [send_back]\ntransitions:\n  - {from: examining, on: forward, to: reviewing}\nresults:\n",
        "summing_up:",
        "Không hồ sơ nào đến được bước “Tổng hợp”",
        "No dossier ever comes to the step “Summing up”",
        id="a step nothing leads to",
    ),
    pytest.param(
        "results:\n",
        "switch_off: [propose_rejection]\n"
        "transitions:\n  - {from: summing_up, on: forward, to: examining}\nresults:\n",
        "examining:",
        "Hồ sơ đã đến “Thẩm định” thì không còn đường nào tới trả kết quả",
        "From “Examining” a dossier can no longer come to the return",
        id="a circle without a way out",
    ),
    pytest.param(
        samples.PROCESSING,
        samples.consultation("join: {at_least: 3}", {"police": None, "culture": "a"}),
        "join: {at_least: 3}",
        "chờ 3 ý kiến nhưng chỉ hỏi 2 cơ quan",
        "waits for 3 opinions of 2 bodies",
        id="a quorum larger than the consultation",
    ),
    pytest.param(
        "party: lead, role: officer, name: {vi: Tổng hợp",
        "party: moon_office, role: officer, name: {vi: Tổng hợp",
        "party: moon_office",
        "chưa giao đơn vị nào làm “moon_office”",
        "no unit is bound to “moon_office”",
        id="a function no unit fills",
    ),
    pytest.param(
        "party: lead, role: officer, name: {vi: Tổng hợp",
        "party: lead, role: clerk, name: {vi: Tổng hợp",
        "role: clerk",
        "chưa có ai giữ vai trò văn thư",
        "is a clerk",
        id="a role nobody holds",
    ),
    pytest.param(
        "name: {vi: Tổng hợp, en: Summing up}",
        "name: {vi: Tổng hợp, en: Summing up}, limit: 30 working days",
        "limit: 20 working days",
        "Trong mọi trường hợp thời hạn các bước cộng lại là 30 ngày làm việc, dài hơn thời hạn giải quyết 20",
        "In every case the limits of the steps add up to 30 working days, longer than the limit of 20 working days",
        id="steps longer than the law allows",
    ),
    pytest.param(
        "results:\n",
        "checks:\n  - {when: a or not a, basis: Luật, message: {vi: Không nhận, en: Not taken in}}\nresults:\n",
        "when: a or not a",
        "luôn đúng: không hồ sơ nào được tiếp nhận",
        "always holds: no dossier would be taken in",
        id="a check that refuses everybody",
    ),
    pytest.param(
        "letter: {name: {vi: Công văn, en: Letter}}",
        "letter: {name: {vi: Công văn, en: Letter}, signer: officer}",
        "letter:",
        "Không bước ký nào do vai trò “officer” thực hiện",
        "No step of signing is done by a officer",
        id="a result nobody may sign",
    ),
]


@pytest.fixture(scope="module")
def soc_trang() -> Province:
    return province.load("soc-trang")


def lines_of(lines: list[str], mark: str) -> list[list[str]]:
    """Each finding with this mark: its place, Vietnamese, English."""
    return [lines[at : at + 3] for at, line in enumerate(lines) if line.startswith(mark) and line.count(":") > 1]


@pytest.mark.parametrize(("good", "bad", "line", "vi", "en"), BROKEN)
def test_a_broken_procedure_is_refused_with_its_line_and_words(
    tmp_path: Path, soc_trang: Province, good: str, bad: str, line: str, vi: str, en: str
) -> None:
    assert good in SOUND
    text = SOUND.replace(good, bad, 1)
    file = tmp_path / "small.yaml"
    file.write_text(text, encoding="utf-8")
    checked = check([file], soc_trang, TODAY)
    assert checked.faulty
    for place, told_vi, told_en in lines_of(checked.lines, f"✗ {file}:"):
        number = place.removeprefix(f"✗ {file}:").partition(":")[0]
        if number.isdigit() and vi in told_vi and en in told_en and line in text.splitlines()[int(number) - 1]:
            return
    pytest.fail("\n".join(checked.lines))


def test_what_is_sound_is_told_so_and_the_command_ends_well(tmp_path: Path) -> None:
    folder = tmp_path / "field"
    folder.mkdir()
    (folder / "small.yaml").write_text(SOUND, encoding="utf-8")
    done = CliRunner().invoke(app, ["procedure", "check", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert f"✓ {folder / 'small.yaml'}: Thủ tục nhỏ (small, " in done.output


def test_one_broken_file_among_good_ones_ends_the_command_with_one(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "twice.yaml").write_text(SOUND, encoding="utf-8")
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe")
    done = CliRunner().invoke(app, ["procedure", "check", str(tmp_path)])
    assert done.exit_code == 1
    assert "bad.yaml:1:" in done.output
    assert "không phải là chữ UTF-8" in done.output
    assert "đã khai báo ở" in done.output
    assert "✓" in done.output


@pytest.mark.parametrize("arguments", [["/nowhere/at/all.yaml"], ["--province", "nowhere", "procedures/library/merit"]])
def test_a_path_or_province_that_is_not_there_is_said_in_one_line(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["procedure", "check", *arguments])
    assert done.exit_code == 1
    assert "no file" in done.output or "no such file" in done.output


def test_everything_in_the_library_may_be_published(soc_trang: Province) -> None:
    checked = check([Path("procedures/library")], soc_trang, TODAY)
    assert not checked.faulty, "\n".join(checked.lines)
    assert sum(line.startswith("✓") for line in checked.lines) > 16
