"""Deciding about gates: who may, what takes a second person, what nobody may, on the page and behind it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from policy.decisions import MAY, Kind
from policy.gates import Status
from policy.roles import ADMIN, EXECUTIVE, MARKETER, PRIVACY
from reports.snapshot import WithheldError
from storage import audit
from storage.store import Store
from tests.ui.conftest import Open, words
from tests.ui.gating import Case, policy, write
from tests.ui.retailer import row
from ui import access
from ui.access import Reader
from ui.governance import gate_data
from ui.governance.gate_data import Judged, Seen, Wanted

LOSS = Case(effects=[row(lift=-0.05)], stored="blocked")
LAST = datetime.now(UTC).date() + timedelta(days=20)

Be = Callable[..., None]


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Be:
    """Be somebody with these roles."""

    def become(name: str, *roles: str) -> None:
        who = Reader(name, name.lower(), frozenset(roles), "")
        monkeypatch.setattr(access, "reader", lambda: who)

    return become


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_app: Open) -> Path:
    """A workspace in which the lift alone stands against the rollout."""
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(tmp_path))
    return write(tmp_path, [LOSS])


def found() -> Judged:
    judged = gate_data.judged()
    assert isinstance(judged, Judged)
    return judged


def seen() -> Seen:
    return found().seen("cart")


def ask(kind: Kind, reason: str = "The season ends.", **more: Any) -> str | None:
    return gate_data.decide(Wanted(kind, "cart", reason, **more), seen())


def entries(workspace: Path) -> list[audit.Entry]:
    with Store.open(f"sqlite:///{workspace / 'liftgate.db'}") as store:
        return [entry for entry in audit.whole(store) if entry.action in ("waiver", "decision", "sign-off")]


def decide_page(open_app: Open, folder: Path, part: str = "Decide") -> AppTest:
    """The page on one of its parts; AppTest cannot follow an address through the first page."""
    return open_app(folder, "gates").segmented_control(key="part").set_value(part).run()


def named(page: AppTest, kind: str, label: str) -> Any:
    """A part of a form, by its label."""
    return next(part for part in getattr(page, kind) if part.label == label)


def offered(page: AppTest) -> list[str]:
    return list(named(page, "selectbox", "What to decide").options)


def press(page: AppTest, label: str) -> AppTest:
    return named(page, "button", label).click().run()


def test_a_waiver_takes_one_who_asks_and_another_who_approves(held: Path, open_app: Open, be: Be) -> None:
    be("Mara", MARKETER)
    page = decide_page(open_app, held)
    named(page, "selectbox", "What to decide").select("waiver").run()
    named(page, "text_area", "Why it may be waived").input("The season ends on 15 December.")
    named(page, "date_input", "Last day in force").set_value(LAST)
    page = press(page, "Ask for the waiver")
    said = words(page)
    assert "● Recorded. The waiver, once a second person approves it, for Cart recovery." in said
    assert "Waiver for lift (Cart recovery) waits for a second person." not in said
    assert "Waiver for lift of Cart recovery, until" in said
    assert "You asked for it, so somebody else with the role admin or privacy must approve it." in said
    assert "Cart recovery may not roll out further." in said
    assert not [button for button in page.button if button.label == "Approve"]

    be("Mona", MARKETER)
    said = words(decide_page(open_app, held))
    assert "Approving takes the role admin or privacy; yours: marketer." in said

    be("Piet", PRIVACY)
    page = decide_page(open_app, held)
    said = words(page)
    assert said.index("Waits for a second person") < said.index("Each decision goes into the audit log")
    assert "Mara asks for it since" in said
    assert "The season ends on 15 December." in said
    page = press(page, "Approve")
    assert "■ Not recorded. Give a reason" in words(page)
    named(page, "text_input", "Why you approve it").input("Small loss, short time.")
    page = press(page, "Approve")
    assert "● Recorded. The approved waiver for Cart recovery." in words(page)
    assert "Cart recovery may roll out to 50 %." in words(page)

    page = open_app(held, "gates")
    assert "● open to 50 % Open with a waiver for lift" in words(page)
    assert "Waiver for lift until" in words(page)
    assert "◇ waived at least −7.0 %" in words(page)
    assert [entry.actor for entry in entries(held)] == ["Mara", "Piet"]


def test_the_history_names_what_people_changed(held: Path, open_app: Open, be: Be) -> None:
    be("Mara", MARKETER)
    assert ask("waiver", check="lift", expires_on=LAST) is None
    be("Piet", PRIVACY)
    assert ask("waiver_approval", refers_to=1) is None
    said = words(decide_page(open_app, held, "History"))
    assert "by now, without a new run Cart recovery ■ blocked ● open Lift: at least −7.0 %" in said
    assert "Consent coverage: at least" not in said
    assert "run 1 Cart recovery first judged ■ blocked" in said
    assert "2: Approval of 1 The season ends. Cart recovery Piet privacy" in said
    assert "1: Waiver for lift The season ends. Cart recovery Mara marketer" in said
    assert said.count("● in force") == 1
    assert "● done" in said


def test_the_history_can_be_taken_away(
    held: Path, open_app: Open, be: Be, made_files: dict[str, bytes]
) -> None:
    be("Mara", MARKETER)
    assert ask("sign_off", "=2+3 we stand by it", expires_on=LAST) is None
    decide_page(open_app, held, "History")
    assert b",1,cart,,blocked," in made_files["gate-changes.csv"]
    assert b"1," in made_files["gate-decisions.csv"]
    assert b",'=2+3 we stand by it," in made_files["gate-decisions.csv"]


def test_a_rollout_against_the_gate_takes_two(held: Path, open_app: Open, be: Be) -> None:
    be("Mara", MARKETER)
    page = decide_page(open_app, held)
    steps = named(page, "selectbox", "Roll out to")
    assert steps.options == [
        "1\u00a0%",
        "5\u00a0%",
        "25\u00a0%, as today",
        "50\u00a0%, against the gate",
        "100\u00a0%, against the gate",
    ]
    steps.select(50)
    named(page, "text_area", "Why").input("We learn more that way.")
    page = press(page, "Decide")
    assert "Rollout to 50 %, against the gate of Cart recovery. Mara asks for it" in words(page)
    waits = "Rollout to 50 %, against the gate (Cart recovery) waits for a second person."
    assert waits in words(open_app(held, "gates"))
    assert found().gates["cart"].current == 25
    be("Eva", EXECUTIVE)
    page = decide_page(open_app, held)
    assert "The gate said then: blocked: Lift: at least −7.0 %" in words(page)
    named(page, "text_input", "Why you approve it").input("Agreed.")
    press(page, "Approve")
    assert found().gates["cart"].current == 50


def test_with_an_open_gate_one_person_decides(tmp_path: Path, open_app: Open, be: Be) -> None:
    be("Mara", MARKETER)
    page = decide_page(open_app, write(tmp_path))
    assert named(page, "selectbox", "Roll out to").value == 50
    named(page, "text_area", "Why").input("All checks pass.")
    press(page, "Decide")
    assert found().gates["cart"].current == 50
    assert "may roll out to 100 %" in words(open_app(tmp_path, "gates"))


def test_nothing_opens_what_the_law_closes(tmp_path: Path, open_app: Open, be: Be) -> None:
    be("Ada", MARKETER, PRIVACY, ADMIN, EXECUTIVE)
    page = decide_page(open_app, write(tmp_path, [Case(figures={"leakage_events": 3})]))
    assert "The gate is blocked by the law: no decision can open it." in words(page)
    assert named(page, "selectbox", "Roll out to").options == ["1\u00a0%", "5\u00a0%", "25\u00a0%, as today"]
    named(page, "selectbox", "What to decide").select("waiver").run()
    assert "There is nothing to waive: every check passes, or rests on the law." in words(page)
    said = ask("waiver", check="leakage", expires_on=LAST)
    assert said == "'leakage' rests on the law (GDPR Art. 7): nobody may waive it."
    assert "blocked by the law" in (ask("rollout", step=100) or "")
    assert entries(tmp_path) == []


def test_a_sign_off_and_an_assessment_open_what_they_held(tmp_path: Path, open_app: Open, be: Be) -> None:
    case = Case(configured={"sign_off": None, "dpia": None, "purposes": ["personalize", "measure"]})
    be("Piet", PRIVACY)
    page = decide_page(open_app, write(tmp_path, [case]))
    assert "■ blocked Impact assessment: no evidence" in words(page)
    named(page, "selectbox", "What to decide").select("dpia").run()
    page = press(page, "Record the assessment")
    assert "■ Not recorded. Give a reason" in words(page)
    named(page, "text_area", "What it concludes").input("Acceptable with opt-out.")
    page = press(page, "Record the assessment")
    assert "■ Not recorded. Name the signed document and the purposes that it covers." in words(page)
    named(page, "text_input", "Signed document, and where it is kept").input("dpia/7.pdf")
    named(page, "checkbox", "personalize").check()
    named(page, "checkbox", "measure").check()
    page = press(page, "Record the assessment")
    assert "Cart recovery is held" not in words(page)
    assert found().gates["cart"].status is Status.HELD
    be("Mara", MARKETER)
    page = decide_page(open_app, tmp_path)
    named(page, "selectbox", "What to decide").select("sign_off").run()
    named(page, "text_area", "What you stand up for").input("I answer for it.")
    press(page, "Sign off")
    assert found().gates["cart"].status is Status.OPEN
    assert "Signed off by Mara until" in words(open_app(tmp_path, "gates"))
    be("Piet", PRIVACY)
    page = decide_page(open_app, tmp_path)
    named(page, "selectbox", "What to decide").select("revocation").run()
    assert named(page, "selectbox", "Decision").options[-1] == "2: Sign-off, by Mara"
    named(page, "selectbox", "Decision").select(2)
    named(page, "text_area", "Why").input("She left.")
    press(page, "Revoke")
    assert found().gates["cart"].status is Status.HELD


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        ((EXECUTIVE,), ["Decide a rollout step"]),
        ((MARKETER,), ["Decide a rollout step", "Sign off", "Ask for a waiver"]),
        ((PRIVACY,), ["Ask for a waiver", "Record an impact assessment", "Revoke a decision"]),
    ],
)
def test_a_role_is_offered_what_it_may_decide(
    roles: tuple[str, ...], may: list[str], held: Path, open_app: Open, be: Be
) -> None:
    be("Ada", *roles)
    assert offered(decide_page(open_app, held)) == may


def test_one_person_alone_reads_what_takes_two(held: Path, open_app: Open) -> None:
    page = decide_page(open_app, held)
    assert "You are alone here, because no sign-in is set up." in words(page)
    assert ask("waiver", check="lift", expires_on=LAST) is None
    said = words(decide_page(open_app, held))
    assert "You asked for it, so somebody else with the role admin or privacy must approve it." in said
    assert ask("waiver_approval", refers_to=1) == "Whoever asked may not approve: it takes a second person."


@pytest.mark.parametrize("role", [EXECUTIVE, MARKETER, PRIVACY])
@pytest.mark.parametrize("kind", list(MAY))
def test_a_call_past_the_page_is_refused_without_the_role(kind: Kind, role: str, held: Path, be: Be) -> None:
    be("Mara", MARKETER)
    assert ask("waiver", check="lift", expires_on=LAST) is None
    assert ask("rollout", step=100) is None
    before = len(found().decisions)
    be("Ada", role)
    said = ask(kind, check="lift", step=50, expires_on=LAST, document="d", scope=("p",), refers_to=1)
    if role not in MAY[kind]:
        assert said is not None
        assert said.startswith("This takes the role")
        assert len(found().decisions) == before


@pytest.mark.parametrize("roles", [(), (ADMIN,), ("root",)])
def test_whom_gates_are_not_for_can_neither_read_nor_decide(
    roles: tuple[str, ...], held: Path, be: Be
) -> None:
    shown = seen()
    be("Ada", *roles)
    for ask_for in (gate_data.judged, gate_data.changes):
        with pytest.raises(WithheldError):
            ask_for()
    with pytest.raises(WithheldError):
        gate_data.decide(Wanted("sign_off", "cart", "Yes.", expires_on=LAST), shown)
    assert entries(held) == []


def test_nobody_decides_in_another_name(held: Path, be: Be) -> None:
    be("Mara", MARKETER)
    with pytest.raises(TypeError, match="actor"):
        Wanted("sign_off", "cart", "Yes.", actor="ada")
    assert ask("sign_off", expires_on=LAST) is None
    (decision,) = found().decisions
    assert (decision.actor, decision.name, decision.roles) == ("mara", "Mara", ("marketer",))


def test_a_decision_about_another_gate_than_was_seen_is_refused(held: Path, be: Be) -> None:
    be("Mara", MARKETER)
    before = seen()
    write(held, [LOSS])
    st.cache_resource.clear()
    wanted = Wanted("rollout", "cart", "Why not.", step=50)
    for old in (before, replace_status(seen(), Status.OPEN)):
        assert gate_data.decide(wanted, old) == (
            "The gate has changed since you opened this page. Look at it again, then decide."
        )
    assert gate_data.decide(replace(wanted, journey="nowhere"), seen()) == "There is no journey 'nowhere'."
    assert entries(held) == []


def replace_status(what: Seen, status: Status) -> Seen:
    return what._replace(status=status)


def test_a_waiver_ends_by_itself(held: Path, be: Be, monkeypatch: pytest.MonkeyPatch) -> None:
    be("Mara", MARKETER)
    assert ask("waiver", check="lift", expires_on=LAST) is None
    be("Piet", PRIVACY)
    assert ask("waiver_approval", refers_to=1) is None
    assert found().gates["cart"].status is Status.OPEN
    later = datetime.now(UTC) + timedelta(days=22)
    monkeypatch.setattr(gate_data.data, "now", lambda: later)
    assert found().gates["cart"].status is Status.BLOCKED


def test_a_signature_counts_at_once_where_the_day_has_yet_to_begin(
    tmp_path: Path, be: Be, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(configured={"sign_off": None})
    write(tmp_path, [case], zone="America/Los_Angeles")
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(tmp_path))
    evening = datetime.now(UTC).replace(hour=3, minute=0) + timedelta(days=1)
    monkeypatch.setattr(gate_data.data, "now", lambda: evening)
    be("Mara", MARKETER)
    assert ask("sign_off", expires_on=LAST) is None
    assert found().today < evening.date()
    assert found().gates["cart"].status is Status.OPEN


def test_stale_evidence_is_no_way_around(tmp_path: Path, be: Be, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, rules=policy({"id": "lift", "max_age_days": 7}))
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(tmp_path))
    be("Mara", MARKETER)
    assert ask("rollout", step=50) is None
    (waiting,) = found().standing["cart"].pending
    assert waiting.against.startswith("blocked: Lift: the data end on 30 Sep 2026")
