"""Who counts, and who does not, is told with its number or not at all."""

from reports.assembly import experiments
from reports.results import Experiment
from reports.wording import people
from tests.ui.retailer import Made, check, hidden, row, snapshot


def one(made: Made) -> Experiment:
    return experiments(snapshot(made))[made.experiment]


def test_everybody_who_counts_is_told_by_arm() -> None:
    found = one(Made(rows=[row(n=(2_925, 11_465))]))
    assert people.population(found) == "14,390 customers: 2,925 holdout and 11,465 personalised."


def test_a_hidden_arm_hides_the_sum() -> None:
    found = one(Made(rows=[hidden()]))
    assert people.total(found) is None
    assert people.population(found) == "How many customers count is hidden or not known."


def test_most_are_left_out_for_a_named_reason() -> None:
    found = one(Made(rows=[row(n=(100, 300))], exclusions={"consent": (20, 60), "child": (5, 15)}))
    assert people.exclusions(found) == (
        "100 customers (20.0\u00a0% of those assigned) do not count, mostly: no valid consent."
    )


def test_a_hidden_cell_makes_the_sum_a_lower_limit() -> None:
    found = one(Made(rows=[row(n=(100, 300))], exclusions={"consent": (100, None)}))
    assert people.exclusions(found).startswith("At least 100 customers")


def test_nobody_left_out_is_said_and_unknown_ages_are_not_left_out() -> None:
    found = one(Made(rows=[row()], exclusions={"consent": (0, 0), "age_unknown_included": (50, 60)}))
    assert people.exclusions(found) == "Nobody was left out: all customers that were assigned count."
    assert [dict(arm.left_out) for arm in people.arms(found)] == [
        {"age_unknown_included": 50},
        {"age_unknown_included": 60},
    ]


def test_all_hidden_says_so_and_no_assignments_says_so() -> None:
    assert "how many is hidden" in people.exclusions(
        one(Made(rows=[row()], exclusions={"child": (None, None)}))
    )
    assert "came without assignments" in people.exclusions(one(Made(rows=[row()])))


def test_the_basis_names_consent_only_where_it_was_checked() -> None:
    assert people.basis(one(Made())) == "Only those who consented to 2 purposes when they were assigned."
    unknown = [check("consent", "unknown")]
    assert people.basis(one(Made(checks=unknown))) == "Consent could not be checked."
    legitimate = {"lawful_basis": "legitimate_interests"}
    assert people.basis(one(Made(definition=legitimate))) == "Basis: legitimate interests."
    assert "could not be checked" in people.basis(one(Made(definition=legitimate, checks=unknown)))
