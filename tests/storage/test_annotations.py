"""Events are kept with their audit entries; one that is taken back keeps its row."""

import json
from datetime import date
from typing import Any

import pytest

from storage.audit import Search, entries, verify
from storage.errors import StoreError
from storage.store import Store

SALE: dict[str, Any] = {
    "day": date(2026, 8, 14), "kind": "campaign", "text": "Summer sale", "experiment": None
}  # fmt: skip


def log(store: Store, action: str) -> list[tuple[str, dict[str, Any]]]:
    return [(entry.actor, json.loads(entry.detail)) for entry in entries(store, Search(action=action))]


def test_an_event_is_kept_and_on_record(store: Store) -> None:
    first = store.annotate("Ada", "ada-1", SALE)
    second = store.annotate("Ada", "ada-1", {**SALE, "day": date(2026, 8, 1), "experiment": "cart"})

    early, late = store.annotations()
    assert (early["number"], late["number"]) == (second, first)
    assert {name: late[name] for name in SALE} == SALE
    assert (late["noted_by"], late["removed_at"], late["noted_at"].utcoffset().total_seconds()) == (
        "Ada", None, 0
    )  # fmt: skip
    said = {"day": "2026-08-14", "kind": "campaign", "text": "Summer sale", "subject": "ada-1"}
    assert log(store, "annotation") == [
        ("Ada", {**said, "number": second, "day": "2026-08-01", "experiment": "cart"}),
        ("Ada", {**said, "number": first}),
    ]
    assert verify(store).ok


def test_what_is_taken_back_keeps_its_row_and_who_noted_it(store: Store) -> None:
    number = store.annotate("Ada", "ada-1", SALE)
    store.remove_annotation("Ben", "ben-2", number)

    (row,) = store.annotations()
    assert (row["text"], row["noted_by"], row["removed_by"]) == ("Summer sale", "Ada", "Ben")
    assert row["removed_at"] >= row["noted_at"]
    ((actor, said),) = log(store, "annotation removed")
    assert (actor, said["number"], said["subject"], said["text"]) == ("Ben", number, "ben-2", "Summer sale")


def test_nothing_is_taken_back_twice_or_out_of_nowhere(store: Store) -> None:
    number = store.annotate("Ada", "ada-1", SALE)
    store.remove_annotation("Ben", "ben-2", number)
    for gone in (number, number + 1):
        with pytest.raises(StoreError, match=f"No event of number {gone} stands"):
            store.remove_annotation("Eve", "eve-3", gone)
    assert len(log(store, "annotation removed")) == 1
    assert store.annotations()[0]["removed_by"] == "Ben"


def test_a_number_is_never_given_again(store: Store) -> None:
    assert store.annotate("Ada", "ada-1", SALE) < store.annotate("Ada", "ada-1", SALE)
