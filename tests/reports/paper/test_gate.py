"""Every check and every decision stands on its journey's page."""

from datetime import UTC, date, datetime

from policy.decisions import Decision
from reports.board.content import board
from reports.board_pdf import pack
from reports.snapshot import Snapshot
from tests.reports.paper.conftest import words

DECIDED = Decision(
    at=datetime(2026, 9, 12, 8, 30, tzinfo=UTC), actor="oidc:7", name="Ana Ruiz", roles=("privacy",),
    kind="waiver", journey="homepage", reason="The banner is mended on 1 October", number=1,
    check="consent_coverage", expires_on=date(2026, 10, 31),
)  # fmt: skip


def test_every_check_is_there_with_what_it_saw(demo: Snapshot) -> None:
    text = words(pack(demo))
    checks = list(demo.table("gates").iter_rows(named=True))

    assert len(checks) > 20
    for row in board(demo).rows:
        assert f"The gate of {row.name}: {row.gate.mark.word.replace(chr(160), ' ')}" in text
    for check in checks:
        seen = check["sentence"].partition(": ")[2].replace("\u00a0", " ")[1:40]
        assert seen in text, check["check"]
        if check["result"] != "pass":
            assert (check["remedy"] or "")[:30] in text


def test_a_decision_is_told_with_who_and_why(demo: Snapshot) -> None:
    before, text = words(pack(demo)), words(pack(demo, decisions=(DECIDED,)))

    assert before.count("No decision on this journey") == text.count("No decision on this journey") + 1
    assert "Waiver asked for consent coverage 12 Sep 2026, 09:30 Ana Ruiz privacy" in text
    assert "The banner is mended on 1 October 31 Oct 2026" in text


def test_decisions_of_another_journey_are_not_told(demo: Snapshot) -> None:
    stray = Decision(**{**vars(DECIDED), "journey": "elsewhere"})

    assert "Ana Ruiz" not in words(pack(demo, decisions=(stray,)))
