"""Segments from run to run: what an earlier run hid is remembered, and never follows from a later one."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from jobs.editions import FILE, LOST
from jobs.refresh import refresh
from tests.jobs.figures.desk import figures

SETTINGS = """
name: Shop
currency: EUR
timezone: UTC
as_of: 2026-09-30
disclosure: {minimum_people: 10}
metrics: metrics.yaml
experiments: experiments.yaml
tables: {customers: customers.csv, assignments: assignments.csv, unit_outcomes: outcomes.csv,
         dsr_requests: requests.csv}
"""
EXPERIMENT = """
- {id: e, journey: home, control: a, allocation: {a: 1, b: 1}, primary: m, segments: [city],
   lawful_basis: contract}
"""
Sizes = Mapping[str, int]


def shop(
    folder: Path, sizes: Sizes, erased: tuple[str, ...] = (), twice: tuple[str, ...] = ()
) -> dict[str, tuple[int, int]]:
    """Refresh a shop with so many customers per arm and city; city → n of an arm and run of the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    who = [f"{city}-{arm}-{i}" for city, people in sizes.items() for arm in "ab" for i in range(people)]
    files = {
        "workspace.yaml": [SETTINGS],
        "metrics.yaml": ["m: {kind: mean, table: unit_outcomes, value: m}"],
        "experiments.yaml": [EXPERIMENT],
        "customers.csv": ["customer_id,jurisdiction,birth_date,city",
                          *(f"{c},IE,1990-01-01,{c.split('-')[0]}" for c in (*who, *twice))],
        "assignments.csv": ["experiment,unit_id,variant", *(f"e,{c},{c.split('-')[1]}" for c in who)],
        "outcomes.csv": ["experiment,unit_id,m", *(f"e,{c},{i % 7}" for i, c in enumerate(who))],
        "requests.csv": ["request_id,customer_id,kind,jurisdiction,received_at,closed_at,outcome",
                         "r,,access,IE,2026-09-01,,",
                         *(f"r-{c},{c},delete,IE,2026-09-01,2026-09-02,complied" for c in erased)],
    }  # fmt: skip
    for name, lines in files.items():
        (folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    refresh(folder)
    shown = segments(folder).filter(pl.col("status") == "ok")
    return {city: (n, run) for city, n, run in shown.select("segment", "n_control", "as_of_run").iter_rows()}


def segments(folder: Path) -> pl.DataFrame:
    return figures(folder, "effects")[0].filter(pl.col("segment_dimension") == "city")


def total(folder: Path) -> int:
    rows = figures(folder, "effects")[0].filter(pl.col("segment_dimension").is_null())
    return int(rows["n_control"].item())


FIRST = {"Cork": 500, "Galway": 5, "Sligo": 27}


def test_a_hidden_segment_does_not_follow_from_the_next_run(tmp_path: Path) -> None:
    """Total then 532, less Cork's 500, less Sligo's 27 of the next run, would leave Galway's 5."""
    assert shop(tmp_path, FIRST) == {"Cork": (500, 1)}
    assert shop(tmp_path, {**FIRST, "Galway": 65}) == {"Cork": (500, 2)}
    assert total(tmp_path) == 592
    assert shop(tmp_path, {"Cork": 500, "Galway": 75, "Sligo": 40}) == {
        "Cork": (500, 3), "Galway": (75, 3), "Sligo": (40, 3),
    }  # fmt: skip


def test_segments_wait_for_each_other_while_the_total_is_the_runs(tmp_path: Path) -> None:
    shop(tmp_path, {"Cork": 500, "Sligo": 100})
    assert shop(tmp_path, {"Cork": 600, "Sligo": 103}) == {"Cork": (500, 1), "Sligo": (100, 1)}
    assert total(tmp_path) == 703
    assert set(segments(tmp_path)["note"]) == {"figures of run 1: renewed once enough people have changed"}


def test_an_erasure_takes_effect_at_once(tmp_path: Path) -> None:
    sizes = {"Cork": 500, "Sligo": 100}
    shop(tmp_path, sizes)
    assert shop(tmp_path, sizes, ("Sligo-a-3",)) == {"Cork": (500, 2), "Sligo": (99, 2)}


def test_a_lost_memory_shows_no_segment_and_says_so(tmp_path: Path) -> None:
    shop(tmp_path, FIRST)
    (tmp_path / "state" / FILE).unlink()
    for sizes in ({**FIRST, "Galway": 65}, {"Cork": 900, "Galway": 300, "Sligo": 300}):
        assert shop(tmp_path, sizes) == {}
        assert set(segments(tmp_path)["note"]) == {LOST}
    assert total(tmp_path) == 1500


def test_a_damaged_or_outdated_memory_is_a_lost_one(tmp_path: Path) -> None:
    shop(tmp_path / "a", FIRST)
    (tmp_path / "a" / "state" / FILE).write_bytes(b"{")
    assert shop(tmp_path / "a", {**FIRST, "Cork": 900}) == {}
    shop(tmp_path / "b", FIRST)
    old = (tmp_path / "b" / "state" / FILE).read_bytes()
    shop(tmp_path / "b", {**FIRST, "Cork": 900})
    (tmp_path / "b" / "state" / FILE).write_bytes(old)
    assert shop(tmp_path / "b", {**FIRST, "Cork": 950}) == {}


def test_without_the_store_the_memory_still_guards(tmp_path: Path) -> None:
    """Its files may be in somebody's hands."""
    shop(tmp_path, FIRST)
    for file in tmp_path.glob("liftgate*"):
        file.unlink()
    assert shop(tmp_path, {**FIRST, "Galway": 65}) == {"Cork": (500, 1)}


def test_the_memory_is_the_owners_alone_and_names_nobody(tmp_path: Path) -> None:
    shop(tmp_path, FIRST)
    file = tmp_path / "state" / FILE
    assert file.stat().st_mode & 0o077 == 0
    text = gzip.decompress(file.read_bytes()).decode()
    assert "-a-" not in text
    assert json.loads(text)["runs"] == [1]
    assert "5" not in set(segments(tmp_path)["n_control"].cast(pl.String).drop_nulls())


def test_whose_own_row_is_in_quarantine_may_be_a_child(tmp_path: Path) -> None:
    """An unknown birth date may be included; one that is in quarantine is not unknown."""
    twice = tuple(f"Cork-a-{i}" for i in range(20))
    shop(tmp_path, {"Cork": 500}, twice=twice)
    assert total(tmp_path) == 480
    excluded = figures(tmp_path, "exclusions")[0].filter(pl.col("variant") == "a")
    assert dict(excluded.select("reason", "units").iter_rows())["child"] == 20
