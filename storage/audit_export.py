"""The whole audit log as a file that can be verified without Liftgate, as docs/operations.md shows."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from storage.chain import Entry

Form = Literal["csv", "jsonl"]


def as_csv(log: Iterable[Entry]) -> bytes:
    """Write entries as CSV, every field exactly as it was hashed: UTF-8, comma, header.

    Nothing is put before a text that a spreadsheet would take for a formula, since that would break the
    chain: import the columns as text.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Entry._fields)
    writer.writerows(log)
    return text.getvalue().encode()


def as_json_lines(log: Iterable[Entry]) -> bytes:
    """Write entries as one JSON object per line; `detail` stays the JSON text that was hashed."""
    return "".join(f"{json.dumps(entry._asdict(), ensure_ascii=False)}\n" for entry in log).encode()


FORMS: Mapping[Form, Callable[[Iterable[Entry]], bytes]] = {"csv": as_csv, "jsonl": as_json_lines}
