"""No name on the growth-risk map hides another, a point or an interval, however wide the screen."""

from itertools import combinations

from hypothesis import example, given
from hypothesis import strategies as st

from ui.overview.map_names import (
    BEFORE,
    BEHIND,
    GAP,
    LINE,
    MARKER,
    NARROWEST,
    Place,
    Spot,
    places,
    width,
)

Rectangle = tuple[float, float, float, float]
share = st.floats(0, 1)


@st.composite
def spots(draw: st.DrawFn) -> Spot:
    low, x, high = sorted(draw(st.tuples(share, share, share)))
    return Spot(draw(st.text("aWm 語", min_size=1, max_size=30)), x, low, high, draw(st.floats(0, 146)))


def name_of(spot: Spot, place: Place, wide: float) -> Rectangle:
    """Left, top, right and bottom in pixels."""
    if place.side == "beside":
        left = spot.high * wide + GAP
        return left, spot.y - LINE / 2, left + width(spot.name), spot.y + LINE / 2
    middle, half = spot.x * wide + place.shift, width(spot.name) / 2
    top = spot.y - GAP - LINE if place.side == "above" else spot.y + GAP
    return middle - half, top, middle + half, top + LINE


def point_and_interval(spot: Spot, wide: float) -> list[Rectangle]:
    x, y = spot.x * wide, spot.y
    return [(x - MARKER, y - MARKER, x + MARKER, y + MARKER), (spot.low * wide, y, spot.high * wide, y)]


def overlap(one: Rectangle, other: Rectangle) -> bool:
    hair = 1e-6
    return all(one[end] + hair < other[end + 2] and other[end] + hair < one[end + 2] for end in (0, 1))


@given(st.lists(spots(), max_size=12), st.floats(NARROWEST, 2_000))
@example([Spot("Homepage", 0.5, 0.4, 0.6, 70), Spot("Cart", 0.5, 0.4, 0.6, 70)], NARROWEST)
def test_a_name_hides_nothing_on_any_screen(found: list[Spot], wide: float) -> None:
    placed = [(spot, place) for spot, place in zip(found, places(found), strict=True) if place]
    names = [name_of(spot, place, wide) for spot, place in placed]
    things = [thing for spot in found for thing in point_and_interval(spot, wide)]

    assert not any(overlap(one, other) for one, other in combinations(names, 2))
    assert not any(overlap(name, thing) for name in names for thing in things)


@given(spots(), st.floats(NARROWEST, 2_000))
def test_a_name_stays_on_the_chart_and_one_alone_is_always_shown_above(spot: Spot, wide: float) -> None:
    (place,) = places([spot])
    assert place is not None
    assert place.side == "above"

    left, _, right, _ = name_of(spot, place, wide)
    assert right <= wide + BEHIND + 1e-6
    assert left >= -BEFORE - 1e-6 or width(spot.name) > NARROWEST + BEFORE + BEHIND


def test_of_neighbours_that_are_almost_equal_one_is_named_above_and_one_below() -> None:
    near = [Spot("Post-purchase recommendations", 0.5, 0.4, 0.6, 112), Spot("Homepage", 0.42, 0.2, 0.6, 118)]
    assert places(near) == [Place("above"), Place("below")]


def test_a_third_in_the_same_place_is_named_beside_it_and_a_fourth_has_no_name() -> None:
    same = [Spot(name, 0.5, 0.4, 0.6, 70) for name in ("One", "Two", "Three", "Four")]
    assert [place and place.side for place in places(same)] == ["above", "below", "beside", None]


@given(st.lists(spots(), max_size=12), st.floats(NARROWEST, 2_000))
def test_no_name_reaches_over_the_right_end(found: list[Spot], wide: float) -> None:
    for spot, place in zip(found, places(found), strict=True):
        if place:
            assert name_of(spot, place, wide)[2] <= wide + BEHIND + 1e-6
