"""Screen and pack follow the workspace's locale; files do not."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from jobs.config.load import load as load_workspace
from jobs.demo import make
from jobs.export import open_store
from jobs.problems import WorkspaceError
from jobs.refresh import refresh
from metrics import formatting
from reports.board_pdf import document
from reports.csv_export import tables
from reports.snapshot import Snapshot, load
from tests.ui.boards import FOUR, quarter, write
from tests.ui.conftest import open_app, words

__all__ = ["open_app"]
Open = Callable[..., AppTest]


def german(made: Snapshot) -> Snapshot:
    return replace(made, run=replace(made.run, workspace={**made.run.workspace, "locale": "de-DE"}))


def test_the_pack_is_written_in_it_and_leaves_the_process_as_it_was() -> None:
    plain, ours = quarter(FOUR), german(quarter(FOUR))
    told = str(document(ours))
    assert "€612k" in str(document(plain))
    assert "612.000\\xa0€" in told
    assert "€612k" not in told
    assert formatting.count(1e4) == "10,000"


def test_files_do_not_change() -> None:
    assert tables(german(quarter(FOUR))) == tables(quarter(FOUR))


def test_the_screen_is_written_in_it(tmp_path: Path, open_app: Open) -> None:
    said = words(open_app(write(tmp_path, german(quarter(FOUR)))))
    assert "612.000 €" in said
    assert "91,4 %" in said
    assert "€612k" not in said


def test_a_workspace_with_an_unknown_locale_is_refused_with_its_line(tmp_path: Path) -> None:
    text = "name: X\ncurrency: EUR\nlocale: de-DEE\n"
    (tmp_path / "workspace.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match="no locale 'de-DEE'"):
        load_workspace(tmp_path)
    (tmp_path / "workspace.yaml").write_text(text.replace("DEE", "DE"), encoding="utf-8")
    assert load_workspace(tmp_path).settings.locale == "de-DE"


def test_what_a_run_keeps_in_words_is_written_as_its_figures_are(tmp_path: Path) -> None:
    make(tmp_path / "shop", scale=0.1)
    settings = tmp_path / "shop" / "workspace.yaml"
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\nlocale: de-DE\n", encoding="utf-8")
    refresh(tmp_path / "shop")
    with open_store(tmp_path / "shop") as store:
        made = load(store)
    kept = {
        (table, column): made.table(table)[column].drop_nulls().str.extract(r"(.*\d[.,]\d.*)").drop_nulls()
        for table, column in (("gates", "sentence"), ("gates", "would_change"), ("gates", "evidence"),
                              ("health", "note"), ("journeys", "gate_reason"), ("effects", "note"))
    }  # fmt: skip

    for place in (("gates", "sentence"), ("gates", "evidence"), ("health", "note")):
        assert kept[place].len()
    for texts in kept.values():
        for number in re.findall(r"(?<![\w.,/-])\d[\d.,]*\d", " ".join(texts)):
            assert re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+(,\d+)?", number), number
    told = str(document(made))
    assert re.search(r"\d,\d\\xa0%", told)
    assert not re.search(r"\d\.(\d{1,2}|\d{4,})(\\xa0| )(%|pp)", told)
    assert "of 1,000" not in told
