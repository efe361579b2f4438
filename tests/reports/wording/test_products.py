"""Products in sentences, on good news, bad news and none."""

import pytest

from reports.assembly import experiments
from reports.growth import products
from reports.growth.products import EVERYTHING
from reports.wording import products as wording
from tests.ui.growing import NAME, category, rest, run, sku
from tests.ui.retailer import Made, row

TOTAL = category(EVERYTHING, 1.0)


def told(*rows: dict[str, object], cells: tuple[dict[str, object], ...] = (TOTAL,), **made: object):
    snapshot = run(Made(rows=[row()], **made), sku_lift=rows, category_lift=cells)
    experiment = experiments(snapshot)[NAME]
    return products.products(snapshot, experiment, "personalised"), experiment


@pytest.mark.parametrize(
    ("rows", "made", "mark", "lead"),
    [
        ([sku("A", 0.5, 0.01), sku("B", -0.3, 0.02), sku("C")], {}, "SKUs differ",
         "1 of 3 tested SKUs sells more and 1 sells less with personalised than with holdout."),
        ([sku("A", -0.5, 0.01), sku("B", -0.3, 0.02)], {}, "SKUs differ",
         "2 of 2 tested SKUs sell less with personalised than with holdout."),
        ([sku("A"), sku("B")], {}, "no clear effect",
         "None of 2 tested SKUs sells clearly more or less with personalised than with holdout."),
        ([sku("A", 0.5, 0.01), sku("B")], {"ended": False}, "too early to say",
         "So far 1 of 2 tested SKUs sells more with personalised than with holdout."),
        ([sku("A", 0.5, 0.01)], {"code": "withheld"}, "withheld",
         "No SKU can be read: a health check of this experiment failed."),
        ([rest()], {}, "too few people", "No SKU stands for itself: each has too few buyers."),
        ([sku("A", q=None, status="not_testable")], {}, "not testable",
         "No SKU stands for itself: none can be tested."),
    ],
)  # fmt: skip
def test_what_differs_is_said_first(rows, made, mark, lead) -> None:
    said = wording.lead(*told(*rows, **made), "EUR")
    assert said.mark is not None
    assert (said.mark.word, said.lead) == (mark, lead)


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("differences", [(), (0.5,), (-0.5, -0.3, 0.2)])
def test_the_counts_alone_say_the_same(differences: tuple[float, ...], *, ended: bool) -> None:
    rows = [sku("Z"), rest(), *(sku(f"S{i}", size, 0.01) for i, size in enumerate(differences))]
    snapshot = run(Made(rows=[row()], ended=ended), sku_lift=rows, category_lift=(TOTAL,))
    experiment = experiments(snapshot)[NAME]
    number = snapshot.skus_called_different[NAME, "personalised"]
    found = products.products(snapshot, experiment, "personalised")
    said = wording.called_different(number, experiment, "personalised")
    assert said == wording.lead(found, experiment, "EUR").lead


def test_the_largest_is_named_with_its_interval_and_the_total() -> None:
    said = wording.lead(*told(sku("A", 0.05, 0.01), sku("B", -0.02, 0.01)), "EUR")
    assert said.more == (
        "The largest is A: +€40.00 (−€50.00 to +€130.00) per 1,000 customers. "
        "All products together: +€1,000 (+€900 to +€1,100)."
    )


@pytest.mark.parametrize(
    ("many", "words"), [(0, "nothing stands out"), (3, "3 of 3 have q ≤ 0.05; fewer than one is expected"),
                        (40, "40 of 40 have q ≤ 0.05; about 2 of them are expected")]
)  # fmt: skip
def test_discoveries_promise_no_more_than_they_may(many: int, words: str) -> None:
    rows = [sku(f"S{i}", 0.5, 0.01) for i in range(many)] or [sku("Z")]
    assert words in wording.discoveries(*told(*rows))


def split(net: float | None, led: float | None, neighbours: float | None) -> tuple[dict[str, object], ...]:
    return (
        TOTAL, category("tea", net), category("tea", led, "recommended"),
        category("tea", neighbours, "neighbours"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            split(0.3, 0.5, -0.2),
            "Their neighbours pay for it in tea: tea as a whole still gains, +€300.00",
        ),
        (split(0.05, 0.5, -0.45), "tea as a whole may gain or lose, +€50.00"),
        (split(-0.3, 0.2, -0.5), "tea as a whole loses, −€300.00"),
        (split(0.5, 0.5, 0.0), "Their neighbours clearly lose nowhere; 1 category clearly gains as a whole."),
        (
            split(0.0, 0.05, -0.05),
            "No clear gain of recommended SKUs in tea, the only category that can be split.",
        ),
        (split(0.5, None, None), "cannot be shown: in every category one side has too few buyers"),
    ],
)
def test_who_pays_is_said_with_the_net_effect(cells: tuple[dict[str, object], ...], words: str) -> None:
    said = wording.exchange(*told(sku("A"), cells=cells), "EUR")
    assert words in said.lead
    assert "1 category, fewer than one would stand out by luck alone" in said.more


@pytest.mark.parametrize(
    ("rows", "cells", "words"),
    [
        ([sku("A", 0.7), sku("B", 0.1)], (TOTAL,), "1 SKU of 2 (50 %) holds half of the lift."),
        (
            [sku("A", 0.1)],
            (TOTAL,),
            "No half can be named: the one SKU that pushes the same way holds 8 % of the lift.",
        ),
        ([sku("A", -0.1)], (TOTAL,), "No single SKU carries the lift: it lies in the remainders."),
        ([sku("A", 0.7)], (category(EVERYTHING, 0.05),), "There is no clear lift to divide."),
        (
            [sku("A", 0.7)],
            (category(EVERYTHING, None),),
            "The total is hidden or not known, so it has no half.",
        ),
        ([sku("A", -0.9)], (category(EVERYTHING, -1.0),), "1 SKU of 1 (100 %) holds half of the loss."),
    ],
)
def test_where_the_lift_comes_from(rows, cells, words) -> None:
    found, experiment = told(*rows, cells=cells)
    said = wording.behind(found, products.half(found), experiment, "EUR").lead
    assert said.replace("\u00a0", " ") == words


def test_remainders_add_up_in_words() -> None:
    said = wording.remainders(*told(sku("A", 0.3), rest(0.2)), "EUR", 50)
    assert said.lead == "SKUs by name +€300.00, 1 remainder +€200.00: together +€500.00 per 1,000 customers."
    assert "fewer than 50 buyers" in said.more
    assert (
        wording.remainders(*told(sku("A")), "EUR", 50).lead
        == "Nothing is pooled: every SKU stands for itself."
    )
    hidden = wording.remainders(*told(sku("A", difference=0.1), rest() | {"difference": None}), "EUR", 50)
    assert hidden.lead == "1 remainder pool what is too rare to show."
