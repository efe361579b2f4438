import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from jobs.demo import make, plan
from jobs.demo.write import BIG_TABLES

UNTOUCHED_BY_THE_CATALOGUE = ("customers", "consent_events", "journey_events", "assignments", "unit_outcomes")


def digests(folder: Path) -> dict[str, str]:
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    return {str(item.relative_to(folder)): hashlib.sha256(item.read_bytes()).hexdigest() for item in files}


def test_same_seed_and_scale_give_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path / "one", scale=0.02)
    make(tmp_path / "two", scale=0.02)
    make(tmp_path / "other", scale=0.02, seed=8)

    first, second, other = (digests(tmp_path / name) for name in ("one", "two", "other"))

    assert first == second
    assert first["data/order_lines/part-000.parquet"] != other["data/order_lines/part-000.parquet"]


def test_a_block_depends_on_nothing_but_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "BLOCK", 1_000)
    make(tmp_path / "half", scale=0.02)
    make(tmp_path / "whole", scale=0.04)

    for table in UNTOUCHED_BY_THE_CATALOGUE:
        part = f"data/{table}/part-000.parquet"
        half, whole = (pl.read_parquet(tmp_path / name / part) for name in ("half", "whole"))
        assert_frame_equal(half, whole)
    second = pl.read_parquet(tmp_path / "whole/data/customers/part-001.parquet")
    assert second["customer_id"].min() == "C00001001"
    assert second.height == 1_000


def test_blocks_do_not_repeat_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "BLOCK", 1_000)
    make(tmp_path, scale=0.04)

    for table, key in (("customers", "customer_id"), ("order_lines", "order_id")):
        parts = [pl.read_parquet(tmp_path / f"data/{table}/part-00{number}.parquet") for number in (0, 1)]
        assert not set(parts[0][key].drop_nulls()) & set(parts[1][key].drop_nulls())
        assert parts[0].height != 0
    requests = pl.read_csv(tmp_path / "data/dsr_requests.csv")
    assert requests["request_id"].is_duplicated().sum() == 2


@pytest.mark.parametrize("scale", [0.00002, 0.001])
def test_tiny_demos_work(tmp_path: Path, scale: float) -> None:
    make(tmp_path, scale=scale)

    assert all((tmp_path / "data" / table / "part-000.parquet").exists() for table in BIG_TABLES)


def test_progress_is_reported_up_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    make(tmp_path, scale=0.002, report=lambda done, text: told.append((done, text)))

    assert told[0] == (0.0, "customers 0 of 100")
    assert told[-1] == (1.0, "done")
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_an_earlier_demo_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "BLOCK", 100)
    make(tmp_path / "again", scale=0.004)
    make(tmp_path / "again", scale=0.002)
    make(tmp_path / "fresh", scale=0.002)

    assert digests(tmp_path / "again") == digests(tmp_path / "fresh")


def test_somebody_elses_workspace_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "workspace.yaml").write_text("name: Real\n", encoding="utf-8")

    with pytest.raises(FileExistsError, match="not a demo"):
        make(tmp_path, scale=0.002)

    assert digests(tmp_path).keys() == {"workspace.yaml"}


@pytest.mark.parametrize(("scale", "seed", "what"), [(0, 7, "scale == 0"), (-1, 7, "scale"), (1, -1, "seed")])
def test_senseless_sizes_are_refused(tmp_path: Path, scale: float, seed: int, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        make(tmp_path / "demo", scale=scale, seed=seed)

    assert not (tmp_path / "demo").exists()


def test_settings_name_every_table_and_nothing_unknown(tmp_path: Path) -> None:
    make(tmp_path, scale=0.002)
    read = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in tmp_path.glob("*.yaml")}

    assert set(read) == {"workspace", "metrics", "experiments", "journeys", "policy", "segments"}
    for pattern in read["workspace"]["tables"].values():
        assert list(tmp_path.glob(pattern)), pattern
    journeys = {entry["id"] for entry in read["journeys"]}
    for entry in read["experiments"]:
        assert entry.get("journey", "homepage") in journeys
        assert {entry["primary"], *entry.get("metrics", []), *entry.get("guardrails", {})} <= set(
            read["metrics"]
        )
        assert sum(entry["allocation"].values()) == pytest.approx(1)


def test_every_effect_belongs_to_a_variant_of_the_files() -> None:
    arms = {item.id: set(item.variants) for item in plan.experiments()}

    assert {name: set(sizes) for name, sizes in plan.EFFECTS.orders.items()} == {
        name: arms[name] for name in plan.EFFECTS.orders
    }
    assert dataclasses.asdict(plan.EFFECTS)["withdrawal_added"] > 0


def test_streams_differ_by_subject_and_block() -> None:
    draws = [stream.random() for block in (0, 1) for stream in plan.streams(7, block)]

    assert len(np.unique(draws)) == len(draws)
