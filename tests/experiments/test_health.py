from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from experiments.health import (
    HealthCheck,
    crossover_share,
    id_match,
    missing_days,
    placebo_calibration,
    pre_period_balance,
    quarantine_share,
    sample_ratio,
    share_balance,
)

NONE = float("nan")


@pytest.mark.parametrize(
    ("counts", "allocation", "p", "status"),
    [
        ([5000, 5000], [0.5, 0.5], 1.0, "pass"),
        ([5123, 4877], [0.5, 0.5], 0.013893701577248655, "pass"),
        ([9500, 500], [0.95, 0.05], 1.0, "pass"),
        ([94810, 5190], [0.95, 0.05], 0.005836830082645422, "warn"),
        ([8200, 8350, 8150], [1, 1, 1], 0.2682624534699609, "pass"),
        ([10, 0], [0.5, 0.5], 0.001565402258002549, "warn"),
        ([1979, 2021], [1, 1], 0.5066401924693249, "pass"),
        ([5200, 4800], [0.5, 0.5], stats.chisquare([5200, 4800]).pvalue, "fail"),
    ],
)
def test_sample_ratio_reference(counts: list[int], allocation: list[float], p: float, status: str) -> None:
    check = sample_ratio(counts, allocation)
    assert check.check == "sample_ratio"
    assert check.p_value == pytest.approx(p, rel=1e-9)
    assert check.status == status


def test_an_arm_meant_to_be_empty_counts_for_no_degree_of_freedom() -> None:
    with_empty = sample_ratio({"a": 5123, "b": 4877, "c": 0}, {"a": 1, "b": 1, "c": 0})
    assert with_empty.p_value == sample_ratio({"a": 5123, "b": 4877}, {"a": 1, "b": 1}).p_value


@pytest.mark.parametrize(
    ("counts", "allocation", "status", "words"),
    [
        ({"a": 10, "b": 10}, None, "unknown", "states no allocation"),
        ({"a": 10, "b": 10, "c": 3}, {"a": 1, "b": 1}, "fail", "c should hold nobody, but holds 3"),
        ({"a": 10, "b": 1}, {"a": 1, "b": 0}, "fail", "b should hold nobody"),
        ({"a": 0, "b": 0}, {"a": 1, "b": 1}, "unknown", "two arms with a share"),
        ({"a": 10}, {"a": 1}, "unknown", "two arms with a share"),
        ({"a": 5000}, {"a": 1, "b": 1}, "fail", "0 in b (2,500 due)"),
        ({"a": 2000, "b": 8000}, {"a": 0.2, "b": 0.8}, "pass", "as intended: 2,000 in a (2,000 due)"),
    ],
)
def test_sample_ratio_says_what_is_wrong(
    counts: dict[str, float], allocation: dict[str, float] | None, status: str, words: str
) -> None:
    check = sample_ratio(counts, allocation, people="households")
    assert check.status == status
    assert words in check.note


def test_share_balance_is_the_chi_square_of_homogeneity() -> None:
    lost, total = np.array([120, 90, 100]), np.array([1000, 900, 1500])
    check = share_balance("exclusion_balance", lost, total)
    table = np.array([lost, total - lost])
    theirs = stats.chi2_contingency(table, correction=False)
    assert check.statistic == pytest.approx(theirs.statistic, rel=1e-12)
    assert check.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert check.status == "fail"
    assert "12.00 % of arm 1, 10.00 % of arm 2, 6.67 % of arm 3 were excluded" in check.note
    assert "exclusions.csv" in check.note


@pytest.mark.parametrize(
    ("check", "lost", "total", "worst", "status"),
    [
        ("withdrawal_balance", [200, 50], [1000, 1000], "warn", "warn"),
        ("withdrawal_balance", [200, 50], [1000, 1000], "fail", "fail"),
        ("erasure_balance", [10, 12], [1000, 1000], "warn", "pass"),
        ("missing_outcome_balance", [100, 140], [1000, 1000], "fail", "warn"),
        ("missing_outcome_balance", [0, 0], [1000, 1000], "fail", "pass"),
        ("missing_outcome_balance", [9, 7], [9, 7], "fail", "pass"),
        ("missing_outcome_balance", [0, 3], [0, 1000], "fail", "unknown"),
        ("late_balance", [10, 12], [1000, 1000], "fail", "pass"),
    ],
)
def test_share_balance_judges(check: str, lost: list[int], total: list[int], worst: str, status: str) -> None:
    found = share_balance(check, lost, total, worst)
    assert (found.check, found.status) == (check, status)


@pytest.mark.parametrize(
    ("p_values", "p", "status", "words"),
    [
        ({"orders": 0.02, "revenue": 0.5}, 0.04, "pass", "each of 2 comparisons"),
        ({"orders": 0.002, "revenue": 0.5, "age": NONE}, 0.004, "warn", "most in orders"),
        ([0.5, 0.0001], 0.0002, "fail", "most in comparison 2"),
        ([0.7, 0.9], 1.0, "pass", "alike"),
    ],
)
def test_pre_period_balance(p_values: dict[str, float], p: float, status: str, words: str) -> None:
    check = pre_period_balance(p_values)
    assert check.p_value == pytest.approx(p)
    assert check.status == status
    assert words in check.note


def test_no_covariate_is_no_evidence_of_balance() -> None:
    for nothing in ([], {}, [NONE]):
        assert pre_period_balance(nothing).status == "unknown"


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (crossover_share(9, 1000), "pass"),
        (crossover_share(10, 1000), "warn"),
        (crossover_share(100, 1000), "fail"),
        (crossover_share(0, 0), "unknown"),
        (quarantine_share(9, 1000), "pass"),
        (quarantine_share(10, 1000), "warn"),
        (quarantine_share(50, 1000), "fail"),
        (quarantine_share(0, 0), "unknown"),
        (id_match({"order_lines": (9, 1000)}, erasure=False), "warn"),
        (id_match({"order_lines": (9, 1000), "assignments": (1, 2000)}, erasure=True), "fail"),
        (id_match({"order_lines": (10, 1000), "assignments": (1, 2000)}, erasure=False), "fail"),
    ],
)
def test_shares_state_both_counts(check: HealthCheck, status: str) -> None:
    assert check.status == status
    assert "of 1,000" in check.note or status == "unknown"


def days(count: int) -> list[date]:
    return [date(2026, 7, 1) + timedelta(days=offset) for offset in range(count)]


def test_missing_days_are_named() -> None:
    expected = days(30)
    complete = missing_days(expected, expected)
    assert (complete.status, complete.statistic) == ("pass", 0.0)
    gap = missing_days([day for day in expected if day.day not in {5, 6, 7, 8}], expected)
    assert (gap.status, gap.statistic) == ("warn", 4.0)
    assert "4 of 30 days have no rows (2026-07-05, 2026-07-06, 2026-07-07, …)" in gap.note


def test_a_weekday_without_business_is_no_gap() -> None:
    expected = days(30)
    closed_on_sunday = missing_days([day for day in expected if day.weekday() != 6], expected)
    assert closed_on_sunday.status == "pass"
    one_sunday = missing_days([day for day in expected if day != date(2026, 7, 5)], expected)
    assert one_sunday.status == "warn"


def test_no_rows_at_all_are_no_closing_days() -> None:
    assert missing_days([], days(30)).statistic == 30
    assert missing_days([], []).status == "unknown"


def revenue(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    before = np.where(rng.random(n) < 0.2, rng.lognormal(3, 1, n), 0)
    return np.where(rng.random(n) < 0.2, rng.lognormal(3, 1, n), 0) + 0.3 * before, before


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("allocation", [{"holdout": 0.2, "personalised": 0.8}, [1, 1, 1]])
def test_the_placebo_passes_on_ordinary_revenue(adjusted: bool, allocation: dict[str, float]) -> None:
    outcome, before = revenue(5000, 1)
    check = placebo_calibration(outcome, before if adjusted else None, allocation)
    assert check.status == "pass"
    assert check.statistic == pytest.approx(0.05, abs=0.03)
    assert check == placebo_calibration(outcome, before if adjusted else None, allocation)


def test_the_placebo_fails_where_a_few_customers_decide() -> None:
    outcome = np.zeros(400)
    outcome[:32] = 1
    check = placebo_calibration(outcome, None, {"holdout": 0.05, "personalised": 0.95})
    assert check.status == "fail"
    assert check.statistic is not None
    assert check.statistic > 0.1
    assert "cap_quantile" in check.note


def test_the_placebo_warns_where_the_test_never_fires() -> None:
    outcome = np.zeros(2000)
    outcome[0] = 1e6
    assert placebo_calibration(outcome, None, [1, 1]).status == "warn"


@pytest.mark.parametrize(
    ("outcome", "allocation"),
    [(np.zeros(100), [1, 1]), ([], [1, 1]), ([5.0], [1, 1]), (np.arange(9), [1]), (np.arange(9), None)],
)
def test_the_placebo_needs_outcomes_that_vary_and_two_arms(outcome: object, allocation: object) -> None:
    assert placebo_calibration(outcome, None, allocation).status == "unknown"


def test_notes_are_sentences() -> None:
    outcome, _ = revenue(2000, 2)
    checks = [
        sample_ratio([5200, 4800], [1, 1]),
        sample_ratio([1, 1], None),
        share_balance("withdrawal_balance", [200, 50], [1000, 1000], "warn"),
        pre_period_balance([0.00001]),
        crossover_share(500, 1000),
        quarantine_share(500, 1000),
        missing_days([], days(3)),
        id_match({"consent_events": (10_000_000, 20_000_000)}, erasure=True),
        placebo_calibration(outcome, None, [1, 1], resplits=100),
    ]
    for check in checks:
        assert check.note[-1] == "."
        assert len(check.note) < 330
