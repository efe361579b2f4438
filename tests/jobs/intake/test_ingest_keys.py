"""All rows of a key given twice are set aside, across files."""

import datetime as dt
from dataclasses import replace

import polars as pl

from tests.jobs.intake.shop import CONTEXT, Shop, examples, rows, rules


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
        context = replace(CONTEXT, variants={"e": ("a", "b"), "f": ("a", "b")})

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

        assert list((shop.accepted / "customers").glob("part-*")) == list(table.parts)
        assert rows(table)["customer_id"].to_list() == ["c2"]

    def test_people_set_aside_are_remembered_with_their_household(self, shop: Shop) -> None:
        """Their age is not known: they may be children."""
        shop.csv(
            "a.csv", "customer_id,jurisdiction,household_id", "c1,IE,h1", "c1,IE,h1", "c2,IE,h2", "c3,?,"
        )

        table = shop.ingest("customers")

        assert table.set_aside is not None
        assert sorted(pl.read_parquet(table.set_aside)["id"]) == ["c1", "c3", "h1"]

    def test_journeys_of_registered_fields_set_aside_are_remembered(self, shop: Shop) -> None:
        header = "system,field,data_category,journeys,retention_days"
        shop.csv(
            "fields.csv",
            header,
            "crm,email,user.contact.email,home;cart,30",
            "crm,phone,user.contact.phone_number,home;cart,0",
            "crm,name,user.name, after ,0",
        )
        assert shop.ingest("data_inventory").journeys_set_aside == ("after", "cart", "home")

    def test_a_registered_field_set_aside_that_names_no_journey_may_be_of_any(self, shop: Shop) -> None:
        header = "system,field,data_category,journeys,retention_days"
        shop.csv("fields.csv", header, "crm,age,user.age,,0", "crm,email,user.contact.email,home,30")
        assert shop.ingest("data_inventory").journeys_set_aside == ("*",)


SERIES = "experiment,variant,metric,day,n,mean,variance,segment_dimension,segment"


class TestCumulativeAggregates:
    def test_a_series_whose_n_falls_is_set_aside_whole(self, shop: Shop) -> None:
        """Which of its days is wrong cannot be told."""
        shop.csv(
            "a.csv", SERIES, "e,a,m,1,100,1,1,,", "e,a,m,2,99,1,1,,", "e,a,m,3,300,1,1,,", "e,b,m,1,100,1,1,,"
        )
        shop.csv("b.csv", SERIES, "e,b,m,2,100,1,1,,", "e,a,m,2,50,1,1,city,Cork", "e,a,m,1,60,1,1,city,Cork")

        table = shop.ingest("moments")

        assert rules(table) == {"falling_n": 5}
        assert examples(table) == ["data/a.csv, row 1, column n: falling_n"]
        assert rows(table).select("variant", "day").rows() == [("b", 1), ("b", 2)]

    def test_rows_without_a_day_are_no_series(self, shop: Shop) -> None:
        shop.csv("a.csv", SERIES, "e,a,m,,100,1,1,,", "e,a,m,1,50,1,1,,")
        assert rules(shop.ingest("moments")) == {}
