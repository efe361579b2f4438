import pytest

from metrics.catalogue import FIGURES
from policy.figures import GATE_FIGURES, fault
from policy.model import Policy, default_checks
from tests.policy.judging import check


@pytest.mark.parametrize("key", GATE_FIGURES)
def test_every_figure_is_defined_and_says_why_it_is_asked(key: str) -> None:
    figure = GATE_FIGURES[key]

    assert figure.definition.key in FIGURES
    assert figure.explanation.endswith(".")
    assert figure.remedy.endswith(".")
    assert figure.explanation.count(". ") == 0


@pytest.mark.parametrize("asked", default_checks(), ids=lambda asked: asked.id)
def test_the_default_checks_can_be_evaluated(asked: object) -> None:
    assert fault(asked) is None


@pytest.mark.parametrize(
    ("given", "key", "what", "remedy"),
    [
        ({"figure": "consent_covrage"}, "figure", "Unknown figure 'consent_covrage'", "'consent_coverage'"),
        ({"threshold": 60}, "threshold", "share between 0 and 1: 60 is not possible", "60 % is written 0.6"),
        ({"threshold": -0.1}, "threshold", "-0.1 is not possible", "Correct"),
        ({"threshold": float("nan")}, "threshold", "nan is not possible", "Correct"),
        (
            {"figure": "dsr_overdue", "op": "<=", "threshold": float("inf")},
            "threshold",
            "inf is not",
            "Correct",
        ),
        ({"figure": "minimum_people", "threshold": 50, "min_n": 1}, "min_n", "could never pass", "out"),
        ({"figure": "minimum_people", "threshold": 50, "max_age_days": 7}, "max_age_days", "no age", "out"),
        ({"figure": "consent_known", "op": "==", "threshold": True, "min_n": 1}, "min_n", "no number", "out"),
        ({"threshold": True}, "threshold", "a number", "Write a number"),
        ({"figure": "dpia", "threshold": 1.0}, "threshold", "yes or no", "true or false"),
        ({"figure": "dpia", "threshold": True}, "op", "yes or no", '"=="'),
        ({"bound": "upper"}, "bound", "no upper limit", "bound: lower"),
        ({"figure": "dsr_overdue", "bound": "lower", "threshold": 0}, "bound", "no lower", "estimate"),
        ({"op": ">", "threshold": 1.0}, "op", "can never be > 1", ">="),
        ({"figure": "dsr_overdue", "op": "<", "threshold": 0}, "op", "can never be < 0", "<="),
        ({"figure": "minimum_people", "threshold": 5}, "threshold", "at least 10: 5 is not", "Correct"),
    ],
)
def test_a_check_that_could_never_be_evaluated_as_meant_is_a_fault(
    given: dict[str, object], key: str, what: str, remedy: str
) -> None:
    found = fault(check(**{"id": "c", **given}))

    assert found is not None
    assert found.key == key
    assert what in found.what
    assert remedy in found.remedy


def test_what_a_journey_sets_differently_replaces_only_that() -> None:
    policy = Policy.model_validate(
        {
            "checks": [{"id": "c", "figure": "consent_coverage", "op": ">=", "threshold": 0.6, "min_n": 10}],
            "journeys": {"home": {"c": {"threshold": 0.7}}},
        }
    )

    assert [(c.threshold, c.min_n) for c in policy.checks_for("home")] == [(0.7, 10)]
    assert [c.threshold for c in policy.checks_for("cart")] == [0.6]


def test_a_policy_without_checks_has_the_default_ones_and_an_empty_list_is_refused() -> None:
    assert Policy().checks == default_checks()
    with pytest.raises(ValueError, match="would open every gate"):
        Policy.model_validate({"checks": []})


def test_a_policy_survives_being_stored() -> None:
    assert Policy.model_validate(Policy(version=3).model_dump(mode="json")) == Policy(version=3)


@pytest.mark.parametrize("days", [0, -1, 3_661, float("inf"), float("nan")])
def test_no_check_can_take_data_of_any_age_for_new(days: float) -> None:
    with pytest.raises(ValueError, match="max_age_days"):
        check(max_age_days=days)
