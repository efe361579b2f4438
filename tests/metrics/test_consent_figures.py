import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from metrics.consent_figures import (
    Z_95,
    Events,
    design_effect,
    joint_figures,
    purpose_figures,
    wilson_low,
)

Cluster = tuple[int, int]


def events(clusters: Sequence[Cluster], strangers: int = 0, **counts: int) -> Events:
    """Events and covered events per customer, and events of unknown visitors."""
    n, x = (np.array([cluster[i] for cluster in clusters], dtype=int) for i in (0, 1))
    return Events(
        people=len(clusters),
        strangers=strangers,
        events=int(n.sum()) + strangers,
        covered=int(x.sum()),
        nn=int(n @ n) + strangers,
        nc=int(n @ x),
        cc=int(x @ x),
    )._replace(**counts)


@pytest.mark.parametrize(
    ("hits", "tries", "low"),
    [(96, 100, 0.9138), (960, 1000, 0.9485), (9600, 10000, 0.9567), (20, 20, 0.8808)],
)
def test_the_worked_lower_limits(hits: int, tries: int, low: float) -> None:
    assert wilson_low(hits / tries, tries) == pytest.approx(low, abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_the_lower_limit_is_wilson_s(tries: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, tries))
    expected, _ = proportion_confint(hits, tries, alpha=0.1, method="wilson")

    assert pytest.approx(norm.ppf(0.95)) == Z_95
    assert wilson_low(hits / tries, tries) == pytest.approx(expected, abs=1e-12)


def test_customers_with_one_event_each_have_hardly_a_design_effect() -> None:
    counted = events([(1, 1)] * 60 + [(1, 0)] * 40)

    assert design_effect(counted) == pytest.approx(100 / 99)


def test_customers_who_are_entirely_alike_count_once_each() -> None:
    """Ten events each, all covered or none: as good as one event per customer."""
    counted = events([(10, 10)] * 60 + [(10, 0)] * 40)

    assert design_effect(counted) == pytest.approx(10 * 100 / 99)


@pytest.mark.parametrize("clusters", [[(10, 10)] * 30, [(10, 0)] * 30, [(10, 4)]])
def test_without_variation_customers_count_as_entirely_alike(clusters: list[Cluster]) -> None:
    assert design_effect(events(clusters)) == pytest.approx(10)


def test_clustering_never_adds_precision() -> None:
    """Every customer is covered at exactly half of the events."""
    assert design_effect(events([(10, 5)] * 50)) == 1


@given(st.lists(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=2),
       st.integers(0, 20))  # fmt: skip
def test_the_design_effect_is_that_of_a_ratio_of_sums(clusters: list[Cluster], strangers: int) -> None:
    counted = events(clusters, strangers)
    all_of_them = np.array([*clusters, *[(1, 0)] * strangers])
    n, x = all_of_them[:, 0], all_of_them[:, 1]
    share = x.sum() / n.sum()
    if 0 < share < 1:
        residuals = x - share * n
        variance = len(n) / (len(n) - 1) * (residuals @ residuals) / n.sum() ** 2
        expected = max(1.0, variance / (share * (1 - share) / n.sum()))
        assert design_effect(counted) == pytest.approx(expected)


def test_the_limit_holds_for_clustered_customers() -> None:
    """Customers differ in consent and in number of visits; the limit lies below the truth 95 times in 100."""
    rng, held = np.random.default_rng(3), 0
    for _ in range(400):
        visits = rng.geometric(0.2, 300)
        consents = rng.random(300) < 0.7
        covered = np.where(consents, rng.binomial(visits, 0.95), 0)
        figures = joint_figures(events(list(zip(visits, covered, strict=True))))
        held += figures["coverage_low"] <= 0.7 * 0.95
    assert 0.92 <= held / 400 <= 0.98


def test_figures_of_a_joint_row() -> None:
    counted = events([(4, 2), (6, 6)], personalised=7, lawful=5, server=9, one_source=2)
    figures = joint_figures(counted)

    assert (figures["eligible"], figures["granted"], figures["coverage"]) == (10, 8, 0.8)
    assert (figures["leakage_events"], figures["server_share"], figures["one_source_share"]) == (2, 0.9, 0.25)
    assert 0 < figures["coverage_low"] < 0.8


def test_nothing_covered_is_zero_and_has_no_source() -> None:
    figures = joint_figures(events([(4, 0)], strangers=3))

    assert (figures["coverage"], figures["coverage_low"], figures["one_source_share"]) == (0, 0, None)


def test_no_event_is_no_evidence() -> None:
    assert joint_figures(Events()) == {"status": "no_evidence", "note": "no event in the period"}


def test_jurisdictions_add_up() -> None:
    one, other = [(4, 2), (6, 6)], [(3, 0), (1, 1), (5, 4)]

    assert events(one, 2).plus(events(other, 5)) == events([*one, *other], 7)


def test_rates_of_a_published_glossary() -> None:
    """100 notices, 70 choices, 49 in, 21 out: consent rate 70 %, opt-in rate 49 %, decided 70 %."""
    figures = purpose_figures(100, {"granted": 49, "refused": 21})

    assert figures["undecided"] == 30
    assert [figures[name] for name in ("consent_rate", "opt_in_rate", "decided_share")] == [0.7, 0.49, 0.7]


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4), st.integers(0, 1000))
def test_states_add_up_and_the_undecided_are_never_granted(states: list[int], undecided: int) -> None:
    names = ("granted", "refused", "withdrawn", "expired")
    figures = purpose_figures(sum(states) + undecided, dict(zip(names, states, strict=True)))

    assert sum(figures[name] for name in (*names, "undecided")) == figures["eligible"]
    assert figures["undecided"] == undecided
    if figures["consent_rate"] is not None:
        assert figures["opt_in_rate"] <= figures["consent_rate"] or math.isclose(
            figures["opt_in_rate"], figures["consent_rate"]
        )


def test_nobody_known_is_no_evidence() -> None:
    figures = purpose_figures(0, {})

    assert figures["status"] == "no_evidence"
    assert figures["consent_rate"] is figures["opt_in_rate"] is figures["decided_share"] is None


def test_nobody_who_chose_has_no_consent_rate() -> None:
    assert purpose_figures(30, {"expired": 10})["consent_rate"] is None
