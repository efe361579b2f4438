"""Segments are told with the caution that many looks deserve."""

import pytest

from reports.assembly import experiments
from reports.wording import segments
from tests.ui.retailer import Made, hidden, row, segment, snapshot


def said(*rows: dict[str, object], **other: object) -> segments.SegmentsSaid:
    made = Made(rows=[row(), *rows], **other)
    found = experiments(snapshot(made))[made.experiment]
    return segments.segments(
        found.by_segment("revenue", "personalised", "country"), found.metric("revenue"), found
    )


def briefly(*rows: dict[str, object]) -> str:
    made = Made(rows=[row(), *rows])
    return segments.briefly(experiments(snapshot(made))[made.experiment], "personalised")


def country(name: str, lift: float, **other: object) -> dict[str, object]:
    return segment("country", name, lift, **other)


@pytest.mark.parametrize(
    ("rows", "lead"),
    [
        ([country("IE", 0.08), country("DE", 0.07)], "Better in both segments."),
        ([country("IE", 0.08), country("DE", 0.07), country("FR", 0.06)], "Better in all 3 segments."),
        ([country("IE", 0.08)], "Better for IE."),
        ([country("IE", 0.04), country("DE", 0.02)], "Better for IE; no clear effect elsewhere."),
        ([country("IE", -0.04), country("DE", 0.02)], "Worse for IE; no clear effect elsewhere."),
        ([country("IE", 0.01), country("DE", 0.0)], "No segment stands out."),
        ([country("IE", 0.01)], "No clear effect."),
        (
            [country("IE", 0.08), hidden(segment_dimension="country", segment="MT")],
            "Better for IE. 1 of 2 has too few people to show.",
        ),
        (
            [hidden(segment_dimension="country", segment=name) for name in ("MT", "CY")],
            "2 of 2 have too few people to show.",
        ),
    ],
)
def test_where_the_effect_stands_out(rows, lead: str) -> None:
    assert said(*rows).lead == lead


def test_effects_that_go_both_ways_warn_against_the_average() -> None:
    found = said(country("IE", 0.08), country("DE", -0.08))
    assert found.lead == "Better for IE; worse for DE."
    assert found.warning.startswith("The effect goes both ways")


def test_intervals_apart_seem_to_differ() -> None:
    found = said(country("IE", 0.2), country("DE", 0.08))
    assert "the intervals of IE and DE do not overlap" in found.warning


def test_one_that_stands_out_among_overlapping_ones_is_no_sign_of_a_difference() -> None:
    found = said(country("IE", 0.04), country("DE", 0.02))
    assert found.warning == ""
    assert found.more.startswith("All intervals overlap")


def test_an_interval_without_0_that_many_looks_explain_is_told() -> None:
    found = said(country("IE", 0.04, p_adjusted=0.2), country("DE", 0.0))
    assert found.lead == "No segment stands out."
    assert "happens by chance" in found.more


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], ""),
        ([country("IE", 0.08), segment("tier", "gold", 0.09)], "Better in all 2 segments."),
        (
            [country("IE", 0.08), country("DE", 0.0)],
            "Better in 1 of 2 segments; no clear effect in the others.",
        ),
        ([country("IE", 0.08), country("DE", -0.08)], "Better in 1 and worse in 1 of 2 segments."),
        ([country("IE", 0.0)], "The one segment shown has no clear effect."),
        ([hidden(segment_dimension="country", segment="MT")], "Every segment has too few people to show."),
    ],
)
def test_all_dimensions_in_one_sentence(rows, sentence: str) -> None:
    assert briefly(*rows) == sentence
