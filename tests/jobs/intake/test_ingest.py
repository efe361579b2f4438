"""Tables as retailers hand them in, sifted."""

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from jobs.intake.contracts.catalogue import CONTRACTS
from jobs.intake.ingest import IngestContext, IngestedTable, ingest
from jobs.intake.reading import stored
from jobs.intake.sources import TableSource
from jobs.problems import Problem, WorkspaceError
from tests.acceptance_data import ACCEPTANCE, needs_acceptance_data

WHERE = "workspace.yaml, line 9"
CONTEXT = IngestContext(timezone="Europe/Dublin", as_of_end=dt.datetime(2026, 9, 30, 23))  # noqa: DTZ001
SECRET = "mary@example.com"


class Shop:
    """A folder of files, and what comes of ingesting them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.accepted = folder / "state"
        self.quarantine = folder / "quarantine"
        self.data.mkdir(parents=True)

    def csv(self, name: str, *lines: str) -> "Shop":
        (self.data / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
        return self

    def parquet(self, name: str, **columns: Any) -> "Shop":
        pl.DataFrame(columns).write_parquet(self.data / name)
        return self

    def ingest(self, table: str, context: IngestContext = CONTEXT) -> IngestedTable:
        source = TableSource(table, (str(self.data / "*"),), None, None, WHERE)
        result = ingest(source, context, self.accepted, self.quarantine)
        quarantined = sum(count.rows for count in result.quarantined)
        assert result.rows_in == result.rows_accepted + quarantined
        assert result.rows_accepted == rows(result).height
        assert quarantined == sum(pl.read_parquet(file).height for file in self.quarantine.glob("*"))
        return result

    def problems(self, table: str, context: IngestContext = CONTEXT) -> tuple[Problem, ...]:
        """What is wrong with the table as a whole; nothing is left behind."""
        with pytest.raises(WorkspaceError) as raised:
            self.ingest(table, context)
        assert SECRET not in str(raised.value)
        assert [*self.accepted.glob("*"), *self.quarantine.glob("*")] == []
        return raised.value.problems


def rows(table: IngestedTable) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(part) for part in table.parts])


def rules(table: IngestedTable) -> dict[str, int]:
    return {count.rule: count.rows for count in table.quarantined}


def examples(table: IngestedTable) -> list[str]:
    return [count.example for count in table.quarantined]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


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


class TestKeys:
    """Rows that other rows condemn."""

    def test_every_row_of_a_duplicated_key_is_set_aside_across_files(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction", "c1,IE", "c2,IE", "c3,IE")
        shop.csv("b.csv", "customer_id,jurisdiction", "c4,DE", "c2,DE", "c2,DE")

        table = shop.ingest("customers")

        assert rules(table) == {"duplicate_key": 3}
        assert examples(table) == ["data/a.csv, row 2, column customer_id: duplicate_key"]
        assert rows(table)["customer_id"].to_list() == ["c1", "c3", "c4"]
        (file,) = shop.quarantine.iterdir()
        places = pl.read_parquet(file).select("file", "row", "jurisdiction").rows()
        assert places == [("data/a.csv", 2, "IE"), ("data/b.csv", 2, "DE"), ("data/b.csv", 3, "DE")]

    def test_a_rejected_row_makes_its_key_ambiguous_too(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction", "c1,IE", "c1,nowhere", "c2,IE")

        table = shop.ingest("customers")

        assert rules(table) == {"malformed_jurisdiction": 1, "duplicate_key": 1}

    def test_positions_count_from_the_file_whatever_was_rejected_before(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction", "c0,no", "c1,IE", "c2,no", "c3,IE", "c3,IE")

        assert examples(shop.ingest("customers")) == [
            "data/a.csv, row 1, column jurisdiction: malformed_jurisdiction",
            "data/a.csv, row 4, column customer_id: duplicate_key",
        ]

    def test_an_empty_part_of_a_key_equals_another(self, shop: Shop) -> None:
        shop.csv("a.csv", "vendor,service", "v1,", "v1,", "v1,mail", "v2,")

        table = shop.ingest("vendors")

        assert rules(table) == {"duplicate_key": 2}
        assert examples(table) == ["data/a.csv, row 1, column vendor + service: duplicate_key"]

    def test_an_unreadable_part_of_a_key_equals_nothing(self, shop: Shop) -> None:
        line = "experiment,variant,metric,n,mean,variance,day"
        shop.csv("a.csv", line, "e,v,m,10,1,2,", "e,v,m,10,1,2,first", "e,v,m,10,1,2,1")

        assert rules(shop.ingest("moments")) == {"wrong_type": 1}

    def test_tables_without_key_keep_equal_rows(self, shop: Shop) -> None:
        shop.csv("a.csv", "journey,occurred_at", "home,2026-07-01", "home,2026-07-01")

        assert shop.ingest("journey_events").rows_accepted == 2

    def test_a_unit_in_two_variants_is_set_aside_in_both(self, shop: Shop) -> None:
        line = "experiment,unit_id,variant,assigned_at"
        shop.csv("a.csv", line, "e,c1,a,2026-07-01T10:00Z", "e,c2,a,", "e,c3,a,", "f,c1,b,")
        shop.csv("b.csv", line, "e,c1,b,", "e,c2,a,", "e,c3,typo,", "e,c1,a,")
        context = replace(CONTEXT, variants={"e": ("a", "b")})

        table = shop.ingest("assignments", context)

        assert rules(table) == {"crossover": 3, "unknown_variant": 1}
        assert examples(table)[0] == "data/a.csv, row 1, column unit_id: crossover"
        assert rows(table).select("experiment", "unit_id", "variant").rows() == [
            ("e", "c2", "a"),
            ("e", "c3", "a"),
            ("f", "c1", "b"),
            ("e", "c2", "a"),
        ]
        crossovers = pl.concat([pl.read_parquet(path) for path in table.crossovers])
        assert crossovers.rows() == [
            ("e", "c1", "a", dt.datetime(2026, 7, 1, 10)),  # noqa: DTZ001
            ("e", "c1", "b", None),
            ("e", "c1", "a", None),
        ]

    def test_tombstones_of_two_variants_are_no_crossover(self, shop: Shop) -> None:
        line = "experiment,unit_id,variant,units"
        shop.csv("a.csv", line, "e,*erased*,a,3", "e,*erased*,b,4", "e,c1,a,")

        table = shop.ingest("assignments")

        assert (rules(table), table.crossovers) == ({}, ())

    def test_one_part_may_lose_all_its_rows(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction", "c1,IE")
        shop.csv("b.csv", "customer_id,jurisdiction", "c1,IE", "c2,IE")

        table = shop.ingest("customers")

        assert list((shop.accepted / "customers").iterdir()) == list(table.parts)
        assert rows(table)["customer_id"].to_list() == ["c2"]


class TestWholeTables:
    """What stops a table as a whole."""

    @pytest.mark.parametrize(
        ("lines", "where", "says", "remedy"),
        [
            (
                ("customer,jurisdiction", "c1,IE"),
                "data/a.csv",
                "'customer_id' is missing",
                "mean 'customer'?",
            ),
            (("customer_id", "c1"), "data/a.csv", "'jurisdiction' is missing", "under the name"),
            (("customer_id;jurisdiction", "c1;IE"), "data/a.csv", "is missing", "commas"),
            (("customer_id,jurisdiction",), WHERE, "has no rows", "means no evidence"),
            (("customer_id,jurisdiction", f"{SECRET},no", ",IE"), WHERE, "Every row", "Correct the export"),
            (
                ("customer_id,jurisdiction", f"{SECRET},IE", "c2"),
                "data/a.csv, line 3",
                "1 fields",
                "quotation",
            ),
        ],
    )
    def test_csv(self, shop: Shop, lines: Sequence[str], where: str, says: str, remedy: str) -> None:
        problem = shop.csv("a.csv", *lines).problems("customers")[0]

        assert problem.where == where
        assert says in problem.what
        assert remedy in problem.remedy

    def test_a_type_that_never_fits(self, shop: Shop) -> None:
        shop.parquet(
            "a.parquet",
            journey=["home"],
            occurred_at=[1_782_900_000],
            customer_id=[{"id": SECRET}],
        )

        told = [problem.what for problem in shop.problems("journey_events")]

        assert "'customer_id' is stored as Struct" in told[0]
        assert "'occurred_at' is stored as Int64, which is never a time" in told[1]

    def test_every_file_is_told(self, shop: Shop) -> None:
        for name in ("a.csv", "b.csv"):
            shop.csv(name, "customer_id", "c1")

        assert [problem.where for problem in shop.problems("customers")] == ["data/a.csv", "data/b.csv"]

    def test_all_rows_lost_to_their_keys(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction", "c1,IE", "c1,IE")

        assert (
            "2 × data/a.csv, row 1, column customer_id: duplicate_key" in shop.problems("customers")[0].what
        )

    def test_one_empty_day_is_no_empty_table(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction").csv("b.csv", "customer_id,jurisdiction", "c1,IE")

        assert shop.ingest("customers").rows_in == 1

    def test_a_wrong_pattern_of_codes(self, shop: Shop) -> None:
        shop.csv("a.csv", "order_id,sku,quantity,revenue,ordered_at", "o1,s1,1,9.5,2026-07-01")

        (problem,) = shop.problems("order_lines", replace(CONTEXT, sku_exclude="(?!x"))

        assert "sku_exclude '(?!x' is not a regular expression" in problem.what

    def test_a_failure_leaves_the_last_good_state(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction", "c1,IE", "c2,no")
        before = shop.ingest("customers")
        content = before.parts[0].read_bytes()
        shop.csv("a.csv", "customer_id,jurisdiction", "c1,no")

        with pytest.raises(WorkspaceError):
            shop.ingest("customers")

        assert before.parts[0].read_bytes() == content
        assert len(list(shop.quarantine.iterdir())) == 1
        assert [path.name for path in shop.accepted.iterdir()] == ["customers"]

    def test_a_later_run_replaces_an_earlier_one_and_what_a_killed_one_left(self, shop: Shop) -> None:
        for name in ("a.csv", "b.csv"):
            shop.csv(name, "customer_id,jurisdiction", f"{name},IE")
        shop.ingest("customers")
        (shop.accepted / ".customers.partial-killed").mkdir()
        (shop.data / "b.csv").unlink()

        table = shop.ingest("customers")

        assert [path.name for path in shop.accepted.iterdir()] == ["customers"]
        assert list((shop.accepted / "customers").iterdir()) == list(table.parts)
        assert rows(table)["customer_id"].to_list() == ["a.csv"]


class TestNotices:
    """What a person should know though no row is wrong."""

    def test_mixed_zones(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stored, "_BATCH_ROWS", 2)
        times = [
            "2026-07-01",
            "2026-07-01T10:00Z",
            "2026-07-01T10:00+01:00",
            "2026-07-01T10:00",
            "2026-07-01 11:00",
        ]
        shop.csv("a.csv", "journey,occurred_at", *(f"home,{time}" for time in times))
        shop.csv("b.csv", "journey,occurred_at", "home,2026-07-01T10:00")

        (notice,) = shop.ingest("journey_events").notices

        assert notice.where == "data/a.csv, column occurred_at, row 4"
        assert notice.what == "2 times have no zone while others have one; they were read as UTC."

    def test_a_column_that_is_almost_named_like_one_of_ours(self, shop: Shop) -> None:
        shop.csv("a.csv", "customer_id,jurisdiction,birthdate", "c1,IE,1990-01-01")

        (notice,) = shop.ingest("customers").notices

        assert notice.what == "The column 'birthdate' is not read; 'birth_date' would be."

    def test_names_that_have_nothing_in_common_with_the_files(self, shop: Shop) -> None:
        shop.csv("a.csv", "experiment,unit_id,variant", "cart_2026,c1,a")
        context = replace(CONTEXT, variants={"cart-2026": ("a", "b")})

        (notice,) = shop.ingest("assignments", context).notices

        assert notice.what == "No experiment in table assignments is one that the YAML files name."
        assert "cart-2026" in notice.remedy


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


FAULTY = {
    "customers": {
        "customer_id": st.sampled_from(["c1", "c2", "c3", "c4", "", "c" * 300]),
        "jurisdiction": st.sampled_from(["IE", "US-CA", "ireland", ""]),
        "birth_date": st.sampled_from(["", "1990-02-03", "2030-01-01", "1990-02-30"]),
    },
    "assignments": {
        "experiment": st.sampled_from(["e", "f", ""]),
        "unit_id": st.sampled_from(["c1", "c2", "c3", "*erased*", ""]),
        "variant": st.sampled_from(["a", "b", "typo"]),
        "assigned_at": st.sampled_from(["", "2026-07-01", "2026-07-01T10:00:00+02:00", "2027-01-01", "soon"]),
        "units": st.sampled_from(["", "", "1", "3", "x"]),
    },
    "moments": {
        "experiment": st.just("e"),
        "variant": st.sampled_from(["a", "b"]),
        "metric": st.sampled_from(["m", ""]),
        "n": st.sampled_from(["10", "10.0", "0", "1.5"]),
        "mean": st.sampled_from(["1.5", "nan", "x"]),
        "variance": st.sampled_from(["", "2", "-1"]),
        "day": st.sampled_from(["", "1", "one"]),
    },
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[dict[str, str]], list[int], list[int]]:
    """A table, its rows of text with faults, a permutation of them and the numbers of its file borders."""
    name = draw(st.sampled_from(sorted(FAULTY)))
    found = draw(st.lists(st.fixed_dictionaries(FAULTY[name]), min_size=1, max_size=25))
    order = draw(st.permutations(range(len(found))))
    borders = draw(st.lists(st.integers(0, len(found)), max_size=3))
    return name, found, list(order), sorted(borders)


def sifted(folder: Path, name: str, files: list[list[dict[str, str]]]) -> tuple[list[Any], dict[str, int]]:
    """Accepted rows in a fixed order, and rows by rule, however many there are."""
    shutil.rmtree(folder, ignore_errors=True)
    shop = Shop(folder)
    for number, found in enumerate(files):
        pl.DataFrame(found, schema=dict.fromkeys(FAULTY[name], pl.String)).write_csv(
            shop.data / f"{number}.csv"
        )
    try:
        table = shop.ingest(name, replace(CONTEXT, variants={"e": ("a", "b")}))
    except WorkspaceError:
        return [], {}
    accepted = rows(table)
    assert accepted.equals(CONTRACTS[name].schema.validate(accepted))
    assert table.rows_in == sum(map(len, files))
    return sorted(accepted.rows(), key=repr), rules(table)


@settings(max_examples=30, deadline=None)
@given(tables(), st.integers(1, 7))
def test_neither_order_nor_files_nor_batches_change_what_is_accepted(
    tmp_path_factory: pytest.TempPathFactory,
    case: tuple[str, list[dict[str, str]], list[int], list[int]],
    batch: int,
) -> None:
    name, found, order, borders = case
    folder = tmp_path_factory.getbasetemp() / "sifted"
    shuffled = [found[at] for at in order]
    starts, ends = [0, *borders], [*borders, len(found)]

    whole = sifted(folder, name, [found])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_BATCH_ROWS", batch)
        split = sifted(folder, name, [shuffled[a:b] for a, b in zip(starts, ends, strict=True)])

    assert split == whole


@needs_acceptance_data
@pytest.mark.parametrize(
    ("path", "table", "count"),
    [
        ("hillstrom/data/customers.parquet", "customers", 64_000),
        ("hillstrom/data/assignments.parquet", "assignments", 64_000),
        ("hillstrom/data/unit_outcomes.parquet", "unit_outcomes", 64_000),
        ("cookie_cats/data/assignments.parquet", "assignments", 90_189),
        ("cookie_cats/data/unit_outcomes.parquet", "unit_outcomes", 90_189),
        ("online_retail_placebo/data/customers.parquet", "customers", 4_383),
        ("online_retail_placebo/data/assignments.parquet", "assignments", 2_783),
        ("online_retail_placebo/data/order_lines.parquet", "order_lines", 525_461),
    ],
)
def test_real_tables_are_accepted_whole(tmp_path: Path, path: str, table: str, count: int) -> None:
    metrics = ("visit", "conversion", "spend", "retention_1", "retention_7", "rounds")
    context = replace(CONTEXT, extra_columns={"unit_outcomes": dict.fromkeys(metrics, "number")})
    source = TableSource(table, (str(ACCEPTANCE / path),), None, None, WHERE)

    result = ingest(source, context, tmp_path / "state", tmp_path / "quarantine")

    assert (result.rows_in, result.rows_accepted) == (count, count)
    assert result.notices == ()
