"""Text can be read on its ground, and the arms of an experiment told apart whatever colours a reader sees."""

import itertools
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ui.parts.palette import CONTROL, OKABE_ITO, TONES
from ui.parts.style import ROLES

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"
TEXT, GRAPHIC = 4.5, 3.0
"""WCAG 2.2: least contrast of text (1.4.3) and of what a chart is made of (1.4.11)."""
APART = 8.0
"""Least difference in CIELAB between two arms; 2.3 is just noticeable."""
SIGHTS = {
    "common": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip
"""Full colour blindness after Machado, Oliveira & Fernandes 2009, on linear RGB."""
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ.sum(axis=1)


def linear(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    light, dark = sorted((float(TO_XYZ[1] @ linear(colour)) for colour in (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str, sight: Any) -> NDArray[np.float64]:
    share = TO_XYZ @ np.clip(np.asarray(sight) @ linear(colour), 0, 1) / WHITE
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def grounds(theme: str) -> list[str]:
    look = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][theme]
    return [look["backgroundColor"], look["sidebar"]["backgroundColor"]]


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("place", "theme"), [(0, "light"), (1, "dark")])
def test_words_in_colour_can_be_read(place: int, theme: str) -> None:
    for name, pair in {**TONES, "link": ROLES["link"]}.items():
        for ground in grounds(theme):
            assert contrast(pair[place], ground) >= TEXT, f"{name} on {ground}"


def test_the_line_of_control_can_be_seen_on_either_ground() -> None:
    for theme in ("light", "dark"):
        assert contrast(CONTROL, grounds(theme)[0]) >= GRAPHIC


@pytest.mark.parametrize("sight", SIGHTS)
def test_arms_are_told_apart_by_every_sight(sight: str) -> None:
    for first, second in itertools.combinations((CONTROL, *OKABE_ITO), 2):
        apart = float(np.linalg.norm(lab(first, SIGHTS[sight]) - lab(second, SIGHTS[sight])))
        assert apart >= APART, f"{first} and {second}, {sight}: {apart:.1f}"
