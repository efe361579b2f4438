"""The basket and who stays beside the lift, and the way between the pages."""

from pathlib import Path

from tests.ui.conftest import Open, markup, words
from tests.ui.growing import NAME, category, curve, followed, rest, sku, write
from tests.ui.retailer import Made, row

MONEY = {
    "experiment": NAME, "metric": "revenue", "variant": "personalised", "control": "holdout",
    "kind": "revenue", "period": "2026Q3", "n_control": 10_000, "n_variant": 40_000, "status": "ok",
    "incremental_total": 69_200.0, "incremental_low": 36_000.0, "incremental_high": 102_000.0,
    "per_unit": 1.73, "per_unit_low": 0.9, "per_unit_high": 2.56, "quarter_units": 50_000,
    "quarter_basis": "personalised", "quarter_total": 87_000.0, "quarter_low": 45_000.0,
    "quarter_high": 128_000.0, "half_low": 65_750.0, "half_high": 107_250.0, "units_for_half": 150_000,
}  # fmt: skip
MADE = Made(rows=[row()], definition={"metrics": ["revenue", "churn"]})


def written(folder: Path) -> Path:
    return write(
        folder, MADE,
        sku_lift=[sku("S1", 0.5, 0.01), sku("S2"), rest()],
        category_lift=[category("tea", 0.5), category("*all*", 0.5)],
        survival_effects=[followed()],
        survival=[*curve(), *curve(arm="personalised", loss=0.003)],
        money=[MONEY],
    )  # fmt: skip


def test_an_experiment_tells_both_halves_and_leads_to_their_pages(tmp_path: Path, open_app: Open) -> None:
    app = open_app(written(tmp_path), "experiment", experiment=NAME)
    said, sent = words(app), markup(app)

    assert "1 of 2 tested SKUs sells more" in said
    assert "About 800 more (400 to 1,200) of the 40,000 customers" in said
    assert "It earns revenue: +€1.73 per customer (+€0.90 to +€2.56)" in said
    assert "Half the interval would say +€65,750 to +€107,250" in said
    assert "./sku-lift?test=Cart+recovery+2026q3&amp;variant=personalised" in sent
    assert "./churn?test=Cart+recovery+2026q3&amp;variant=personalised&amp;metric=Churn" in sent


def test_the_list_of_journeys_has_both_halves_of_every_journey(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(written(tmp_path), "journeys"))

    assert "Money, basket and who stays" in said
    assert "+€87k revenue, +€45k to +€128k" in said
    assert "1 of 2" in said
    assert "−2.00 pp ▲ better −3.00 pp to −1.00 pp" in said


def test_a_withheld_experiment_tells_neither_half(tmp_path: Path, open_app: Open) -> None:
    failed = Made(code="withheld", rows=[row()], definition={"metrics": ["revenue", "churn"]})
    folder = write(tmp_path, failed, survival_effects=[followed()], money=[MONEY])

    assert "What it is worth" not in words(open_app(folder, "experiment", experiment=NAME))
    assert "Money, basket and who stays" not in words(open_app(folder, "journeys"))


def test_without_money_there_is_no_evidence_rather_than_nothing_earned(
    tmp_path: Path, open_app: Open
) -> None:
    said = words(open_app(write(tmp_path, MADE, survival_effects=[followed()]), "journeys"))

    assert "◌ no evidence" in said.split("Money, basket and who stays")[1].split("What to do next")[0]
