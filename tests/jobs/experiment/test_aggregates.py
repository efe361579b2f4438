"""Worked examples of aggregates from a clean room: which of their rows are compared."""

import polars as pl
import pytest

from jobs.experiment.aggregates import by_day, latest

ARMS = ("holdout", "personalised")
Row = tuple[str, int, int | None]


def rows(*given: Row, dimension: str = "", segment: str = "") -> pl.DataFrame:
    """Variant, n and day; the mean is the day, so that it tells which row was taken."""
    return pl.DataFrame(
        {
            "metric": "spend",
            "variant": [variant for variant, _, _ in given],
            "n": [n for _, n, _ in given],
            "day": pl.Series([day for _, _, day in given], dtype=pl.Int64),
            "mean": [float(day or 0) for _, _, day in given],
            "variance": 1.0,
            "segment_dimension": dimension,
            "segment": segment,
        }
    )


ALIKE = (("holdout", 100, 7), ("personalised", 110, 7), ("holdout", 200, 14), ("personalised", 220, 14))


@pytest.mark.parametrize(
    ("given", "n"),
    [
        pytest.param(ALIKE, [200, 220], id="the last day"),
        pytest.param((*ALIKE, ("personalised", 330, 21)), [200, 220], id="one arm is ahead"),
        pytest.param((("holdout", 9, None), ("personalised", 8, None)), [9, 8], id="no days"),
        pytest.param((("holdout", 100, 7),), [100, 0], id="one arm alone"),
    ],
)
def test_arms_are_compared_on_the_last_day_they_share(given: tuple[Row, ...], n: list[int]) -> None:
    found = latest(rows(*given), "spend", ARMS)
    assert found is not None
    assert found.moments.n.tolist() == [n]


def test_arms_that_never_share_a_day_are_not_compared() -> None:
    assert latest(rows(("holdout", 100, 7), ("personalised", 110, 8)), "spend", ARMS) is None


def test_each_segment_has_a_last_day_of_its_own() -> None:
    behind = rows(*ALIKE[:2], dimension="country", segment="IE")
    found = latest(pl.concat([rows(*ALIKE), behind]), "spend", ARMS)
    assert found is not None
    assert found.cells == (("", ""), ("country", "IE"))
    assert found.moments.n.tolist() == [[200, 220], [100, 110]]


def test_days_are_those_that_every_arm_has() -> None:
    found = by_day(rows(*ALIKE, ("personalised", 330, 21)), "spend", ARMS, 50)
    assert found is not None
    assert found[1] == (7, 14)


def test_days_that_add_fewer_than_k_join_their_neighbour() -> None:
    few = (("holdout", 210, 21), ("personalised", 320, 21))
    found = by_day(rows(*ALIKE, *few), "spend", ARMS, 50)
    assert found is not None
    assert found[1] == (7, 21)
