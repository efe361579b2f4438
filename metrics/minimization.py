"""Data minimisation: which of the fields held about people are justified, and what would mend the others.

Per field four tests (GDPR Art 5(1)(b), (c), (e) and 6(1)), per system and journey two figures:

- score B = weight of the fields that pass all four ÷ weight of all fields, between 0 and 1;
- excess load C = weight of the fields that fail, which no harmless field added elsewhere can dilute.

Missing evidence fails and is shown as unknown (null). There is no score of an empty inventory.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from law.bases import LAWFUL_BASES
from metrics import wholes

ALL = wholes.ALL
TESTS = ("purpose", "basis", "use", "retention")
LIGHTEST, HEAVIEST = 1, 8

FIELD_COLUMNS = (
    *("system", "field", "data_category", "sensitivity", "purpose_ok", "basis_ok", "use_ok", "retention_ok"),
    *("status", "note", "passes", "fix", "score_if_fixed", "excess_load_if_fixed"),
    *("retention_overdue_days", "journeys"),
)
_NEEDED = {
    "sensitivity": pl.Int64(), "journeys": pl.List(pl.String), "needed_by": pl.List(pl.String),
    "lawful_basis": pl.String(), "last_used_at": pl.Datetime("us"), "oldest_record_at": pl.Datetime("us"),
    "retention_days": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What a field is measured against.

    Attributes:
        as_of: the measurement date.
        timezone: in which the inventory's moments become days.
        active_purposes: the purposes that are pursued; None: unknown, and no field can show its need.
        use_window_days: a field not used for longer fails.
        consent_ledger: whether there is a record of consent at all.
    """

    as_of: date
    timezone: str
    active_purposes: frozenset[str] | None
    use_window_days: int
    consent_ledger: bool


def judge(inventory: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The rows of `data_inventory` with the outcome of each test, `passes` and `weight` beside them.

    purpose: an active purpose lists the field as needed. basis: one of the six bases of Art 6(1) is recorded
    and, for consent, a ledger exists. use: last used within the window. retention: the oldest record is not
    older than the declared retention. Null = no evidence, which does not pass. A field without a sensitivity
    weighs least while it passes and most while it does not: the score can only rise once it is recorded.
    """
    absent = [pl.lit(None, dtype=kind).alias(name) for name, kind in _NEEDED.items() if name not in inventory]
    basis = pl.col("lawful_basis").str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    overdue = pl.col("record_age_days") - pl.col("retention_days")
    needed = pl.col("needed_by").list.set_intersection(sorted(rules.active_purposes or ())).list.len() > 0
    judged = inventory.with_columns(absent).with_columns(
        lawful_basis=basis,
        unused_days=_age("last_used_at", rules),
        record_age_days=_age("oldest_record_at", rules),
    )
    judged = judged.with_columns(
        purpose_ok=pl.lit(None, pl.Boolean)
        if rules.active_purposes is None
        else needed.fill_null(value=False),
        basis_ok=pl.col("lawful_basis").is_in(LAWFUL_BASES).fill_null(value=False)
        & (pl.col("lawful_basis").ne_missing("consent") | pl.lit(rules.consent_ledger)),
        use_ok=pl.col("unused_days") <= rules.use_window_days,
        retention_ok=overdue <= 0,
        retention_overdue_days=pl.when(overdue > 0).then(overdue),
    )
    judged = judged.with_columns(passes=pl.all_horizontal(_passes(test) for test in TESTS))
    unrecorded = pl.when("passes").then(LIGHTEST).otherwise(HEAVIEST)
    return judged.with_columns(weight=pl.col("sensitivity").fill_null(unrecorded).cast(pl.Int64))


def by_system(judged: pl.DataFrame, note: str | None = None) -> pl.DataFrame:
    """minimization.csv: one row per system × journey, and all systems and all journeys together.

    A field that no journey uses stands in the rows of all journeys alone. `note` goes beside every row.
    """
    systems = pl.concat_list("system", pl.lit(ALL))
    rows = _per_journey(judged).with_columns(system=systems).explode("system", empty_as_null=True)
    return _summary(rows, ["system", "journey"], note)


def by_category(judged: pl.DataFrame, note: str | None = None) -> pl.DataFrame:
    """minimization_categories.csv: one row per journey × Fideslang data category."""
    table = _summary(_per_journey(judged), ["journey", "data_category"], note)
    return table.select(
        "journey", "data_category", "fields", "passing", "score", "excess_load", "retention_overdue",
        "status", "note",
    )  # fmt: skip


def fields_table(judged: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """minimization_fields.csv: one row per field, the heaviest failing ones first, each with what mends it.

    A field that nothing needs or nobody uses is mended by deleting it, any other by the evidence or the
    erasure that it lacks. `score_if_fixed` and `excess_load_if_fixed` are those of the whole inventory after
    this one fix.
    """
    passing, total = int(judged.filter("passes")["weight"].sum()), int(judged["weight"].sum())
    mended = pl.col("sensitivity").fill_null(LIGHTEST)
    rest, failing = total - pl.col("weight"), ~pl.col("passes")
    kept = (passing + mended) / (rest + mended)
    score = pl.when(~_to_delete()).then(kept).when(rest > 0).then(passing / rest)
    unknown = pl.any_horizontal(pl.col(f"{test}_ok").is_null() for test in TESTS)
    texts = [{"note": _note(row), "fix": _fix(row, rules)} for row in judged.iter_rows(named=True)]
    table = judged.hstack(pl.DataFrame(texts, schema={"note": pl.String, "fix": pl.String})).with_columns(
        status=pl.when(unknown).then(pl.lit("no_evidence")).otherwise(pl.lit("ok")),
        score_if_fixed=pl.when(failing).then(score),
        excess_load_if_fixed=pl.when(failing).then((total - passing - pl.col("weight")).cast(pl.Float64)),
        journeys=pl.col("journeys").list.join(";"),
    )
    first = pl.when(failing).then(pl.col("weight")).otherwise(0)
    return table.sort(first, "system", "field", descending=[True, False, False]).select(FIELD_COLUMNS)


def _age(moment: str, rules: Rules) -> pl.Expr:
    local = pl.col(moment).dt.replace_time_zone("UTC").dt.convert_time_zone(rules.timezone).dt.date()
    return (pl.lit(rules.as_of) - local).dt.total_days()


def _passes(test: str) -> pl.Expr:
    return pl.col(f"{test}_ok").fill_null(value=False)


def _per_journey(judged: pl.DataFrame) -> pl.DataFrame:
    own = pl.col("journeys").list.unique().list.drop_nulls().fill_null([])
    journeys = pl.concat_list(own, pl.lit([ALL]))
    return judged.with_columns(journey=journeys).explode("journey", empty_as_null=True)


def _summary(rows: pl.DataFrame, keys: list[str], note: str | None) -> pl.DataFrame:
    weight, unweighted = pl.col("weight"), pl.col("sensitivity").is_null().sum()
    passing = weight.filter("passes").sum()
    unknown = pl.any_horizontal(pl.col(f"{test}_ok").is_null() for test in TESTS)
    remark = pl.when(unweighted > 0).then(
        pl.format("{} without sensitivity, at its least favourable weight", unweighted)
    )
    return (
        rows.group_by(keys)
        .agg(
            fields=pl.len().cast(pl.Int64),
            passing=pl.col("passes").sum().cast(pl.Int64),
            score=passing / weight.sum(),
            excess_load=(weight.sum() - passing).cast(pl.Float64),
            **{f"failing_{test}": (~_passes(test)).sum().cast(pl.Int64) for test in TESTS},
            unknown=unknown.sum().cast(pl.Int64),
            retention_overdue=pl.col("retention_overdue_days").count().cast(pl.Int64),
            retention_overdue_days=pl.col("retention_overdue_days").max(),
            status=pl.lit("ok"),
            note=pl.concat_str(remark, pl.lit(note, pl.String), separator="; ", ignore_nulls=True),
        )
        .sort(keys)
    )


def _to_delete() -> pl.Expr:
    return pl.col("purpose_ok").eq(other=False).fill_null(value=False) | pl.col("use_ok").eq(
        other=False
    ).fill_null(value=False)


def _fix(row: dict[str, object], rules: Rules) -> str | None:
    """What mends a field, in words; None when nothing has to be mended."""
    if row["passes"]:
        return None
    if row["purpose_ok"] is False:
        return "Delete it: no active purpose lists it as needed."
    if row["use_ok"] is False:
        return f"Delete it: not used for {row['unused_days']} days, {rules.use_window_days} are allowed."
    consent = row["lawful_basis"] == "consent"
    steps = {
        "Name the purposes that are active (`active_purposes` in workspace.yaml)": row["purpose_ok"] is None,
        "Keep a record of consent (table consent_events)": not row["basis_ok"] and consent,
        f"Record its lawful basis: {', '.join(LAWFUL_BASES[:-1])} or {LAWFUL_BASES[-1]}": not row["basis_ok"]
        and not consent,
        "Record when it was last used": row["use_ok"] is None,
        "Declare for how many days it may be kept": row["retention_days"] is None,
        "Record the time of its oldest record": row["oldest_record_at"] is None,
        f"Erase records older than {row['retention_days']} days": row["retention_ok"] is False,
    }
    return ". ".join(step for step, applies in steps.items() if applies) + "."


def _note(row: dict[str, object]) -> str | None:
    """Which evidence is missing, in words."""
    missing = {
        "active purposes unknown": row["purpose_ok"] is None,
        "last use not recorded": row["use_ok"] is None,
        "retention not declared": row["retention_days"] is None,
        "oldest record not recorded": row["oldest_record_at"] is None,
        "sensitivity not recorded, at its least favourable weight": row["sensitivity"] is None,
    }
    return "; ".join(what for what, applies in missing.items() if applies) or None
