"""Ids that tables write differently are found, told, and withhold the verdict; other people's are not."""

from pathlib import Path

import polars as pl
import pytest

from jobs.check import check
from jobs.refresh import silent
from tests.jobs.figures.desk import figures, workspace
from tests.jobs.figures.test_net_value import ARM, measured, tables

CUSTOMERS = ["customer_id,jurisdiction", *(f"C{n:02}X,IE" for n in range(1, 21)), "7,IE", "42,IE"]
HEAD = "order_id,customer_id,sku,quantity,revenue,ordered_at"


def told(folder: Path, ids: list[str], **other: list[str]) -> tuple[str, ...]:
    lines = [f"o{n},{name},sku,1,1,2026-07-01" for n, name in enumerate(ids)]
    made = workspace(folder, {"customers": CUSTOMERS, "order_lines": [HEAD, *lines], **other})
    return tuple(f"{problem.where}: {problem.what}" for problem in check(made, silent).problems)


@pytest.mark.parametrize(
    ("ids", "misspelt"),
    [
        (["C01X", "7"], 0),
        (["C01X", "", "stranger", "another"], 0),
        (["C01X", "C02X ", "\u00a0C03X"], 2),
        (["07", "0042", "7.0", "42"], 3),
        (["c01x", "c02x", "C03X"], 2),
        (["c01x", "a", "b", "c", "C03X"], 0),
        (["C01X ", "a", "b", "c"], 1),
        (["0", "00", "C03X"], 0),
    ],
    ids=["alike", "strangers", "spaces", "zeros", "capitals", "capitals-by-chance", "beside", "only-zeros"],
)
def test_ids_are_compared_but_for_what_programs_change(tmp_path: Path, ids: list[str], misspelt: int) -> None:
    said = [text for text in told(tmp_path, ids) if "writes differently" in text]

    rows = sum(map(bool, ids))
    assert [text.split(": ", 1)[1].split(" have a ")[0] for text in said] == (
        [f"{misspelt} of {rows} rows of table order_lines"] if misspelt else []
    )


def test_ids_of_nobody_are_told_and_a_strangers_request_is_not(tmp_path: Path) -> None:
    requests = ["request_id,customer_id,kind,jurisdiction,received_at", "r1,who,access,IE,2026-07-01"]
    said = told(tmp_path, ["x", "y"], dsr_requests=requests)

    assert said == (
        "workspace.yaml, line 11: No customer_id of table order_lines is one that table customers has.",
    )


def test_a_customer_in_quarantine_is_known(tmp_path: Path) -> None:
    twice = [*CUSTOMERS, "C01X,IE"]
    said = told(tmp_path, ["C01X"], customers=twice)

    assert not [text for text in said if "order_lines" in text]


def test_without_customers_the_assigned_name_people(tmp_path: Path) -> None:
    inputs = tables()
    del inputs["customers"]
    orders = [line.replace(",p0,", ",p0 ,") for line in inputs["order_lines"]]
    measured(tmp_path, {**inputs, "order_lines": orders})
    said = [problem.what for problem in check(tmp_path, silent).problems]

    assert any(
        "rows of table order_lines have a customer_id that table assignments writes" in s for s in said
    )


@pytest.mark.parametrize(("wrong", "status"), [(1, "warn"), (ARM, "fail")])
def test_a_test_whose_orders_are_taken_for_others_is_not_believed(
    tmp_path: Path, wrong: int, status: str
) -> None:
    inputs = tables()
    head, *lines = inputs["order_lines"]
    padded = [line.replace(",s", " ,s", 1) for line in lines[:wrong]]
    measured(tmp_path, {**inputs, "order_lines": [head, *padded, *lines[wrong:]]})
    (health,) = figures(tmp_path, "health")
    row = health.filter(pl.col("check") == "id_match").row(0, named=True)

    assert (row["status"], row["statistic"]) == (status, pytest.approx(wrong / (len(lines) - 1)))
    assert row["note"].startswith(f"{wrong} of {len(lines) - 1} rows of order_lines have an id that other")


def test_a_request_to_be_erased_must_find_its_customer(tmp_path: Path) -> None:
    requests = ["request_id,customer_id,kind,jurisdiction,received_at,closed_at,outcome",
                "r1,P0,delete,IE,2026-07-02,2026-07-03,complied"]  # fmt: skip
    measured(tmp_path, {**tables(), "dsr_requests": requests})
    (health,) = figures(tmp_path, "health")
    row = health.filter(pl.col("check") == "id_match").row(0, named=True)

    assert row["status"] == "fail"
    assert "rows of dsr_requests" in row["note"]


def test_ids_that_agree_need_no_check(tmp_path: Path) -> None:
    measured(tmp_path, tables())
    (health,) = figures(tmp_path, "health")

    assert "id_match" not in health["check"]
