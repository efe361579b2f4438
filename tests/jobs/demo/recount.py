"""A plain recount of the demo from its files, sharing no code with the generator."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

col = pl.col
DUBLIN = "Europe/Dublin"
CHILD_BELOW = 16


@dataclass(frozen=True)
class Demo:
    """A demo workspace, read from its folder; times without zone are UTC, bad rows are left out."""

    folder: Path

    def yaml(self, name: str) -> Any:
        return yaml.safe_load((self.folder / f"{name}.yaml").read_text(encoding="utf-8"))

    @property
    def truth(self) -> dict[str, Any]:
        return json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "data" / name / "*.parquet")

    def csv(self, name: str) -> pl.DataFrame:
        return pl.read_csv(self.folder / "data" / f"{name}.csv", infer_schema_length=None)

    @property
    def end(self) -> dt.datetime:
        day = self.yaml("workspace")["as_of"] + dt.timedelta(days=1)
        return pl.select(local(day)).item()

    def experiment(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.yaml("experiments") if entry["id"] == name)

    def requests(self) -> pl.DataFrame:
        rows = self.csv("dsr_requests").filter(
            col("request_id").is_unique(), col("customer_id").is_not_null()
        )
        instant = pl.col("received_at", "closed_at").str.to_datetime(time_zone="UTC")
        return rows.with_columns(instant).filter(
            col("kind") != "complain", col("closed_at").is_null() | (col("closed_at") >= col("received_at"))
        )

    def consent(self) -> pl.DataFrame:
        rows = self.table("consent_events").filter(
            col("state").is_in(["granted", "refused", "withdrawn"]),
            col("customer_id").is_not_null(),
            col("occurred_at") < self.end,
            ~((col("source") == "gpc") & (col("state") == "granted")),
        )
        cut = (col("source") == "tcf") & (col("tc_string").str.len_chars() < 30)
        return rows.with_columns(state=pl.when(cut).then(pl.lit("refused")).otherwise(col("state")))

    def lines(self) -> pl.DataFrame:
        keys = pl.all_horizontal(col("order_id", "sku", "ordered_at").is_not_null())
        return self.table("order_lines").filter(keys, col("ordered_at") < self.end)


def local(day: dt.date) -> pl.Expr:
    midnight = dt.datetime.combine(day, dt.time())
    return pl.lit(midnight).dt.replace_time_zone(DUBLIN).dt.convert_time_zone("UTC")


def assigned(demo: Demo, name: str) -> pl.DataFrame:
    """customer_id, variant, assigned_at of the units assigned within the period."""
    entry = demo.experiment(name)
    rows = demo.table("assignments").filter(
        col("experiment") == name,
        col("unit_id").is_not_null(),
        col("variant").is_in(list(entry["allocation"])),
    )
    crossed = rows.filter(col("variant").n_unique().over("unit_id") > 1)["unit_id"]
    inside = rows.filter(
        ~col("unit_id").is_in(crossed.implode()),
        col("assigned_at") >= local(entry["starts"]),
        col("assigned_at") < local(entry["ends"] + dt.timedelta(days=1)),
    )
    units = inside.group_by("unit_id").agg(col("variant").first(), col("assigned_at").min())
    return units.rename({"unit_id": "customer_id"})


def granted(demo: Demo, rows: pl.DataFrame, purposes: list[str], at: str) -> pl.DataFrame:
    """The rows whose customer holds every purpose at the time in column `at`."""
    validity = demo.yaml("policy")["consent_validity_days"]
    place = demo.table("customers").drop_nulls("customer_id").select("customer_id", "jurisdiction")
    days = col("jurisdiction").str.slice(0, 2).replace_strict(validity, default=validity["default"])
    rows = rows.join(place.select("customer_id", days=days), on="customer_id", how="left").sort(at)
    for purpose in purposes:
        events = demo.consent().filter(col("purpose") == purpose).sort("occurred_at", "state")
        events = events.rename({"occurred_at": "since"})
        latest = rows.join_asof(
            events.select("customer_id", "since", "state"),
            left_on=at, right_on="since", by="customer_id", strategy="backward", check_sortedness=False,
        )  # fmt: skip
        valid = col(at) - col("since") <= pl.duration(days=col("days"))
        rows = latest.filter(col("state") == "granted", valid).drop("since", "state")
    return rows.drop("days")


def units(demo: Demo, name: str, window: int = 28) -> pl.DataFrame:
    """customer_id, variant, assigned_at, until: the mature units that count, and when their outcomes end."""
    entry = demo.experiment(name)
    purposes = entry.get("purposes", [])
    rows = assigned(demo, name)
    people = demo.table("customers").drop_nulls("customer_id").select("customer_id", "birth_date")
    age = (col("assigned_at").dt.date() - col("birth_date")).dt.total_days() / 365.25
    rows = rows.join(people, on="customer_id").filter((age >= CHILD_BELOW).fill_null(value=True))
    asked = demo.requests()
    done = col("outcome").is_in(["complied", "complied_in_part"]).fill_null(value=False)
    rows = rows.join(asked.filter(done, col("kind") == "delete"), on="customer_id", how="anti")
    stops = asked.filter(col("kind").is_in(["object", "opt_out", "limit", "restrict"]))
    objected = stops.group_by("customer_id").agg(objected=col("received_at").min())
    rows = rows.join(objected, on="customer_id", how="left")
    rows = rows.filter(col("objected").is_null() | (col("objected") >= col("assigned_at")))
    if not entry.get("programme"):
        universal = assigned(demo, "universal-holdout-2026").filter(col("variant") == "holdout")
        rows = rows.join(universal, on="customer_id", how="anti")
    rows = granted(demo, rows, purposes, "assigned_at")
    ends = demo.consent().filter(col("purpose").is_in(purposes), col("state") != "granted")
    gone = (
        rows.select("customer_id", "assigned_at")
        .join(ends, on="customer_id")
        .filter(col("occurred_at") > col("assigned_at"))
        .group_by("customer_id")
        .agg(gone=col("occurred_at").min())
    )
    rows = rows.join(gone, on="customer_id", how="left")
    last = col("assigned_at") + pl.duration(days=window)
    rows = rows.filter(last <= demo.end)
    return rows.select(
        "customer_id",
        "variant",
        "assigned_at",
        "gone",
        "objected",
        until=pl.min_horizontal(last, "gone", "objected"),
    )


def outcomes(demo: Demo, counted: pl.DataFrame) -> pl.DataFrame:
    """One row per unit with its outcomes in the window and its revenue in the 28 days before."""
    lines = demo.lines().join(counted, on="customer_id")
    inside = lines.filter(col("ordered_at") >= col("assigned_at"), col("ordered_at") < col("until"))
    before = lines.filter(
        col("ordered_at") < col("assigned_at"), col("ordered_at") >= col("assigned_at") - pl.duration(days=28)
    )
    sums = inside.group_by("customer_id").agg(
        revenue_uncapped=col("revenue").sum(),
        margin=col("margin").sum(),
        items=col("quantity").sum(),
        orders=col("order_id").n_unique(),
        conversion=pl.lit(1),
    )
    earlier = before.group_by("customer_id").agg(revenue_before=col("revenue").sum())
    joined = counted.join(sums, on="customer_id", how="left").join(earlier, on="customer_id", how="left")
    return joined.with_columns(
        col("revenue_uncapped", "margin", "items", "orders", "conversion", "revenue_before").fill_null(0)
    )


def arm_means(rows: pl.DataFrame, metric: str, variant: str) -> tuple[float, float]:
    """Mean and standard error of one arm."""
    values = rows.filter(col("variant") == variant)[metric].cast(pl.Float64)
    return float(values.mean()), float(values.std()) / len(values) ** 0.5


def relative(rows: pl.DataFrame, metric: str, control: str, variant: str) -> tuple[float, float]:
    """Relative difference of two arms and its standard error (delta method)."""
    base, base_error = arm_means(rows, metric, control)
    mean, error = arm_means(rows, metric, variant)
    ratio = mean / base
    return ratio - 1, (error**2 + (ratio * base_error) ** 2) ** 0.5 / base
