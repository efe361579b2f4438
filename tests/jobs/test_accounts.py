"""What a refresh leaves in the audit log: refused rows, joins, clean-room figures, changed policy."""

import json
import random
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jobs import accounts
from jobs.demo import make
from jobs.export import export, open_store
from jobs.refresh import refresh
from storage.audit import Search, entries, verify
from tests.jobs.building import InMemory, experiment_of, source_of
from tests.jobs.judging import rules_of
from tests.jobs.recount import AS_OF_END, recount
from tests.jobs.retailers import Chance, random_retailer, tables


@pytest.fixture(scope="module")
def northlight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "northlight"
    make(folder, scale=0.04, seed=3)
    refresh(folder)
    return folder


def told(folder: Path, action: str) -> list[dict[str, Any]]:
    """Details of an action's entries, oldest first."""
    with open_store(folder) as store:
        return [json.loads(entry.detail) for entry in reversed(entries(store, Search(action=action)))]


def test_every_row_of_every_table_is_accounted_for(northlight: Path) -> None:
    (detail,) = told(northlight, "refresh")
    for name, table in detail["admission"].items():
        assert table["read"] == table["accepted"] + sum(table["quarantined"].values()), name
    for name in ("customers", "order_lines"):
        table = detail["admission"][name]
        assert len(table["uses"]) >= 5
        for use in table["uses"].values():
            assert use["admitted"] + sum(use["refused"].values()) == table["accepted"], name
    cart = detail["admission"]["order_lines"]["uses"]["cart-recovery-2026q3"]
    assert {"consent", "child", "universal_holdout", "not_assigned", "no_customer"} <= cart["refused"].keys()
    assert cart["refused"]["consent"] > 1_000
    erased = detail["admission"]["journey_events"]["uses"]["consent and leakage"]["refused"]
    assert erased.keys() <= {"erased"}


def test_the_log_names_nobody(northlight: Path) -> None:
    names = set(pl.read_parquet(northlight / "data" / "customers" / "*.parquet")["customer_id"].drop_nulls())
    with open_store(northlight) as store:
        assert verify(store).ok
        words = {word for entry in entries(store) for word in entry.detail.replace('"', " ").split()}
    assert not names & words


def test_every_join_says_what_for_and_on_which_basis(northlight: Path) -> None:
    joins = {detail["use"]: detail for detail in told(northlight, "join")}
    cart = joins["cart-recovery-2026q3"]
    assert cart["tables"] == ["assignments", "consent_events", "customers", "dsr_requests", "order_lines"]
    assert (cart["lawful_basis"], len(cart["purposes"])) == ("consent", 2)
    assert joins["homepage-aa-2026q2"]["key"] == "household_id"
    assert set(joins) >= {"consent and leakage", "exposure to vendors", "serving cost"}


def test_aggregates_of_a_clean_room_are_on_record(northlight: Path) -> None:
    (match,) = told(northlight, "clean-room match")
    assert match["experiment"] == "cart-retargeting-2026q2"
    assert (match["metrics"], match["variants"]) == (["spend"], ["holdout", "personalised"])
    assert len(match["fingerprint"]) == 64


def test_a_changed_policy_is_on_record_with_what_changed(northlight: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(northlight, tmp_path / "northlight"))
    assert told(folder, "policy change") == []
    policy = folder / "policy.yaml"
    known = yaml.safe_load(policy.read_text(encoding="utf-8"))
    version, cost = known["version"], next(c for c in known["checks"] if c["id"] == "cost")["threshold"]
    known["version"] = version + 1
    for check in known["checks"]:
        if check["id"] == "cost":
            check["threshold"] = cost / 2
    policy.write_text(yaml.safe_dump(known), encoding="utf-8")
    refresh(folder)
    refresh(folder, full=True)
    (change,) = told(folder, "policy change")
    assert (change["old_version"], change["new_version"]) == (version, version + 1)
    assert change["old_hash"] != change["new_hash"]
    assert change["changes"] == [
        {"rule": "checks.cost.threshold", "old": cost, "new": cost / 2},
        {"rule": "version", "old": version, "new": version + 1},
    ]


BEFORE = "version: 3\nchecks:\n- {id: lift, threshold: 0.0}\n- {id: cost, threshold: 0.5}\n"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(BEFORE, [], id="the same"),
        pytest.param(f"# a remark\n{BEFORE}", [], id="a remark"),
        pytest.param(
            "version: 3\nchecks:\n- {id: cost, threshold: 0.5}\n- {id: lift, threshold: 0.0}\n",
            [],
            id="order",
        ),
        pytest.param(
            "version: 3\nchecks:\n- {id: lift, threshold: 0.0}\n",
            [{"rule": "checks.cost.threshold", "old": 0.5, "new": "the default"}],
            id="a check removed",
        ),
        pytest.param(
            f"{BEFORE}journeys: {{homepage: {{cost: {{threshold: 0.3}}}}}}\n",
            [{"rule": "journeys.homepage.cost.threshold", "old": "the default", "new": 0.3}],
            id="an override",
        ),
        pytest.param(
            "",
            [
                {"rule": "checks.cost.threshold", "old": 0.5, "new": "the default"},
                {"rule": "checks.lift.threshold", "old": 0.0, "new": "the default"},
                {"rule": "version", "old": 3, "new": "the default"},
            ],
            id="no policy any more",
        ),
        pytest.param(
            BEFORE.replace("0.5", "null"),
            [{"rule": "checks.cost.threshold", "old": 0.5, "new": None}],
            id="emptied",
        ),
    ],
)
def test_what_differs_between_two_policies(after: str, expected: list[dict[str, Any]]) -> None:
    assert accounts.changes(BEFORE, after) == expected


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_refused_for_the_reason_that_a_recount_gives(seed: int) -> None:
    drawn = random_retailer(Chance(random.Random(seed).randint), 60)
    retailer = replace(drawn, by_household=False, held_out=frozenset(range(1, 60, 9)))
    source, engine = source_of(retailer), InMemory(Path())
    source.admit(experiment_of(retailer), rules_of(retailer), engine).lines("revenue")
    (use,) = source.uses(engine, AS_OF_END)
    counts = use.rows["order_lines"]
    lines = tables(retailer)["order_lines"]["customer"]
    units = recount(retailer)
    reasons = {who: units[who].reason if who in units else "not_assigned" for who in lines}
    reasons[None] = "no_customer"
    expected = Counter(reasons[who] for who in lines)
    found = dict(counts.refused)
    ended = found.pop("after_withdrawal", 0)
    assert counts.admitted + ended == expected.pop(None, 0)
    assert found == expected
    assert ended == 0 or any(unit.withdrew for unit in units.values())


def test_an_export_that_cannot_be_put_on_record_is_not_made(northlight: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(northlight, tmp_path / "northlight"))
    with open_store(folder) as store, store.engine.begin() as connection:
        full = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        connection.execute(text(full))
    with pytest.raises(DBAPIError, match="full"):
        export(folder, tmp_path / "out", None, "csv")
    assert not (tmp_path / "out").exists()
