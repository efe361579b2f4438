import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from jobs.cli import app
from jobs.demo import make
from jobs.export import export, open_store
from jobs.gate import Answer
from jobs.refresh import refresh
from policy.decisions import Decision
from reports.gates.decide import CHANGED, decide
from reports.gates.evaluation import decisions, gates
from reports.gates.history import history
from reports.snapshot import load
from storage.audit import verify
from tests.reports.gate_cases import case, judged

RUN = CliRunner()
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gate") / "northlight"
    make(folder, scale=1.0, seed=7)
    refresh(folder)
    return folder


@pytest.fixture
def demo(refreshed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(refreshed, tmp_path / "northlight"))


def ask(*arguments: object) -> tuple[int, str]:
    found = RUN.invoke(app, ["gate", *(str(argument) for argument in arguments)])
    return found.exit_code, found.output


def edit(file: Path, change: object) -> None:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_the_demo_has_one_open_gate_and_two_that_are_blocked(demo: Path) -> None:
    assert ask(demo, "cart_recovery")[0] == 0
    assert ask(demo, "homepage")[0] == 1
    status, said = ask(demo)

    assert status == 1
    assert "● cart_recovery: open. All 18 checks pass; it may go to 50" in said
    assert "■ post_purchase: blocked. Events personalised without consent:" in said
    assert "◆ warns    The owner's sign-off: no, required (nobody has signed off)." in said


def test_the_answer_for_a_machine(demo: Path) -> None:
    status, said = ask(demo, "cart_recovery", "--json")
    answer = json.loads(said)

    assert (status, answer["open"], answer["stale"]) == (0, True, None)
    (gate,) = answer["gates"]
    assert (gate["status"], gate["rollout_percent"], gate["step"]) == ("open", 25.0, 50)
    assert {check["result"] for check in gate["checks"]} == {"pass"}
    assert json.loads(ask(demo, "--json")[1])["open"] is False


def test_an_unknown_journey_is_wrong_usage_and_no_figures_is_a_no(demo: Path, tmp_path: Path) -> None:
    status, said = ask(demo, "cart")
    assert status == 2
    assert "homepage, cart_recovery" in " ".join(said.split())
    make(tmp_path / "new", scale=0.02, seed=3)
    status, said = ask(tmp_path / "new")
    assert status == 1
    assert "jobs refresh" in said


def test_a_workspace_without_journeys_has_no_open_gate() -> None:
    assert not Answer(case(), (), "").open
    assert Answer(case(), (judged(case()),), "").open
    assert not Answer(case(), (judged(case()),), "changed since").open


@pytest.mark.parametrize("changed", ["data", "policy"])
def test_figures_that_no_longer_show_the_workspace_open_nothing(demo: Path, changed: str) -> None:
    if changed == "policy":
        edit(demo / "policy.yaml", lambda policy: policy.update(version=5))
    else:
        file = demo / "data" / "vendors.csv"
        file.write_text(file.read_text().replace("Kelp Recommender", "Kelp"))
    status, said = ask(demo, "cart_recovery")

    assert status == 1
    assert "refresh before you rely on its gates" in said
    assert "■ cart_recovery: blocked. Run 1 said open: All 18 checks pass" in said
    answer = json.loads(ask(demo, "cart_recovery", "--json")[1])
    (gate,) = answer["gates"]
    assert (answer["open"], gate["status"], gate["step"], gate["status_in_run"]) == (
        False,
        "blocked",
        None,
        "open",
    )
    assert gate["reason"] == answer["stale"]


def test_the_files_say_what_the_command_says(demo: Path, tmp_path: Path) -> None:
    export(demo, tmp_path / "out", None)
    rows = pl.read_csv(tmp_path / "out" / "gates.csv")
    journeys = pl.read_csv(tmp_path / "out" / "journeys.csv")
    answer = json.loads(ask(demo, "--json")[1])

    for gate in answer["gates"]:
        own = rows.filter(pl.col("journey") == gate["journey"])
        row = journeys.filter(pl.col("journey") == gate["journey"]).row(0, named=True)
        assert dict(own.select("check", "result").iter_rows()) == {
            check["check"]: check["result"] for check in gate["checks"]
        }
        assert (row["gate"], row["gate_reason"], row["gate_step"]) == (
            gate["status"],
            gate["reason"],
            gate["step"],
        )
    assert rows["policy_version"].unique().to_list() == [4]
    assert rows.columns[:12] == [
        "journey", "check", "severity", "observed", "bound", "threshold", "result", "waived_until",
        "evidence", "evaluated_at", "policy_version", "figure",
    ]  # fmt: skip


def person(name: str, *roles: str, kind: str, journey: str = "homepage", **other: object) -> Decision:
    made = {"reason": "agreed in the review", **other}
    return Decision(NOW, name, name.title(), roles, kind, journey, **made)


def test_decisions_change_the_gate_and_stand_in_the_log_and_the_history(demo: Path) -> None:
    last = date.today() + timedelta(days=30)  # noqa: DTZ011
    with open_store(demo) as store:
        snapshot = load(store)

        def made(wanted: Decision) -> str | None:
            return decide(store, wanted, snapshot, NOW)

        cart = person(
            "mia", "marketer", kind="waiver", journey="cart_recovery", check="lift", expires_on=last
        )
        assert "passes: there is nothing to waive" in (made(cart) or "")
        assert (
            made(person("mia", "marketer", kind="waiver", check="consent_coverage", expires_on=last)) is None
        )
        asked = decisions(store)[-1]
        assert "second person" in (
            made(person("mia", "privacy", kind="waiver_approval", refers_to=asked.number)) or ""
        )
        assert made(person("petra", "privacy", kind="waiver_approval", refers_to=asked.number)) is None
        assert made(person("olaf", "marketer", kind="sign_off", expires_on=last)) is None
        gate = gates(snapshot, decisions(store), NOW)["homepage"]
        found = {one.check.id: one for one in gate.checks}

        assert found["consent_coverage"].waived_until == last
        assert found["sign_off"].result == "pass"
        assert verify(store).ok
        first = [change for change in history(store, snapshot, NOW) if change.journey == "homepage"]
        assert [(change.before, change.after, change.run_id) for change in first] == [(None, "blocked", 1)]


def test_of_two_people_who_decide_at_once_on_the_same_gate_one_has_to_look_again(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = date.today() + timedelta(days=30)  # noqa: DTZ011
    with open_store(demo) as store:
        snapshot, known = load(store), decisions(store)
        monkeypatch.setattr("reports.gates.decide.decisions", lambda _: known)
        first, second = (
            decide(store, person(name, "marketer", kind="sign_off", expires_on=last), snapshot, NOW)
            for name in ("olaf", "mia")
        )

        assert (first, second) == (None, CHANGED)
        assert [decision.actor for decision in decisions(store)[len(known) :]] == ["olaf"]
        assert verify(store).ok


def test_a_decision_on_a_run_that_is_no_longer_shown_is_not_recorded(demo: Path) -> None:
    last = date.today() + timedelta(days=30)  # noqa: DTZ011
    with open_store(demo) as store:
        old, known = load(store), decisions(store)
        edit(demo / "policy.yaml", lambda policy: policy.update(version=5))
        refresh(demo)
        wanted = person("olaf", "marketer", kind="sign_off", expires_on=last)

        assert decide(store, wanted, old, NOW) == CHANGED
        assert decisions(store) == known


def test_the_history_names_the_figure_that_changed_a_gate(demo: Path) -> None:
    def stricter(policy: dict[str, object]) -> None:
        policy["journeys"]["cart_recovery"] = {"consent_coverage": {"threshold": 0.9}}

    edit(demo / "policy.yaml", stricter)
    refresh(demo)
    with open_store(demo) as store:
        changes = [c for c in history(store, load(store), NOW) if c.journey == "cart_recovery"]

    assert [(c.before, c.after, c.run_id) for c in changes] == [("open", "blocked", 2), (None, "open", 1)]
    assert changes[0].cause.startswith("Consent coverage: at least ")
    assert changes[0].cause.endswith("at least 90.0\u00a0% asked.")
