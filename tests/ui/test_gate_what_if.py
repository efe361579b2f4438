"""What if: a moved threshold opens or closes gates on the page, and nothing is kept."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from policy.model import Policy, default_text
from reports.wording import policy_lines
from storage.store import Store
from tests.ui.conftest import Open, markup, words
from tests.ui.figures_shown import tables
from tests.ui.gating import CHECKS, Case, policy, write
from tests.ui.retailer import row

HOME = Case(
    "home", "Homepage", figures={"consent_coverage": 0.56, "consent_coverage_low": 0.55}, stored="blocked"
)


def what_if(open_app: Open, folder: Path, check: str, **parameters: str) -> AppTest:
    page = open_app(folder, "gates", part="What if", **parameters)
    return page.selectbox(key="what-if-check").select(check).run()


def rows(page: AppTest) -> dict[str, list[str]]:
    found = next(table for table in tables(markup(page)) if table.label == "What if")
    return {name: cells for name, *cells in found.rows}


def written(page: AppTest) -> Any:
    return yaml.safe_load(page.code[0].value)


def stored(folder: Path) -> tuple[int, str]:
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as store:
        run = store.visible_run()
        assert run is not None
        return len(store.decisions()), f"{run.run_id} {run.workspace['policy']}"


def test_a_lower_threshold_opens_a_gate_and_a_higher_one_closes_it(tmp_path: Path, open_app: Open) -> None:
    before = stored(write(tmp_path, [Case(), HOME]))
    page = what_if(open_app, tmp_path, "coverage")
    assert "Nothing is saved." in words(page)
    assert "This is what the policy asks today." in words(page)
    assert not page.code
    threshold = page.number_input(key="threshold-coverage-all")
    assert (threshold.value, threshold.label, threshold.max) == (60.0, "At least, %", 100.0)

    page = threshold.set_value(55).run()
    assert "Homepage would open." in words(page)
    assert rows(page)["Homepage"] == [
        "at least 55.0\u00a0%", "at least 55.0\u00a0%", "●pass", "■blocked", "●open to 50\u00a0%changes",
    ]  # fmt: skip
    assert "1 of 2 journeys may roll out further" in words(page)
    assert "In policy.yaml, in place of the check coverage." in words(page)
    (line,) = written(page)
    assert line == {**next(one for one in CHECKS if one["id"] == "coverage"), "threshold": 0.55}

    page = page.number_input(key="threshold-coverage-all").set_value(80).run()
    assert "Cart recovery would close." in words(page)
    assert stored(tmp_path) == before


def test_severity_alone_turns_a_block_into_a_warning(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Case(), HOME])
    page = what_if(open_app, tmp_path, "coverage")
    page = page.selectbox(key="severity-coverage-all").select("warning").run()
    assert "Homepage would be held instead of blocked." in words(page)
    assert written(page)[0]["severity"] == "warning"


def test_one_journey_alone_gets_lines_of_its_own(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Case(), HOME], rules=policy(journeys={"cart": {"coverage": {"threshold": 0.65}}}))
    page = what_if(open_app, tmp_path, "coverage", journey="Cart recovery")
    threshold = page.number_input(key="threshold-coverage-cart")
    assert threshold.value == 65.0
    page = threshold.set_value(72).run()
    assert "The policy of Cart recovery alone" in words(page)
    assert "Cart recovery would close." in words(page)
    assert written(page) == {"cart": {"coverage": {"threshold": 0.72}}}
    assert list(rows(page)) == ["Cart recovery"]


def test_what_always_holds_cannot_be_moved(tmp_path: Path, open_app: Open) -> None:
    page = open_app(write(tmp_path), "gates", part="What if")
    assert not any("consent_evidence" in name for name in page.selectbox(key="what-if-check").options)


def test_yes_or_no_is_chosen_not_typed(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Case(configured={"sign_off": None}, stored="held")])
    page = what_if(open_app, tmp_path, "sign_off")
    assert "Exactly" not in [box.label for box in page.number_input]
    page = page.selectbox(key="threshold-sign_off-all").select("no").run()
    assert "Cart recovery would open." in words(page)
    assert written(page)[0]["threshold"] is False


def test_an_impossible_threshold_is_refused_in_words(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, rules=policy({"id": "coverage", "op": ">"}))
    page = what_if(open_app, tmp_path, "coverage")
    page = page.number_input(key="threshold-coverage-all").set_value(100).run()
    assert "■ 'consent_coverage' can never be > 1. Use >=." in words(page)
    assert not page.code


def test_a_loss_is_typed_as_a_loss(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Case(effects=[row(lift=-0.05)], stored="blocked")])
    page = what_if(open_app, tmp_path, "lift")
    page = page.number_input(key="threshold-lift-all").set_value(-10).run()
    assert "Cart recovery would open." in words(page)
    assert written(page)[0]["threshold"] == pytest.approx(-0.1)


def test_under_the_default_policy_the_whole_list_must_come_along() -> None:
    before = Policy().checks[0]
    after = before.model_copy(update={"threshold": 0.02})
    for text in (default_text(), "version: 3\n", "[unreadable"):
        where, line = policy_lines.lines(text, before, after, None)
        assert "copy all its checks" in where
        assert yaml.safe_load(line)[0]["threshold"] == 0.02


@pytest.mark.parametrize("journey", [None, "cart"])
def test_the_lines_make_the_policy_that_was_tried(journey: str | None) -> None:
    held = Policy.model_validate(policy(journeys={"cart": {"coverage": {"min_n": 5}}}))
    before = next(check for check in held.checks_for(journey or "home") if check.id == "coverage")
    after = before.model_copy(update={"threshold": 0.5, "severity": "warning"})
    moved = policy_lines.moved(held, after, journey)
    check = next(check for check in moved.checks_for("cart") if check.id == "coverage")
    assert (check.threshold, check.severity, check.min_n) == (0.5, "warning", 5)
    other = next(check for check in moved.checks_for("home") if check.id == "coverage")
    assert other.threshold == (0.6 if journey else 0.5)
    _, line = policy_lines.lines("checks: [{id: x}]", before, after, journey)
    read = yaml.safe_load(line)
    assert (read["cart"]["coverage"] if journey else read[0])["threshold"] == 0.5
