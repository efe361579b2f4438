"""The quarterly pack as a PDF: the same snapshot gives the same bytes.

PDF/A-2a (for the archive) and PDF/UA-1 (for who cannot see it), by Typst, which refuses to write a file that
breaks either. Words and figures go to it as one JSON text and are never read as markup.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metrics import formatting, locales
from policy.decisions import Decision
from reports.annotations import Annotation
from reports.paper.appendix import appendix
from reports.paper.blocks import Section, plain
from reports.paper.comparison import comparison
from reports.paper.cover import FEW, changed, cover
from reports.paper.data_use import data_section, vendors_section
from reports.paper.gate import evidence
from reports.paper.issue import issue, moved
from reports.paper.journey import about, result
from reports.paper.material import Material, gather
from reports.paper.noted import noted
from reports.paper.privacy import consent_section, requests_section
from reports.paper.text import FONTS, shortened
from reports.snapshot import Snapshot
from storage.frozen import Version

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).parent / "board.typ"


def pack(
    snapshot: Snapshot,
    before: Snapshot | None = None,
    *,
    decisions: Sequence[Decision] = (),
    version: Version | None = None,
    events: Sequence[Annotation] = (),
) -> bytes:
    """Make the quarterly pack of a run.

    Args:
        snapshot: the run.
        before: the run that speaks for the quarter before; None where there is none.
        decisions: what people decided about journeys.
        version: the frozen version that it is; None while the quarter is not frozen.
        events: what colleagues noted, those that stand.

    Returns:
        A PDF.
    """
    return compiled(document(snapshot, before, decisions=decisions, version=version, events=events))


def document(
    snapshot: Snapshot,
    before: Snapshot | None = None,
    *,
    decisions: Sequence[Decision] = (),
    version: Version | None = None,
    events: Sequence[Annotation] = (),
) -> dict[str, Any]:
    """Everything that the pack says, in finished words, as JSON takes it; arguments as for `pack`."""
    with locales.written_in(snapshot.locale):
        return _document(gather(snapshot, before, decisions, version, events))


def _document(material: Material) -> dict[str, Any]:
    snapshot, version = material.snapshot, material.version
    made = version.frozen_at if version else snapshot.run.finished_at or snapshot.run.started_at
    words = {
        "title": f"{snapshot.name}: personalisation and privacy, {formatting.quarter(snapshot.run.period)}",
        "author": snapshot.name,
        "description": f"Quarterly board pack. {issue(material)}.",
        "keywords": [snapshot.run.period, f"run {snapshot.run.run_id}"],
        "footer": _footer(material),
        "sections": sections(material),
    }
    return {**plain(words), "made": int(made.timestamp())}


def compiled(words: Mapping[str, Any]) -> bytes:
    """Lay out what `document` gave: the same words give the same bytes."""
    pdf = _compiler().compile(
        format="pdf",
        sys_inputs={"pack": json.dumps(words, ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=words["made"],
    )
    if not isinstance(pdf, bytes):
        msg = "Typst gave no PDF."
        raise TypeError(msg)
    return pdf


def sections(material: Material) -> list[Section]:
    """All chapters in order."""
    board, quarter = material.board, formatting.quarter(material.snapshot.run.period)
    under = f"{material.snapshot.name} · {issue(material)}"
    title = f"Personalisation and privacy, {quarter}"
    table = comparison(board) if len(board.rows) > FEW else []
    return [
        Section(title, cover(board, material.currency), under=under, wide=True),
        *([Section("Growth and risk, journey by journey", table, wide=True)] if table else []),
        *changed(board),
        *moved(material),
        *_journeys(material),
        consent_section(material),
        requests_section(material),
        data_section(material),
        vendors_section(material),
        *appendix(material),
    ]


def _journeys(material: Material) -> Iterator[Section]:
    rows = {row.journey: row for row in material.board.rows}
    for journey in material.journeys:
        row = rows[journey.journey]
        blocks = [*result(material, journey), *noted(material, journey), *evidence(material, row)]
        yield Section(
            journey.name, blocks, mark=row.gate.mark, under=about(material, journey),
            brief=journey.experiment is None and not row.gate.checks,
        )  # fmt: skip


def _footer(material: Material) -> str:
    snapshot, run = material.snapshot, material.snapshot.run
    parts = [
        shortened(snapshot.name, 50), formatting.quarter(run.period),
        f"data as of {formatting.day(snapshot.as_of_date)}",
        f"run {run.run_id}",
        f"version {material.version.version}" if material.version else "not frozen",
    ]  # fmt: skip
    return " · ".join(parts)


@cache
def _compiler() -> "typst.Compiler":
    # Typst is an 80 MB library that a page should not load before somebody asks for a PDF.
    import typst  # noqa: PLC0415

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    return typst.Compiler(input=TEMPLATE, root=TEMPLATE.parent, font_paths=fonts)
