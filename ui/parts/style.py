"""The look: one style, its colours taken from the palette, for light and dark grounds."""

from functools import cache
from pathlib import Path

import streamlit as st

from ui.parts.palette import TONES

ASSETS = Path(__file__).parents[1] / "assets"
SHEETS = tuple(ASSETS / name for name in ("style.css", "measures.css", "board.css", "tour.css"))
ROLES = {
    "link": ("#0B5CAD", "#8CC2FF"),
    "rule": ("#E6E8EB", "#2A313C"),
    "edge": ("#B4BAC4", "#535D6C"),
}
"""Colours that say nothing, on a light and on a dark ground."""


def variables() -> str:
    """The colours by name, as a style sheet sets them."""
    named: dict[str, tuple[str, str]] = {**ROLES, **{str(tone): pair for tone, pair in TONES.items()}}
    return "".join(f"--lg-{name}: light-dark({light}, {dark});" for name, (light, dark) in named.items())


@cache
def style_sheet() -> str:
    """The style sheet with its colours; `light-dark` follows the theme that the reader has chosen."""
    tones = "".join(f".lg-{tone} {{ --lg-tone: var(--lg-{tone}); }}" for tone in TONES)
    sheets = "\n".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
    return f".stApp {{ {variables()} }}\n{tones}\n{sheets}"


def apply() -> None:
    """Give the page its look."""
    st.html(f"<style>{style_sheet()}</style>")
