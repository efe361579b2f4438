"""Tables of data minimisation: fields and what mends them, scores by system or category, retention."""

from typing import Any

import polars as pl

from metrics import formatting
from reports.readings import Tone
from reports.wording.privacy_fields import JUSTIFIED, SPECIAL, WEIGHTS, tests
from ui.parts.markup import Column, Html, Row, join, mark, small, strong, table, tag, text
from ui.parts.measures import meter


def fields_table(rows: pl.DataFrame) -> Html:
    """One row per field: what it fails, what mends it, and the whole score after that."""
    columns = [
        Column("Field"),
        Column("Weight", "minimization_fields.sensitivity"),
        Column("Tests", "minimization.passing", left=True),
        Column("What mends it", width="30%"),
        Column("Score then", "minimization_fields.score_if_fixed"),
        Column("Load then", "minimization_fields.excess_load_if_fixed"),
    ]
    return table(columns, [_field(row) for row in rows.iter_rows(named=True)], label="Fields")


def _field(row: dict[str, Any]) -> Row:
    marks = tests(row) or [JUSTIFIED]
    return Row(
        [
            tag(
                "span", Html(f"{text(row['field'])}{small(row['system'])}"), title=row["data_category"] or ""
            ),
            _weight(row["sensitivity"]),
            tag("div", join(mark(found) for found in marks), class_="lg-tests"),
            Html(f"{text(row['fix'] or '–')}{small(row['note'] or '')}"),
            strong(formatting.number(row["score_if_fixed"])) if row["fix"] else text(formatting.MISSING),
            text(formatting.number(row["excess_load_if_fixed"], 0)),
        ],
        dim=bool(row["passes"]),
    )


def _weight(sensitivity: int | None) -> Html:
    if sensitivity is None:
        return Html(f"{text('◌')}{small('not recorded')}")
    return Html(f"{text(sensitivity)}{small(WEIGHTS.get(sensitivity, ''))}")


def scores_table(rows: pl.DataFrame, column: str, heading: str) -> Html:
    """One row per system or data category, the largest excess first."""
    columns = [
        Column(heading),
        Column("Justified", "minimization.passing"),
        Column("Score", "minimization.score"),
        Column("", "minimization.score", width="24%", under="0 to 1"),
        Column("Excess load", "minimization.excess_load"),
        Column("Past retention", "minimization.retention_overdue"),
    ]
    ordered = rows.sort("excess_load", column, descending=[True, False])
    body = [_score(row, column) for row in ordered.iter_rows(named=True)]
    return table(columns, body, label=f"Minimisation by {heading.lower()}", kind="lg-plain")


def _score(row: dict[str, Any], column: str) -> Row:
    score, load = row["score"], row["excess_load"]
    said = f"score {formatting.number(score)}"
    tone: Tone = "good" if not load else "warn"
    return Row(
        [
            text(row[column] or "(not named)"),
            text(f"{formatting.count(row['passing'])} of {formatting.count(row['fields'])}"),
            text(formatting.number(score)),
            meter(score, tone, said),
            text(formatting.number(load, 0)),
            text(formatting.count(row["retention_overdue"])),
        ]
    )


def retention_table(rows: pl.DataFrame) -> Html:
    """Fields kept too long, the longest first, with bars that share a scale."""
    most = rows["retention_overdue_days"].max()
    columns = [
        Column("Field"),
        Column("Days too long", "minimization_fields.retention_overdue_days"),
        Column(
            "",
            "minimization_fields.retention_overdue_days",
            width="34%",
            under=f"0 to {formatting.count(float(str(most)))} days",
        ),
        Column("Weight", "minimization_fields.sensitivity"),
        Column("What mends it", width="28%"),
    ]
    body = [_kept(row, float(str(most))) for row in rows.iter_rows(named=True)]
    return table(columns, body, label="Fields kept longer than declared", kind="lg-plain")


def _kept(row: dict[str, Any], most: float) -> Row:
    days = row["retention_overdue_days"]
    tone: Tone = "bad" if row["sensitivity"] == SPECIAL else "warn"
    return Row(
        [
            Html(f"{text(row['field'])}{small(row['system'])}"),
            text(formatting.count(days)),
            meter(days / most, tone, f"{formatting.count(days)} days too long"),
            _weight(row["sensitivity"]),
            text(row["fix"] or "–"),
        ]
    )
