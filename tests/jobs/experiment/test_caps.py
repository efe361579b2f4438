"""A cap is nearly somebody's own spend where few reach it: it is used, and not told."""

from pathlib import Path

import pytest

from jobs.experiment.analysis import Capped
from jobs.export import open_store
from jobs.refresh import refresh

FILES = {
    "workspace.yaml": "name: Shop\ncurrency: EUR\nas_of: 2026-09-30\ndisclosure: {minimum_people: 10}\n"
    "metrics: metrics.yaml\nexperiments: experiments.yaml\n"
    "tables: {assignments: assignments.csv, unit_outcomes: outcomes.csv}\n",
    "metrics.yaml": "few: {kind: mean, table: unit_outcomes, value: few, cap_quantile: 0.99}\n"
    "many: {kind: mean, table: unit_outcomes, value: many, cap_quantile: 0.9}\n",
    "experiments.yaml": "- {id: e, journey: home, control: a, allocation: {a: 1, b: 1}, primary: few,\n"
    "   metrics: [many], lawful_basis: contract}\n",
}


@pytest.mark.parametrize(
    ("units", "cap", "told", "withheld"),
    [(9, 812.5, None, True), (10, 812.5, 812.5, False), (0, None, None, False)],
)
def test_a_cap_is_told_where_enough_people_reach_it(
    units: int, cap: float | None, told: float | None, withheld: bool
) -> None:
    said = Capped("revenue", "revenue", 0.999, cap, units).published(10)
    assert (said["cap"], said["withheld"]) == (told, withheld)


def test_the_store_holds_no_cap_that_few_reach(tmp_path: Path) -> None:
    """Of 300 outcomes 1 … 300, three lie above the 0.99 quantile and thirty above the 0.9 quantile."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    who = [(f"c{i}", "ab"[i % 2], i + 1) for i in range(300)]
    lines = ["experiment,unit_id,variant", *(f"e,{c},{arm}" for c, arm, _ in who)]
    (tmp_path / "assignments.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    lines = ["experiment,unit_id,few,many", *(f"e,{c},{value},{value}" for c, _, value in who)]
    (tmp_path / "outcomes.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    refresh(tmp_path)
    with open_store(tmp_path) as store:
        facts = store.experiments(1)[0].facts["caps"]
        capped = store.figures("effects", 1)["note"].to_list()
    assert [(cap["metric"], cap["cap"], cap["withheld"]) for cap in facts] == [
        ("few", None, True),
        ("many", pytest.approx(270.1), False),
    ]
    assert any("0.99 quantile are capped" in str(note) for note in capped)
