"""Several variants are told in one sentence, and compared no further than they were tested."""

from datetime import date

from reports.assembly import experiments
from reports.wording.variants import result
from reports.wording.verdicts import Said
from tests.ui.retailer import Made, check, hidden, row, snapshot

MENS, WOMENS = "mens_email", "womens_email"


def said(*rows: dict[str, object], codes: tuple[str, str] = ("better", "better"), **other: object) -> Said:
    made = Made(
        rows=rows, variants=(MENS, WOMENS), codes=dict(zip((MENS, WOMENS), codes, strict=True)), **other
    )
    found = experiments(snapshot(made))[made.experiment]
    return result(found, currency="USD", minimum_people=50, as_of=date(2026, 10, 30))


def test_two_gains_recommend_the_larger_without_calling_it_the_better() -> None:
    found = said(row(lift=1.2, half_width=0.6, variant=MENS), row(lift=0.65, half_width=0.5, variant=WOMENS))
    assert found.mark.word == "better"
    assert found.lead == (
        "Both variants work: revenue per customer is 120\u00a0% higher with mens email and 65\u00a0% higher "
        "with womens email than with holdout."
    )
    assert found.more == (
        "95\u00a0% intervals: mens email +60\u00a0% to +180\u00a0% and womens email +15\u00a0% to "
        "+115\u00a0%."
    )
    assert found.advice == (
        "Roll out mens email, whose estimate is the largest. The variants were not tested against each "
        "other, and their intervals overlap: test them against each other if the choice matters."
    )


def test_intervals_apart_are_called_a_clear_lead() -> None:
    found = said(row(lift=0.3, variant=MENS), row(lift=0.1, variant=WOMENS))
    assert found.advice.endswith("though their intervals do not overlap: a clear lead.")


def test_a_gain_beside_nothing_clear_is_mixed() -> None:
    found = said(row(variant=MENS), row(lift=0.0, variant=WOMENS), codes=("better", "no_clear_effect"))
    assert found.mark.word == "mixed"
    assert found.lead == (
        "Mens email works (+4.2\u00a0%) and womens email shows no clear effect (−2.0\u00a0% to +2.0\u00a0%), "
        "against holdout in revenue per customer."
    )
    assert found.advice.startswith("Roll out mens email further")


def test_two_losses_and_two_open_results_are_told_together() -> None:
    lost = said(row(lift=-0.1, variant=MENS), row(lift=-0.2, variant=WOMENS), codes=("worse", "worse"))
    assert lost.lead.startswith("Both variants do harm: revenue per customer is 10.0\u00a0% lower with mens")
    rows = row(lift=0.01, variant=MENS), row(lift=0.02, half_width=0.03, variant=WOMENS)
    open_ = said(*rows, codes=("too_early", "too_early"), ended=False)
    assert open_.lead.startswith(
        "Too early to say for both variants: revenue per customer may be anything from"
    )
    assert "works" not in open_.lead
    assert open_.more == (
        "95\u00a0% intervals, valid at every look; estimates: mens email +1.0\u00a0% and womens email "
        "+2.0\u00a0%."
    )


def test_a_failed_check_withholds_all_variants_alike() -> None:
    found = said(
        row(variant=MENS), row(variant=WOMENS), codes=("withheld", "withheld"),
        checks=[check("sample_ratio", "fail")],
    )  # fmt: skip
    assert found.lead.startswith("Do not read these figures")


def test_a_hidden_variant_is_told_apart() -> None:
    found = said(row(variant=MENS), hidden(variant=WOMENS), codes=("better", "suppressed"))
    assert found.lead.startswith("Mens email: It works")
    assert "Womens email: Too few people to show" in found.lead


def test_variants_without_any_figures_say_it_once() -> None:
    found = said(codes=("no_evidence", "no_evidence"))
    assert found.lead == "No evidence yet: there is no result for revenue per customer."
