"""Products as plain records: orders, searches, half of a lift, and what a row amounts to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.assembly import experiments
from reports.growth import products
from reports.growth.products import EVERYTHING, Products
from tests.ui.growing import NAME, category, rest, run, sku
from tests.ui.retailer import Made, check, row


def found(*rows: dict[str, object], total: float = 1.0, half_width: float = 0.1, **made: object) -> Products:
    snapshot = run(
        Made(rows=[row()], **made),
        sku_lift=rows,
        category_lift=[category(EVERYTHING, total, half_width=half_width)],
    )
    return products.products(snapshot, experiments(snapshot)[NAME], "personalised")


@pytest.mark.parametrize(
    ("by", "order"),
    [("size", "CAB"), ("gain", "ABC"), ("loss", "CBA"), ("q", "BAC")],
)
def test_skus_stand_in_the_order_asked_for(by: products.Rank, order: str) -> None:
    rows = found(sku("A", 0.5, 0.02), sku("B", 0.1, 0.01), sku("C", -0.6, 0.03)).skus
    assert "".join(products.ranked(rows, by)["sku"]) == order


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", ["TEA-1", "TEA-2", "MUG-1"]),
        ("mug", ["MUG-1"]),
        ("tea 2", ["TEA-2"]),
        ("a.*", []),
        ("cups", ["MUG-1"]),
    ],
)
def test_search_takes_every_word_as_it_stands(wanted: str, names: list[str]) -> None:
    rows = found(sku("TEA-1"), sku("TEA-2"), sku("MUG-1", category="cups")).skus
    assert products.matching(rows, wanted)["sku"].to_list() == names


def test_half_of_a_lift_takes_as_few_skus_as_it_needs() -> None:
    half = products.half(found(sku("A", 0.5), sku("B", 0.25), sku("C", 0.1), sku("D", -0.4)))
    assert half is not None
    assert half.skus["sku"].to_list() == ["A", "B"]
    assert half.reached
    assert half.share == pytest.approx(0.6)


def test_a_loss_is_halved_by_those_that_lose() -> None:
    half = products.half(found(sku("A", 0.5), sku("B", -0.7), total=-1.0))
    assert half is not None
    assert half.skus["sku"].to_list() == ["B"]


def test_half_that_is_out_of_reach_says_how_far_it_gets() -> None:
    half = products.half(found(sku("A", 0.1), sku("B", -0.1)))
    assert half is not None
    assert (half.reached, half.share) == (False, pytest.approx(0.08))
    nothing = products.half(found(sku("B", -0.1)))
    assert nothing is not None
    assert (nothing.skus.height, nothing.share) == (0, 0.0)


def test_a_total_that_may_be_nothing_has_no_half() -> None:
    assert products.half(found(sku("A", 0.5), total=0.05)) is None


@given(st.lists(st.floats(-1, 1, allow_nan=False), max_size=8), st.floats(0.2, 2))
def test_half_is_reached_or_everything_that_pushes_is_named(effects: list[float], total: float) -> None:
    made = found(*(sku(f"S{i}", effect) for i, effect in enumerate(effects)), total=total)
    half = products.half(made)
    assert half is not None
    if half.reached:
        before = half.skus["share"][:-1].to_list()
        assert half.share >= 0.5
        assert all(share < 0.5 for share in before)
    else:
        assert half.skus.height == sum(0.8 * effect > 0 for effect in effects)


@pytest.mark.parametrize(
    ("cells", "made", "word"),
    [
        ({"difference": 0.3, "q": 0.04}, {}, "sells more"),
        ({"difference": -0.3, "q": 0.05}, {}, "sells less"),
        ({"difference": 0.3, "q": 0.06}, {}, "no clear effect"),
        ({"difference": 0.3, "q": 0.06}, {"ended": False}, "too early to say"),
        ({"difference": 0.3, "q": 0.01}, {"ended": False}, "more so far"),
        ({"difference": 0.3, "q": None}, {}, "not testable"),
        ({"status": "suppressed", "q": None}, {}, "too few people"),
        ({"difference": 0.3, "q": 0.01}, {"code": "withheld"}, "withheld"),
    ],
)
def test_every_sku_has_a_word(cells: dict[str, object], made: dict[str, object], word: str) -> None:
    snapshot = run(Made(rows=[row()], checks=[check("sample_ratio")], **made), sku_lift=[sku("A", **cells)])
    experiment = experiments(snapshot)[NAME]
    only = products.products(snapshot, experiment, "personalised").skus.row(0, named=True)
    assert products.sku_mark(only, experiment).word == word


def test_remainders_stand_apart_and_categories_carry_their_parts() -> None:
    snapshot = run(
        Made(rows=[row()]),
        sku_lift=[sku("A", 0.3), rest(0.2)],
        category_lift=[
            category(EVERYTHING, 0.5),
            category("tea", 0.5),
            category("tea", 0.6, "recommended"),
            category("tea", -0.1, "neighbours"),
            category("cups", None),
        ],
    )
    made = products.products(snapshot, experiments(snapshot)[NAME], "personalised")
    assert (made.skus.height, made.remainders.height) == (1, 1)
    assert made.skus["difference"].sum() + made.remainders["difference"].sum() == made.total.difference
    tea, cups = made.categories
    assert (tea.net.difference, tea.recommended.difference, tea.neighbours.difference) == (0.5, 0.6, -0.1)
    assert (cups.status, cups.net.difference) == ("suppressed", None)
    assert products.variants_with_products(snapshot, experiments(snapshot)[NAME]) == ["personalised"]
