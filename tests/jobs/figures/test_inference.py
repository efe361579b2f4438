"""From an inference log to its files: a quarter by hand, and the demo against a plain recount."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from jobs.clock import utc_offsets
from jobs.refresh import refresh
from metrics import inference
from tests.jobs.figures.desk import figures

SETTINGS = """
name: Corner shop
currency: EUR
timezone: Europe/Dublin
as_of: 2026-11-23
journeys: journeys.yaml
tables: {}
"""
JOURNEYS = """
- {id: homepage, purposes: [recommend], latency_target_ms: 100}
- {id: cart, purposes: [recommend]}
- {id: silent, purposes: [recommend]}
"""
LOG = [
    "journey,model,serving,occurred_at,recommendations,cost,latency_ms,request_bytes",
    "homepage,big,central,2026-09-30T22:59:59Z,1000,9,500,1",
    "homepage,big,central,2026-09-30T23:00:00Z,10,0.02,80,1000",
    "homepage,big,central,2026-10-24T22:30:00Z,10,0.02,120,3000",
    "homepage,big,central,2026-10-26T00:30:00Z,20,0.04,90,",
    "homepage,big,central,2026-10-26T00:30:00Z,5,-0.04,90,",
    "homepage,small,on_device,2026-11-01T10:00:00Z,40,0.004,10,",
    "homepage,small,on_device,2026-11-01T11:00:00Z,40,0.004,20,",
    "cart,next,edge,2026-11-01T11:00:00Z,0,0.001,,",
]
ROUNDS = [
    "journey,model,round,clients,metric,value,bytes_up,bytes_down",
    "homepage,small,1,10,auc,0.6,100,900",
    "homepage,small,1,10,loss,0.6,100,900",
    "homepage,small,2,10,auc,0.7,100,900",
]


def shop(folder: Path, journeys: str = JOURNEYS, **tables: list[str]) -> Path:
    """A refreshed workspace whose tables are CSV files."""
    folder.mkdir()
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]))
    listed = ", ".join(f"{name}: {name}.csv" for name in tables)
    (folder / "workspace.yaml").write_text(SETTINGS.format(f"{{{listed}}}"))
    (folder / "journeys.yaml").write_text(journeys)
    refresh(folder)
    return folder


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("inference") / "shop", inference_log=LOG, model_rounds=ROUNDS)


def test_a_quarter_by_hand(measured: Path) -> None:
    rows, *_ = figures(measured, "inference")
    found = {row["model"]: row for row in rows.iter_rows(named=True)}
    assert set(rows["period"]) == {"2026Q4"}
    assert set(rows["status"]) == {"ok"}
    big = found["big"]
    assert (big["requests"], big["timed_requests"], big["recommendations"]) == (3, 3, 40)
    assert big["cost"] == pytest.approx(0.08)
    assert big["cost_per_1k"] == pytest.approx(2.0)
    assert big["latency_p50"] == 90.0
    assert big["latency_p95"] == pytest.approx(117.0)
    assert big["share_over_latency_target"] == 0.25
    assert (big["server_requests_avoided"], big["server_bytes_avoided"]) == (0, 0.0)
    small = found["small"]
    assert (small["server_requests_avoided"], small["server_bytes_avoided"]) == (2, 4000.0)
    assert small["training_bytes"] == 2000.0
    assert "1 row" in small["note"]
    assert "no experiment has started on this journey" in small["note"]


def test_no_recommendation_has_no_rate(measured: Path) -> None:
    rows, *_ = figures(measured, "inference")
    cart = rows.filter(pl.col("journey") == "cart").row(0, named=True)
    assert (cart["requests"], cart["cost"], cart["cost_per_1k"]) == (1, 0.001, None)
    assert cart["timed_requests"] == 0
    assert cart["latency_p95"] is None
    assert cart["note"].startswith("nothing recommended: no cost per thousand; no latency recorded")


def test_days_are_the_workspaces_and_add_up_to_the_quarter(measured: Path) -> None:
    days, rows = figures(measured, "inference_by_day", "inference")
    big = days.filter(pl.col("model") == "big")
    assert [f"{day:%m-%d}" for day in big["day"]] == ["10-01", "10-24", "10-26"]
    summed = days.group_by(inference.MODEL).agg(pl.col("requests", "recommendations", "cost").sum())
    whole = rows.select(*inference.MODEL, "requests", "recommendations", "cost")
    assert_frame_equal(summed, whole, check_row_order=False)


def test_a_negative_cost_is_set_aside(measured: Path) -> None:
    (rows,) = figures(measured, "quarantine")
    assert rows.select("table", "rule", "rows").rows() == [("inference_log", "negative_cost", 1)]


def test_journeys_carry_cost_and_latency_and_silence_stays_empty(measured: Path) -> None:
    rows, *_ = figures(measured, "journeys")
    found = {row["journey"]: row for row in rows.iter_rows(named=True)}
    home = found["homepage"]
    assert home["inference_cost"] == pytest.approx(0.088)
    assert home["cost_per_1k"] == pytest.approx(0.088 / 120 * 1000)
    assert home["latency_p95"] == pytest.approx(114.0)
    assert home["share_over_latency_target"] == pytest.approx(10 / 120)
    names = ("inference_cost", "cost_per_1k", "latency_p95", "share_over_latency_target", "net_value")
    assert [found["silent"][name] for name in names] == [None] * 5


def test_without_a_log_there_is_no_evidence(tmp_path: Path) -> None:
    folder = shop(tmp_path / "shop", model_rounds=ROUNDS)
    rows, days, journeys = figures(folder, "inference", "inference_by_day", "journeys")
    assert rows.is_empty()
    assert days.is_empty()
    assert journeys["inference_cost"].is_null().all()


def test_a_retailer_that_declares_no_journeys_still_sees_its_cost(tmp_path: Path) -> None:
    rows, values = figures(shop(tmp_path / "shop", "[]", inference_log=LOG), "inference", "net_value")
    assert rows["cost"].sum() == pytest.approx(0.089)
    assert rows["share_over_latency_target"].is_null().all()
    assert values.is_empty()


def test_a_large_log_is_read_from_the_histogram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "EXACT_BELOW", 3)
    (rows,) = figures(shop(tmp_path / "shop", inference_log=LOG), "inference")
    big = rows.filter(pl.col("model") == "big").row(0, named=True)
    assert big["latency_p50"] != 90.0
    assert big["latency_p50"] == pytest.approx(90.0, rel=inference.ERROR)
    assert "histogram, within 0.5\u00a0% of the exact quantile" in big["note"]


def test_the_demo_equals_a_plain_recount(measured_demo: Path) -> None:
    rows, *_ = figures(measured_demo, "inference")
    log = (
        pl.scan_parquet(measured_demo / "data" / "inference_log" / "*.parquet")
        .filter(pl.col("cost") >= 0, pl.col("serving") != "mainframe")
        .filter(pl.col("occurred_at").dt.convert_time_zone("Europe/Dublin").dt.strftime("%Y%m") >= "202607")
        .group_by(inference.MODEL)
        .agg(
            pl.len().cast(pl.Int64).alias("requests"),
            pl.col("recommendations", "cost").sum(),
            cost_per_1k=pl.col("cost").sum() / pl.col("recommendations").sum() * 1000,
            **{
                name: pl.col("latency_ms").quantile(quantile, "linear")
                for name, quantile in inference.QUANTILES.items()
            },
        )
        .collect()
    )
    assert log.height == 8
    assert_frame_equal(rows.select(log.columns), log, check_row_order=False, check_exact=False, rel_tol=1e-9)


def test_the_demo_has_something_to_say(measured_demo: Path) -> None:
    rows, days = figures(measured_demo, "inference", "inference_by_day")
    slow = rows.sort("share_over_latency_target").tail(1).row(0, named=True)
    assert (slow["journey"], slow["serving"]) == ("homepage", "central")
    assert rows.filter(pl.col("server_requests_avoided") > 0)["serving"].unique().sort().to_list() == [
        "contextual",
        "on_device",
    ]
    assert rows.filter(pl.col("training_bytes") > 0)["model"].to_list() == ["next-item-small"]
    assert (
        rows.filter(pl.col("serving").is_in(["contextual", "on_device"]))["server_bytes_avoided"] > 0
    ).all()
    assert days["day"].n_unique() > 80


@pytest.mark.parametrize(
    ("zone", "offsets"),
    [
        ("UTC", [("2026-10-01T00:00", 0)]),
        ("Europe/Dublin", [("2026-10-01T00:00", 60), ("2026-10-25T01:00", 0)]),
        ("Australia/Lord_Howe", [("2026-10-01T00:00", 630), ("2026-10-03T15:30", 660)]),
    ],
)
def test_clock_changes_are_found_to_the_quarter_of_an_hour(zone: str, offsets: list[tuple[str, int]]) -> None:
    first, last = (dt.datetime.fromisoformat(text) for text in ("2026-10-01", "2027-01-01"))
    found = [
        (f"{at:%Y-%m-%dT%H:%M}", step.seconds // 60) for at, step in utc_offsets(ZoneInfo(zone), first, last)
    ]
    assert found == offsets
