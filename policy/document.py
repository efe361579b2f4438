"""The generated parts of docs/policy.md; `python -m policy.document` writes them anew."""

from collections.abc import Iterable
from pathlib import Path

from policy.decisions import LONGEST, MAY, Kind
from policy.figures import GATE_FIGURES, GateFigure
from policy.model import default_text

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "policy.md"
_BY_ITSELF = "at once"
_IN_FORCE: dict[Kind, str] = {
    "waiver": "once another person approves it",
    "rollout": "at once; against the gate, once another person approves it",
}


def document(written: str) -> str:
    """The text with its generated parts as they should be."""
    parts = {
        "figures": _table(
            ("figure", "what it is", "unit", "limits", "why a rollout looks at it"),
            map(_figure, GATE_FIGURES.values()),
        ),
        "decisions": _table(("decision", "roles", "last day at most", "in force"), map(_decision, MAY)),
        "default": f"```yaml\n{default_text().strip()}\n```\n",
    }
    for name, part in parts.items():
        head, rest = written.split(f"<!-- {name} -->\n", 1)
        _, tail = rest.split("<!-- end -->", 1)
        written = f"{head}<!-- {name} -->\n{part}<!-- end -->{tail}"
    return written


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rule = f"|{'---|' * len(headings)}"
    lines = [f"| {' | '.join(cells)} |" for cells in (headings, *rows)]
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _figure(figure: GateFigure) -> tuple[str, ...]:
    limits = ", ".join(f"`{bound}`" for bound in sorted(figure.bounds)) or "–"
    unit = "yes or no" if figure.is_flag else figure.definition.unit
    return f"`{figure.key}`", figure.name, unit, limits, figure.explanation


def _decision(kind: Kind) -> tuple[str, ...]:
    longest = LONGEST.get(kind)
    last = f"{longest.days} days ahead" if longest else "–"
    return f"`{kind}`", ", ".join(sorted(MAY[kind])), last, _IN_FORCE.get(kind, _BY_ITSELF)


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
