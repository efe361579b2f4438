"""The exported log is verified by the very script that the documentation gives to auditors."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storage.audit import entries, verify, whole
from storage.audit_export import FORMS, Form
from storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
AWKWARD = ["=1+1", "a\r\nb", '"quoted", and more', "☃  x", "\\u0041", "\t"]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script in docs/operations.md."""
    (found,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.S)
    assert len([line for line in found.splitlines() if line]) <= 11
    file = tmp_path / "verify.py"
    file.write_text(found, encoding="utf-8")
    return file


@pytest.fixture
def log(sqlite_store: Store) -> Store:
    for text in AWKWARD:
        sqlite_store.audit(f"ana {text}", "export", {"files": {text: text}, "via": text})
    return sqlite_store


def judged(script: Path, file: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(script), str(file)], capture_output=True, text=True, check=False
    )
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.mark.parametrize("form", FORMS)
def test_the_documented_script_finds_an_export_intact(
    log: Store, form: Form, script: Path, tmp_path: Path
) -> None:
    file = tmp_path / f"audit.{form}"
    file.write_bytes(FORMS[form](whole(log)))
    check = verify(log)
    assert judged(script, file) == (0, f"6 entries intact, last hash {check.head}")


TAMPERING = {
    "edited": (lambda rows: [*rows[:2], rows[2] | {"actor": "eve"}, *rows[3:]], 3),
    "removed": (lambda rows: [*rows[:3], *rows[4:]], 4),
    "removed first": (lambda rows: rows[1:], 1),
    "swapped": (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], 2),
    "doubled": (lambda rows: [*rows[:2], rows[1], *rows[2:]], 3),
}


@pytest.mark.parametrize(("tamper", "first"), TAMPERING.values(), ids=TAMPERING)
@pytest.mark.parametrize("form", FORMS)
def test_the_documented_script_names_the_first_broken_entry(
    log: Store, form: Form, tamper: object, first: int, script: Path, tmp_path: Path
) -> None:
    rows = tamper([entry._asdict() for entry in whole(log)])
    text = io.StringIO(newline="")
    if form == "csv":
        writer = csv.DictWriter(text, fieldnames=rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        text.writelines(f"{json.dumps(row)}\n" for row in rows)
    file = tmp_path / f"audit.{form}"
    file.write_bytes(text.getvalue().encode())
    assert judged(script, file) == (1, f"broken at entry {first}")


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_log_is_a_file_without_entries(sqlite_store: Store, form: Form) -> None:
    assert FORMS[form](whole(sqlite_store)).count(b"\n") == (form == "csv")


def test_every_field_comes_back_as_it_was(log: Store) -> None:
    rows = list(csv.DictReader(io.StringIO(FORMS["csv"](whole(log)).decode(), newline="")))
    lines = [json.loads(line) for line in FORMS["jsonl"](whole(log)).decode().split("\n")[:-1]]
    for entry, row, line in zip(reversed(entries(log)), rows, lines, strict=True):
        assert entry._asdict() == line == {**row, "seq": int(row["seq"])}
