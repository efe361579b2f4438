"""Each state of the figures has words of its own, on the page where a reader meets it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import markup, words
from tests.ui.retailer import Made, check, hidden, row, segment, write
from ui.site import BY_PATH

Open = Callable[..., AppTest]
NAME = "cart-recovery-2026q3"


def test_a_gain_is_told_with_interval_people_and_next_step(tmp_path: Path, open_app: Open) -> None:
    write(
        tmp_path,
        [Made(rows=[row(lift=0.042, half_width=0.023)])],
        journeys={"cart_recovery": "Cart recovery"},
    )
    said = words(open_app(tmp_path, "journeys"))
    assert "It works: revenue per customer is 4.2 % higher with personalised than with holdout." in said
    assert "+1.9 % to +6.5 %" in said
    assert "118,402" in said
    assert "▲ better Not yet: its gate is blocked." in said
    assert "● passed" in said
    assert said.count("◌ no evidence") == 3


def test_no_workspace_says_what_to_run(
    tmp_path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no workspace in" in words(open_app(tmp_path / "nowhere"))
    demo = tmp_path / "demo-workspace"
    said = words(open_app(demo))
    assert "The demo retailer has not been made yet." in said
    assert "make run" in said


@pytest.mark.parametrize("page", list(BY_PATH))
def test_before_the_first_refresh_every_page_says_so(page: str, tmp_path: Path, open_app: Open) -> None:
    (tmp_path / "workspace.yaml").write_text("name: New\n", encoding="utf-8")
    said = words(open_app(tmp_path, page))
    assert "There are no figures yet: no refresh has been completed." in said
    assert f"python -m jobs refresh {tmp_path}" in said
    assert not (tmp_path / "liftgate.db").exists()


def test_a_store_that_cannot_be_read_says_why(tmp_path: Path, open_app: Open) -> None:
    (tmp_path / "workspace.yaml").write_text("name: New\n", encoding="utf-8")
    (tmp_path / "liftgate.db").write_bytes(b"this is no database" * 100)
    assert "The figures cannot be read" in words(open_app(tmp_path))
    (tmp_path / "workspace.yaml").write_text("name: [\n", encoding="utf-8")
    assert "The figures cannot be read" in words(open_app(tmp_path))


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("", "There is nothing to judge yet: no journey is configured. Name the journeys in journeys.yaml"),
        ("journeys", "There are no journeys yet. Name them in journeys.yaml, then refresh."),
        ("experiments", "There are no experiments here yet."),
        ("experiment", "No experiment was named."),
        ("status", "The last refresh completed"),
        ("methods", "An effect compares what chance assigned"),
    ],
)
def test_an_empty_workspace_has_words_on_every_page(
    page: str, expected: str, tmp_path: Path, open_app: Open
) -> None:
    write(tmp_path)
    assert expected in words(open_app(tmp_path, page))


def test_a_journey_nobody_tested_is_no_evidence(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, journeys={"cart": "Cart recovery", "home": "Homepage"})
    said = words(open_app(tmp_path, "journeys"))
    assert "None of 2 journeys shows a clear gain" in said
    assert "no experiment has started" in said
    assert "Start an experiment" in said


def test_old_data_say_so_on_every_page(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Made(rows=[row()])], as_of=datetime(2026, 1, 1, tzinfo=UTC))
    for page in ("", "experiments", "status", "methods"):
        assert re.search(r"▲ the data end \d+ days ago", words(open_app(tmp_path, page)))


def test_a_failed_refresh_says_so_and_shows_the_run_before(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Made(rows=[row()])], fail="order_lines.parquet is missing")
    for page in ("", "experiments"):
        said = words(open_app(tmp_path, page))
        assert "■ Last refresh failed." in said
        assert "(order_lines.parquet is missing)" in said
        assert "from run 1 before it" in said
    status = words(open_app(tmp_path, "status"))
    assert "The last refresh did not complete; run 1 before it is shown." in status
    assert "■ failed" in status


def test_hidden_cells_show_their_keys_and_no_figure(tmp_path: Path, open_app: Open) -> None:
    rows = [
        row(),
        hidden("orders"),
        segment("country", "IE", 0.05),
        hidden(segment_dimension="country", segment="MT"),
    ]
    write(tmp_path, [Made(rows=rows, exclusions={"consent": (4_000, 16_000), "child": (None, None)})])
    said = words(open_app(tmp_path, "experiment", experiment=NAME))
    assert "Orders per customer – – – – – ◌ too few people" in said
    assert "1 more MT – – – ◌ too few people" in said
    assert "Other reasons below the age of digital consent hidden hidden" in said
    assert "At least 20,000 customers" in said


def test_too_few_people_for_the_primary_metric(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Made(code="suppressed", rows=[hidden()])])
    said = words(open_app(tmp_path, "experiment", experiment=NAME))
    assert "Too few people to show: an arm has fewer than 50." in said
    assert "How many customers count is hidden or not known." in said


def test_an_under_powered_test_says_what_it_would_take(tmp_path: Path, open_app: Open) -> None:
    write(
        tmp_path,
        [Made(code="too_early", ended=False, needed_more=93_758, rows=[row(half_width=0.1)], days=40)],
    )
    said = words(open_app(tmp_path, "experiment", experiment=NAME))
    assert "Every check Too early to say: so far" in said
    assert "takes about 94,000 more customers" in said
    assert "needs about 94,000 more customers" in words(open_app(tmp_path, "journeys"))


def test_a_failed_check_stands_above_the_numbers_and_withholds_them(tmp_path: Path, open_app: Open) -> None:
    bad = check("sample_ratio", "fail", "The arms are not split as intended: 23,716 in holdout (20,000 due).")
    write(tmp_path, [Made(code="withheld", rows=[row()], checks=[bad, check("consent")])])
    said = words(open_app(tmp_path, "experiment", experiment=NAME))
    assert said.index("■ Do not read these figures: the check “Sample ratio” failed.") < said.index(
        "Every metric"
    )
    assert "23,716 in holdout (20,000 due)" in said
    assert "It works" not in said
    assert "▲ better" not in said
    for page in ("", "experiments"):
        listed = words(open_app(tmp_path, page))
        assert "■ withheld" in listed
        assert "+4.2 %" not in listed


def test_a_warning_asks_for_care(tmp_path: Path, open_app: Open) -> None:
    write(
        tmp_path, [Made(rows=[row()], checks=[check("missing_days", "warn", "6 of 282 days have no rows.")])]
    )
    said = words(open_app(tmp_path, "experiment", experiment=NAME))
    assert "▲ Read with care: missing days. 6 of 282 days have no rows." in said


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("not_worse", "● not worse"),
        ("possibly_worse", "◆ possibly worse"),
        ("worse", "▼ worse"),
        ("not_enough_data", "◌ not enough data"),
    ],
)
def test_a_guardrail_has_four_states(state: str, shown: str, tmp_path: Path, open_app: Open) -> None:
    rails = {"returns": {"harm_if": "higher", "margin": 0.002}}
    rows = [row(), row("returns", 0.01, 0.05, guardrail_state=state, margin=0.002)]
    write(tmp_path, [Made(rows=rows, definition={"guardrails": rails})])
    page = open_app(tmp_path, "experiment", experiment=NAME)
    assert "guardrail: harm above +0.20 pp" in words(page)
    assert shown in words(page)
    assert "lg-margin" in markup(page)


def test_several_variants_stand_beside_each_other(tmp_path: Path, open_app: Open) -> None:
    rows = [row(variant="short"), row(lift=0.01, variant="long")]
    write(tmp_path, [Made(rows=rows, variants=("short", "long"), codes={"long": "no_clear_effect"})])
    page = open_app(tmp_path, "experiment", experiment=NAME)
    assert "The variants side by side" in words(page)
    assert "Short works (+4.2 %) and long shows no clear effect" in words(page)
    page.selectbox(key="variant").select("long").run()
    assert "long against holdout" in words(page)


@pytest.mark.parametrize("many", [1, 40])
def test_one_journey_and_forty_are_both_told(many: int, tmp_path: Path, open_app: Open) -> None:
    made = [Made(experiment=f"test-{i:02}", journey=f"journey_{i:02}", rows=[row()]) for i in range(many)]
    write(tmp_path, made)
    page = open_app(tmp_path, "journeys")
    assert markup(page).count('<tr role="row"') == many + 1
    assert len(page.selectbox) == (1 if many > 1 else 0)
    if many > 1:
        assert "40 of 40 journeys show a clear gain" in words(page)
        assert "and 35 more: see the table." in words(page)


def test_long_names_and_markup_in_names_are_shown_as_they_are(tmp_path: Path, open_app: Open) -> None:
    long = "Personalised recommendations after purchase for customers who came back, " * 4
    evil = '<img src=x onerror="alert(1)"> & <b>'
    rows = [row(), segment("country", "<script>alert(1)</script>", 0.05)]
    write(
        tmp_path,
        [Made(rows=rows, definition={"name": f"{long}{evil}"})],
        journeys={"cart_recovery": long},
        quarantine=[{"table": "order_lines", "rule": "<i>rule</i>", "rows": 3, "example": "f.csv, row 7"}],
    )
    for page in ("", "experiments", "experiment", "status"):
        sent = markup(open_app(tmp_path, page, experiment=NAME))
        assert "<img src=x" not in sent
        assert "<script>" not in sent
        assert "<i>rule" not in sent
    assert evil in words(open_app(tmp_path, "experiments")) or "onerror" in words(
        open_app(tmp_path, "experiments")
    )


def test_an_unknown_experiment_is_named(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Made(rows=[row()])])
    assert "There is no experiment '<x>' in this run." in words(
        open_app(tmp_path, "experiment", experiment="<x>")
    )


def test_rows_set_aside_show_keys_only(tmp_path: Path, open_app: Open) -> None:
    example = "orders-2026-09.csv, row 1204, column sku"
    aside = [{"table": "order_lines", "rule": "sku_known", "rows": 1_204, "example": example}]
    write(tmp_path, [Made(rows=[row()])], quarantine=aside)
    said = words(open_app(tmp_path, "status"))
    assert "1,204 rows were set aside; 1 rule was broken." in said
    assert f"order_lines sku_known 1,204 {example}" in said


def test_methods_show_the_figures_that_hold_every_word(tmp_path: Path, open_app: Open) -> None:
    write(tmp_path, [Made(rows=[row(), row("conversion")])])
    found, none = open_app(tmp_path, "methods", find="LIFT lower"), open_app(tmp_path, "methods", find="zzz")

    assert "relative_low" in words(found)
    assert "excess_load" not in words(found)
    assert "Health checks" not in words(found)
    assert "No figure or check holds 'zzz'." in words(none)


def test_methods_define_every_figure_and_this_retailers_metrics(tmp_path: Path, open_app: Open) -> None:
    from metrics.catalogue import FIGURES

    write(tmp_path, [Made(rows=[row(), row("conversion")])])
    said = words(open_app(tmp_path, "methods"))
    for figure in FIGURES.values():
        assert re.sub(r"\s+", " ", figure.definition) in said
    assert (
        "Sum of revenue in order_lines, within 28 days of assignment, capped at the 99.9 % quantile" in said
    )
