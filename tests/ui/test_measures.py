"""Shares, parts and spreads are drawn in proportion, with their figures in words."""

import re

import pytest

from ui.parts.measures import Part, keys, meter, spread, stack


@pytest.mark.parametrize(
    ("share", "width"), [(0.0, "0.00%"), (0.366, "36.60%"), (1.0, "100.00%"), (1.7, "100.00%")]
)
def test_a_meter_is_as_wide_as_its_share(share: float, width: str) -> None:
    drawn = meter(share, "neutral", "said", low=0.2, goal=0.5)
    assert f'class="lg-fill" style="width:{width}"' in drawn
    assert 'class="lg-tick" style="left:20.00%"' in drawn
    assert 'class="lg-goal" style="left:50.00%"' in drawn
    assert 'role="img" aria-label="said"' in drawn


def test_without_a_share_nothing_is_drawn() -> None:
    assert meter(None, "good", "said") == ""
    assert stack([Part("a", 0, "#000")]) == ""


def test_parts_fill_the_whole_and_are_named() -> None:
    drawn = stack([Part("granted", 60, "#0a0"), Part("<refused>", 20, "#a00"), Part("none", 0, "#00a")])
    widths = [float(found) for found in re.findall(r"style=\"width:([\d.]+)%", drawn)]
    assert widths == [75.0, 25.0]
    assert 'aria-label="granted 75.00%, &lt;refused&gt; 25.00%, none 0.00%"' in drawn
    assert "<refused>" not in drawn + keys([Part("<refused>", 0, "#a00")])


def test_a_spread_reaches_from_the_median_and_shows_what_is_cut_off() -> None:
    whole = spread(50, 100, 150, 200, "good", "said", 120)
    assert 'class="lg-reach" style="left:25.00%;width:50.00%"' in whole
    assert 'class="lg-high" style="left:50.00%"' in whole
    assert 'class="lg-margin" style="left:60.00%"' in whole
    assert "›" not in whole
    assert "›" in spread(50, 100, 450, 200, "warn", "said", None)
