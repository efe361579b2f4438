"""docs/figures.md from the catalogue; `python -m metrics.figures_document` writes it anew."""

from pathlib import Path

from metrics.catalogue import FIGURES, Figure

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "figures.md"
HEAD = """# Figures

What every figure of the files and pages is, from the catalogue (`metrics/definitions/`), written by
`python -m metrics.figures_document`. Keys that begin with `check.` are health checks, with `board.` and
`page.` figures that stand on pages alone.

| key | figure | what it is | of how many | unit | better | after | version |
|---|---|---|---|---|---|---|---|
"""


def document() -> str:
    """The text of docs/figures.md: one row per figure, by key."""
    return HEAD + "".join(_row(FIGURES[key]) for key in sorted(FIGURES))


def _row(entry: Figure) -> str:
    cells = (
        f"`{entry.key}`", entry.label, entry.definition, entry.denominator, entry.unit, entry.direction,
        entry.source, str(entry.version),
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") or "–" for cell in cells) + " |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
