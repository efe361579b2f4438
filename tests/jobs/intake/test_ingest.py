"""Tables as retailers hand them in, sifted."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import create_engine, text

from jobs.intake.contracts.catalogue import CONTRACTS
from jobs.intake.ingest import ingest
from jobs.intake.sources import TableSource
from tests.jobs.intake.shop import CONTEXT, SECRET, WHERE, Shop, examples, rows, rules


def test_csv_and_parquet_mean_the_same(tmp_path: Path) -> None:
    local = dt.datetime(2026, 7, 1, 9)  # noqa: DTZ001
    from_parquet = (
        Shop(tmp_path / "a")
        .parquet(
            "a.parquet",
            order_id=[1, 2],
            sku=["s1", "s2"],
            quantity=[1, -2],
            revenue=[9.5, -19.0],
            ordered_at=pl.Series([local, local]).dt.replace_time_zone("UTC"),
            recommended=[True, None],
            customer_id=["c1", ""],
        )
        .ingest("order_lines")
    )
    from_csv = (
        Shop(tmp_path / "b")
        .csv(
            "a.csv",
            "customer_id,recommended,ordered_at,revenue,quantity,sku,order_id,mail",
            f"c1,true,2026-07-01T10:00:00+01:00,9.5,1,s1,1,{SECRET}",
            ',,"2026-07-01 09:00:00.000Z",-19,-2,s2,2,',
        )
        .ingest("order_lines")
    )

    assert rows(from_csv).equals(rows(from_parquet))
    assert from_csv.columns == from_parquet.columns == (*CONTRACTS["order_lines"].schema.columns(), "product")
    assert from_csv.first_time == from_csv.last_time == local


def test_files_may_differ_in_order_of_columns_and_optional_ones(shop: Shop) -> None:
    shop.csv("a.csv", "customer_id,jurisdiction,birth_date", "c1,IE,1990-01-01")
    shop.csv("b.csv", "jurisdiction,household_id,customer_id", "DE,h1,c2")

    table = shop.ingest("customers")

    assert rows(table).select("customer_id", "jurisdiction", "birth_date", "household_id").rows() == [
        ("c1", "IE", dt.date(1990, 1, 1), None),
        ("c2", "DE", None, "h1"),
    ]


def test_bad_rows_are_told_by_place_and_never_by_value(shop: Shop) -> None:
    shop.csv(
        "a.csv",
        "order_id,sku,quantity,revenue,ordered_at",
        "o1,s1,1,9.5,2026-07-01",
        f"o2,s1,{SECRET},9.5,{SECRET}",
        f"o3,{'x' * 1_000_000},1,9.5,2026-07-01",
        "o4,s1,1,nan,2026-07-01",
        "o5,s1,1,9.5,2026-10-01",
        ",s1,1,9.5,2026-07-01",
        f"o7,s1,1,{SECRET},2026-07-01",
    )

    table = shop.ingest("order_lines")

    assert examples(table) == [
        "data/a.csv, row 2, column quantity: wrong_type",
        "data/a.csv, row 3, column sku: too_long",
        "data/a.csv, row 4, column revenue: not_finite",
        "data/a.csv, row 5, column ordered_at: time_after_as_of",
        "data/a.csv, row 6, column order_id: missing_value",
    ]
    assert rules(table)["wrong_type"] == 2
    assert SECRET not in repr(table)
    (file,) = shop.quarantine.iterdir()
    quarantined = pl.read_parquet(file)
    assert quarantined.filter(row=2)["quantity"].item() == SECRET
    assert quarantined.schema == dict.fromkeys(quarantined.columns, pl.String) | {"row": pl.Int64}


def test_columns_nobody_asked_for_are_not_even_quarantined(shop: Shop) -> None:
    shop.csv("a.csv", "customer_id,jurisdiction,mail", f"c1,IE,{SECRET}", f"c2,ireland,{SECRET}")

    table = shop.ingest("customers")

    (file,) = shop.quarantine.iterdir()
    for frame in (rows(table), pl.read_parquet(file)):
        assert SECRET not in str(frame.rows())


@pytest.mark.parametrize(
    ("kind", "stored_as", "expected"),
    [
        ("number", ["1.5", "2"], pl.Float64),
        ("text", [1.5, 2.0], pl.String),
        ("any", [1.5, 2.0], pl.Float64),
        ("any", [True, False], pl.Float64),
        ("any", ["1.5", "2"], pl.String),
    ],
)
def test_further_columns(shop: Shop, kind: str, stored_as: list[object], expected: pl.DataType) -> None:
    shop.parquet("a.parquet", experiment=["e", "e"], unit_id=["1", "2"], visits=stored_as)
    extra = {"unit_outcomes": {"visits": kind, "elsewhere": "number", "unit_id": "number"}}

    table = shop.ingest("unit_outcomes", replace(CONTEXT, extra_columns=extra))

    assert table.columns == ("experiment", "unit_id", "visits")
    assert rows(table).schema["visits"] == expected


def test_codes_that_are_no_products_are_marked(shop: Shop) -> None:
    line = "order_id,sku,quantity,revenue,ordered_at"
    shop.csv("a.csv", line, "o1,POST,1,4,2026-07-01", "o1,85048,1,9.5,2026-07-01")

    assert rows(shop.ingest("order_lines"))["product"].to_list() == [True, True]
    table = shop.ingest("order_lines", replace(CONTEXT, sku_exclude="^[A-Z]+$"))
    assert rows(table).select("sku", "product").rows() == [("POST", False), ("85048", True)]


def test_an_unknown_category_is_told_its_nearest_neighbour(shop: Shop) -> None:
    shop.csv("a.csv", "system,field,data_category", "crm,mail,user.contact.emial", "crm,name,user.name")

    assert examples(shop.ingest("data_inventory")) == [
        "data/a.csv, row 1, column data_category: unknown_data_category (nearest known: user.contact.email)"
    ]


def test_lists_are_lists(shop: Shop) -> None:
    header = "system,field,data_category,journeys,purposes,sensitivity,retention_days"
    shop.csv("a.csv", header, "crm,mail,user.name,home; cart,,2,365")

    row = rows(shop.ingest("data_inventory")).row(0, named=True)

    assert (row["journeys"], row["purposes"], row["retention_days"]) == (["home", "cart"], None, 365)


def test_a_query(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'privacy.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("create table r (request_id text, kind text, jurisdiction text, received_at text)")
        )
        connection.execute(
            text("insert into r values ('r1','access','IE','2026-07-01'), ('r2','forget','IE','2026-07-01')")
        )
    engine.dispose()
    source = TableSource("dsr_requests", (), url, "select * from r order by request_id", WHERE)

    first, second = (ingest(source, CONTEXT, tmp_path / "state", tmp_path / "quarantine") for _ in range(2))

    assert first.fingerprint == second.fingerprint
    assert examples(first) == ["query of dsr_requests, row 2, column kind: unknown_kind"]


def test_households_without_any_household_id_are_told(shop: Shop) -> None:
    shop.csv("a.csv", "customer_id,jurisdiction", "c1,IE", "c2,IE")
    by_household = replace(CONTEXT, household_experiments=("e",))

    assert shop.ingest("customers").notices == ()
    told = shop.ingest("customers", by_household).notices
    assert [notice.what for notice in told] == [
        "No customer has a household_id, but households are assigned in e: each counts as its own."
    ]
    shop.csv("a.csv", "customer_id,jurisdiction,household_id", "c1,IE,h1", "c2,IE,")
    assert shop.ingest("customers", by_household).notices == ()
