"""What truth.json says holds in a plain recount of the files."""

import dataclasses
from typing import Any

import numpy as np
import polars as pl
import pytest

from jobs.demo import plan, truth_file, write
from jobs.demo.clock import DAY, END, Floats, Ints, rhythm
from jobs.demo.people.treatment import Lift
from jobs.demo.truth import Buyers, expected_orders
from tests.jobs.demo.recount import Demo, arm_means, granted, outcomes, relative, units

col = pl.col
JOURNEY_TESTS = (plan.CART, plan.HOMEPAGE, plan.POST_PURCHASE)
TESTS = (*JOURNEY_TESTS, plan.UNIVERSAL)
ARMS = [
    (plan.CART, "personalised"),
    (plan.HOMEPAGE, "personalised"),
    (plan.HOMEPAGE, "personalised_compact"),
    (plan.POST_PURCHASE, "personalised"),
    (plan.UNIVERSAL, "programme"),
]
METRICS = ("orders", "conversion", "revenue_uncapped", "margin", "items")


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A demo whose effects are so large that noise cannot hide a wrong truth."""
    sizes = {
        plan.UNIVERSAL: {"holdout": 0.0, "programme": 0.6},
        plan.CART: {"holdout": 0.0, "personalised": 1.2},
        plan.HOMEPAGE: {"holdout": 0.0, "personalised": 0.9, "personalised_compact": 0.5},
        plan.POST_PURCHASE: {"holdout": 0.0, "personalised": 1.0},
    }
    effects = dataclasses.replace(plan.EFFECTS, orders=sizes, withdrawal_added=0.02, swap=0.8)
    folder = tmp_path_factory.mktemp("loud")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "EFFECTS", effects)
        patch.setattr(truth_file, "EFFECTS", effects)
        write.make(folder, scale=0.5)
    return Demo(folder)


@pytest.fixture(scope="module")
def counted(demo: Demo) -> dict[str, pl.DataFrame]:
    return {name: outcomes(demo, units(demo, name)) for name in TESTS}


@pytest.fixture(scope="module")
def loudly_counted(loud: Demo) -> dict[str, pl.DataFrame]:
    return {name: outcomes(loud, units(loud, name)) for name in TESTS}


def true(demo: Demo, name: str, variant: str) -> dict[str, Any]:
    return demo.truth["experiments"][name]["variants"][variant]


@pytest.mark.parametrize("name", TESTS)
def test_the_units_that_count_are_those_of_a_recount(
    demo: Demo, counted: dict[str, pl.DataFrame], name: str
) -> None:
    arms = dict(counted[name].group_by("variant").len().iter_rows())

    assert arms == demo.truth["experiments"][name]["mature_units"]


@pytest.mark.parametrize(("name", "variant"), ARMS)
@pytest.mark.parametrize("metric", METRICS)
def test_intervals_cover_the_truth(
    demo: Demo, counted: dict[str, pl.DataFrame], name: str, variant: str, metric: str
) -> None:
    expected = true(demo, name, variant)["metrics"][metric]

    estimate, error = relative(counted[name], metric, demo.truth["experiments"][name]["control"], variant)

    assert abs(estimate - expected["relative"]) < 2.6 * error


@pytest.mark.parametrize(("name", "variant"), ARMS)
@pytest.mark.parametrize("metric", METRICS)
def test_large_effects_are_recovered(
    loud: Demo, loudly_counted: dict[str, pl.DataFrame], name: str, variant: str, metric: str
) -> None:
    expected = true(loud, name, variant)["metrics"][metric]
    rows = loudly_counted[name]

    estimate, error = relative(rows, metric, loud.truth["experiments"][name]["control"], variant)

    assert abs(estimate - expected["relative"]) < 3 * error
    for key, arm in (("mean_control", loud.truth["experiments"][name]["control"]), ("mean_variant", variant)):
        mean, mean_error = arm_means(rows, metric, arm)
        assert abs(mean - expected[key]) < 3.2 * mean_error


def test_the_long_window_of_the_programme_too(loud: Demo) -> None:
    expected = true(loud, plan.UNIVERSAL, "programme")["metrics"]["revenue_90d"]
    rows = outcomes(loud, units(loud, plan.UNIVERSAL, window=90))

    estimate, error = relative(rows, "revenue_uncapped", "holdout", "programme")

    assert abs(estimate - expected["relative"]) < 3 * error


def test_covariates_tell_something(counted: dict[str, pl.DataFrame]) -> None:
    for rows in counted.values():
        assert 0.1 < rows.select(pl.corr("revenue_before", "revenue_uncapped")).item() < 0.8


def hazard(demo: Demo, name: str) -> dict[str, tuple[int, float]]:
    """Withdrawals and person-days per arm, from assignment on."""
    rows = units(demo, name, window=0)
    days = (pl.min_horizontal("gone", pl.lit(demo.end)) - col("assigned_at")).dt.total_seconds() / DAY
    sums = rows.group_by("variant").agg(col("gone").is_not_null().sum(), days=days.sum())
    return {variant: (gone, time) for variant, gone, time in sums.iter_rows()}


@pytest.mark.parametrize("which", ["demo", "loud"])
def test_withdrawals_come_at_the_stated_rates(which: str, request: pytest.FixtureRequest) -> None:
    chosen = request.getfixturevalue(which)
    rates = true(chosen, plan.POST_PURCHASE, "personalised")["withdrawal"]["per_person_and_day"]
    found = hazard(chosen, plan.POST_PURCHASE)

    for arm, variant in (("control", "holdout"), ("variant", "personalised")):
        gone, days = found[variant]
        assert gone == pytest.approx(rates[arm] * days, abs=3 * (rates[arm] * days) ** 0.5)


def test_post_purchase_drives_people_to_withdraw_and_nothing_else_does(demo: Demo) -> None:
    stated = true(demo, plan.POST_PURCHASE, "personalised")["withdrawal"]
    margin = demo.experiment(plan.POST_PURCHASE)["guardrails"]["withdrawal"]["margin"]

    assert stated["direction"] == "higher"
    assert stated["hazard_ratio"] > 2
    assert stated["risk_difference"]["90"] > 10 * margin
    for name, variant in ARMS[:3]:
        assert true(demo, name, variant)["withdrawal"]["risk_difference"]["90"] == 0


def test_recommended_products_gain_and_neighbours_lose(loud: Demo) -> None:
    stated = true(loud, plan.CART, "personalised")["skus"]
    rows = units(loud, plan.CART)
    lines = loud.lines().join(rows, on="customer_id")
    inside = lines.filter(
        col("ordered_at").is_between("assigned_at", "until", closed="left"), col("quantity") > 0
    )
    arms = dict(rows.group_by("variant").len().iter_rows())
    shop = plan.world(7, 0.5).catalogue
    shares = dict(zip(shop.sku, shop.share, strict=True))
    for role in ("recommended", "neighbour"):
        skus = [sku for sku, entry in stated["changed"].items() if entry["role"] == role]
        sold = dict(inside.filter(col("sku").is_in(skus)).group_by("variant").len().iter_rows())
        found = sold["personalised"] / arms["personalised"] / (sold["holdout"] / arms["holdout"]) - 1
        expected = sum(shares[sku] * (1 + stated["changed"][sku]["relative"]) for sku in skus)
        expected /= sum(shares[sku] for sku in skus)
        error = expected * sum(1 / lines for lines in sold.values()) ** 0.5
        assert found + 1 == pytest.approx(expected, abs=3 * error)


def test_the_rehearsal_has_no_effect(demo: Demo) -> None:
    people = demo.table("customers").drop_nulls("customer_id")
    member = people.select("customer_id", unit_id=pl.coalesce("household_id", "customer_id"))
    assigned = demo.table("assignments").filter(col("experiment") == plan.REHEARSAL)
    rows = assigned.join(member, on="unit_id").select("customer_id", "unit_id", "variant", "assigned_at")
    assert rows["unit_id"].n_unique() == assigned.height < rows.height

    rows = outcomes(demo, rows.with_columns(until=col("assigned_at") + pl.duration(days=28)))
    houses = rows.group_by("unit_id").agg(col("variant").first(), col("revenue_uncapped").sum())
    estimate, error = relative(houses, "revenue_uncapped", "holdout", "personalised")

    assert abs(estimate) < 2.6 * error
    assert true(demo, plan.REHEARSAL, "personalised")["metrics"]["revenue"]["relative"] == 0


@pytest.mark.parametrize("name", TESTS)
def test_shares_are_as_planned(demo: Demo, name: str) -> None:
    allocation = demo.experiment(name)["allocation"]
    firsts = demo.table("assignments").filter(col("experiment") == name).unique("unit_id")
    for variant, share in allocation.items():
        found = (firsts["variant"] == variant).mean()
        assert found == pytest.approx(share, abs=3.3 * (share * (1 - share) / firsts.height) ** 0.5)


def test_only_post_purchase_personalises_without_consent(demo: Demo) -> None:
    events = demo.table("journey_events").filter(col("occurred_at") < demo.end).drop_nulls("journey")
    recent = events.filter(col("occurred_at").dt.quarter() == 3).with_row_index()
    coverage, leaks = {}, {}
    for journey in demo.yaml("journeys"):
        rows = recent.filter(col("journey") == journey["id"])
        lawful = granted(demo, rows.drop_nulls("customer_id"), journey["purposes"], "occurred_at")
        coverage[journey["id"]] = lawful.height / rows.height
        leaks[journey["id"]] = rows.join(lawful, on="index", how="anti")["personalised"].sum()

    assert leaks["homepage"] == leaks["cart_recovery"] == 0
    assert leaks["post_purchase"] > 5
    assert coverage["cart_recovery"] > 0.62
    assert coverage["homepage"] < 0.68
    assert coverage["post_purchase"] < 0.5


def test_nobody_held_out_is_personalised(demo: Demo) -> None:
    held_out = demo.table("assignments").filter(
        col("experiment") == plan.UNIVERSAL, col("variant") == "holdout"
    )
    events = demo.table("journey_events").filter("personalised")
    seen = events.join(held_out, left_on="customer_id", right_on="unit_id")

    assert seen.filter(col("occurred_at") >= col("assigned_at")).is_empty()


def test_requests_for_erasure_fall_evenly_on_the_arms(demo: Demo) -> None:
    done = demo.requests().filter(
        col("kind") == "delete", col("outcome").is_in(["complied", "complied_in_part"])
    )
    assigned = demo.table("assignments").filter(col("experiment") == plan.UNIVERSAL)
    erased = assigned.join(done, left_on="unit_id", right_on="customer_id")

    share = (erased["variant"] == "programme").mean()
    assert erased.height >= 10
    assert share == pytest.approx(0.9, abs=3 * (0.09 / erased.height) ** 0.5)


def test_clean_room_aggregates_are_cumulative_and_near_their_truth(demo: Demo) -> None:
    rows = demo.csv("moments").filter(col("segment").is_null()).sort("variant", "day")
    for variant, expected in (("holdout", "mean_control"), ("personalised", "mean_variant")):
        arm = rows.filter(col("variant") == variant)
        last = arm.row(-1, named=True)
        truth = true(demo, plan.CLEAN_ROOM, "personalised")["metrics"]["spend"][expected]
        assert (arm["n"].diff().drop_nulls() > 0).all()
        assert last["mean"] == pytest.approx(truth, abs=3 * (last["variance"] / last["n"]) ** 0.5)


def test_satisfaction_falls_by_what_is_stated(demo: Demo) -> None:
    answers = demo.table("unit_outcomes").join(
        units(demo, plan.POST_PURCHASE), left_on="unit_id", right_on="customer_id"
    )
    expected = true(demo, plan.POST_PURCHASE, "personalised")["metrics"]["satisfaction"]
    assert answers["satisfaction"].is_between(0, 10).all()
    for key, arm in (("mean_control", "holdout"), ("mean_variant", "personalised")):
        mean, error = arm_means(answers, "satisfaction", arm)
        assert abs(mean - expected[key]) < 2.6 * error


def test_expected_orders_are_the_integral_of_the_multiplied_rate() -> None:
    rng = np.random.default_rng(11)
    busy, count = rhythm(rng), 40

    def instants(low: int, high: int) -> Ints:
        return rng.integers(low * DAY, high * DAY, count)

    buyers = Buyers(rng.gamma(2, 0.02, count), np.zeros(count), instants(-50, 150), instants(160, 300))
    start, stop = instants(100, 150), instants(150, 220)
    effects = [Lift(instants(90, 160), instants(140, 230), rng.uniform(0, 2, count)) for _ in range(3)]

    found = expected_orders(busy, buyers, start, stop, effects)

    assert found == pytest.approx(by_the_quarter_hour(busy, buyers, start, stop, effects), rel=2e-3, abs=1e-4)


def by_the_quarter_hour(busy: Any, buyers: Buyers, start: Ints, stop: Ints, effects: list[Lift]) -> Floats:
    edges = np.arange(0, END + 1, 900)
    steps, middles = np.diff(busy.at(edges)), (edges[:-1] + 450)[:, None]
    rate = (
        (middles >= np.maximum(start, buyers.joins)) & (middles < np.minimum(stop, buyers.leaves))
    ).astype(float)
    for lift in effects:
        rate *= 1 + lift.size * ((middles >= lift.start) & (middles < lift.stop))
    return buyers.rate * (steps @ rate)


def test_vouchers_cost_what_is_stated(demo: Demo) -> None:
    expected = true(demo, plan.CART, "personalised")["metrics"]["vouchers"]
    rows = units(demo, plan.CART)
    lines = demo.lines().join(rows, on="customer_id")
    inside = lines.filter(col("ordered_at").is_between("assigned_at", "until", closed="left"))
    spent = inside.group_by("customer_id").agg(col("voucher").sum())
    each = rows.join(spent, on="customer_id", how="left").with_columns(col("voucher").fill_null(0.0))
    arms = each.group_by("variant").agg(mean=col("voucher").mean(), se=col("voucher").std() / pl.len().sqrt())

    for key, arm in (("mean_control", "holdout"), ("mean_variant", "personalised")):
        found = arms.row(by_predicate=col("variant") == arm, named=True)
        assert abs(found["mean"] - expected[key]) < 3 * found["se"]


def test_the_effect_of_the_mails_fades_and_that_of_the_cart_does_not(demo: Demo) -> None:
    fading = true(demo, plan.POST_PURCHASE, "personalised")["course"]
    lasting = true(demo, plan.CART, "personalised")["course"]

    assert fading["fades"] == {"after_days": 9.0, "left": 0.04}
    assert abs(fading["orders"]["late"]) < 0.1 * fading["orders"]["early"]
    assert lasting["orders"]["late"] == pytest.approx(lasting["orders"]["early"], rel=0.15)


@pytest.mark.parametrize("name", [plan.CART, plan.POST_PURCHASE])
def test_the_halves_of_the_window_are_as_stated(loud: Demo, name: str) -> None:
    course = true(loud, name, "personalised")["course"]["orders"]
    first, whole = (outcomes(loud, units(loud, name, window=days)) for days in (14, 28))
    both = whole.select("customer_id", "variant", later="orders").join(
        first.select("customer_id", earlier="orders"), on="customer_id"
    )
    each = both.with_columns(early=col("earlier") / 14, late=(col("later") - col("earlier")) / 14)

    for half in ("early", "late"):
        arms = each.group_by("variant").agg(mean=col(half).mean(), se=col(half).std() / pl.len().sqrt())
        at = {row["variant"]: row for row in arms.iter_rows(named=True)}
        estimate = at["personalised"]["mean"] - at["holdout"]["mean"]
        error = (at["personalised"]["se"] ** 2 + at["holdout"]["se"] ** 2) ** 0.5
        assert abs(estimate - course[half]) < 3 * error
