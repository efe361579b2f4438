from pathlib import Path

import pytest

from jobs.config.load import load
from jobs.problems import WorkspaceError
from policy.model import default_checks

LIFT = '  - {id: lift, figure: primary_relative, bound: lower, op: ">=", threshold: 0.0}\n'


def workspace(folder: Path, policy: str) -> Path:
    (folder / "workspace.yaml").write_text(
        "name: Shop\ncurrency: EUR\njourneys: journeys.yaml\npolicy: policy.yaml\n"
    )
    (folder / "journeys.yaml").write_text("- {id: cart, purposes: [p]}\n")
    (folder / "policy.yaml").write_text(policy)
    return folder


@pytest.mark.parametrize(
    ("policy", "where", "what", "remedy"),
    [
        (
            f"version: 3\nchecks:\n{LIFT}  - {{id: c, figure: consent_covrage, op: '>=', threshold: 0.6}}\n",
            "policy.yaml, line 4",
            "c: Unknown figure 'consent_covrage'.",
            "'consent_coverage'",
        ),
        (
            "checks:\n  - id: c\n    figure: consent_coverage\n    op: '>='\n    threshold: 60\n",
            "policy.yaml, line 5",
            "60 is not possible",
            "60 % is written 0.6",
        ),
        (
            "checks:\n  - id: c\n    figure: consent_coverage\n    op: '>='\n    threshold: 60 %\n",
            "policy.yaml, line 5",
            "not the text '60 %'",
            "Correct",
        ),
        (
            f"checks:\n{LIFT}  - {{id: consent_evidence, figure: leakage_events, op: '==', threshold: 0}}\n",
            "policy.yaml, line 3",
            "'consent_evidence' belongs to the check on consent_known",
            "another id",
        ),
        (f"checks:\n{LIFT}{LIFT}", "policy.yaml, line 3", "'lift' is given 2 times", "its own id"),
        ("checks: []\n", "policy.yaml, line 1", "would open every gate", "Correct"),
        (
            f"checks:\n{LIFT}journeys: {{cart: {{lft: {{threshold: 0.1}}}}}}\n",
            "line 3",
            "check 'lft'",
            "'lift'",
        ),
        (
            f"checks:\n{LIFT}journeys:\n  cart:\n    lift: {{threshold: true}}\n",
            "policy.yaml, line 5",
            "lift: 'primary_relative' is a number",
            "Write a number",
        ),
        ("journeys: {cart: {lft: {threshold: 0.1}}}\n", "line 1", "Unknown check 'lft'", "'lift'"),
        (f"checks:\n{LIFT}journeys: {{crt: {{}}}}\n", "line 3", "Unknown journey 'crt'", "'cart'"),
        (
            "checks:\n  - {id: c, figure: dpia, op: '=>', threshold: true}\n",
            "line 2",
            "'op' should be",
            "Correct",
        ),
    ],
)
def test_a_policy_that_cannot_mean_what_it_says_is_refused_with_its_line(
    tmp_path: Path, policy: str, where: str, what: str, remedy: str
) -> None:
    with pytest.raises(WorkspaceError) as caught:
        load(workspace(tmp_path, policy))

    assert len(caught.value.problems) == 1
    problem = caught.value.problems[0]
    assert where in problem.where
    assert what in problem.what
    assert remedy in problem.remedy


def test_without_checks_of_its_own_a_policy_has_the_default_ones(tmp_path: Path) -> None:
    found = load(workspace(tmp_path, "version: 3\njourneys: {cart: {lift: {threshold: 0.01}}}\n")).policy

    assert found.checks == default_checks()
    assert {check.id: check.threshold for check in found.checks_for("cart")}["lift"] == 0.01
