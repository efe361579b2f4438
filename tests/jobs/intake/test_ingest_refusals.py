"""Tables that cannot be used at all, and what a person should know of one that can."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from jobs.intake.reading import stored
from jobs.problems import WorkspaceError
from tests.jobs.intake.shop import CONTEXT, SECRET, WHERE, Shop, rows


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
        shop.csv("a.csv", "experiment,unit_id,visits", "cart_2026,c1,3")
        context = replace(CONTEXT, variants={"cart-2026": ("a", "b")})

        (notice,) = shop.ingest("unit_outcomes", context).notices

        assert notice.what == "No experiment in table unit_outcomes is one that the YAML files name."
        assert "cart-2026" in notice.remedy
