"""Sign-ins, role changes and sign-outs of colleagues, as the store and its log keep them."""

import json
from datetime import UTC, datetime

import pytest

from storage import audit
from storage.store import Store


def log(store: Store) -> list[tuple[str, str, dict[str, object]]]:
    """Who did what, oldest first."""
    found = [(e.actor, e.action, json.loads(e.detail)) for e in audit.entries(store)]
    return found[::-1]


def test_a_role_change_is_recorded_once_against_the_last_sign_in(url: str) -> None:
    with Store.open(url) as store:
        store.signed_in("a1", "Ada", ["privacy", "marketer"])
        store.signed_in("a1", "Ada", {"marketer", "privacy"})
        store.signed_in("a1", "Ada B.", ["marketer"])
        store.signed_in("a1", "Ada B.", [])
        changes = [entry for entry in log(store) if entry[1] == "role change"]
        reason = "as the sign-in says"
        assert changes == [
            ("Ada B.", "role change",
             {"subject": "a1", "before": ["marketer", "privacy"], "after": ["marketer"], "reason": reason}),
            ("Ada B.", "role change",
             {"subject": "a1", "before": ["marketer"], "after": [], "reason": reason}),
        ]  # fmt: skip
        assert [entry[1] for entry in log(store)].count("sign-in") == 4
        assert audit.verify(store).ok


def test_a_sign_out_counts_from_now_and_for_one_person(url: str) -> None:
    with Store.open(url) as store:
        store.signed_in("a1", "Ada", ["marketer"])
        store.signed_in("e1", "Eve", ["executive"])
        assert store.sign_outs() == {}
        before = datetime.now(UTC)
        at = store.sign_out("Max", "a1", "left the company")
        assert store.sign_outs() == {"a1": at}
        assert before <= at <= datetime.now(UTC)
        assert log(store)[-1] == (
            "Max",
            "sign-out everywhere",
            {"subject": "a1", "reason": "left the company"},
        )
        store.signed_in("a1", "Ada", ["marketer"])
        assert store.sign_outs() == {"a1": at}


def test_nobody_is_signed_out_who_never_came(url: str) -> None:
    with Store.open(url) as store:
        with pytest.raises(KeyError):
            store.sign_out("Max", "a1", "left the company")
        assert log(store) == []


def test_people_go_by_subject_or_name(url: str) -> None:
    with Store.open(url) as store:
        for subject, name in (("a1", "Ada"), ("a2", "Ada"), ("e1", "Eve")):
            store.signed_in(subject, name, [])
        assert store.people("Ada") == ["a1", "a2"]
        assert store.people("e1") == ["e1"]
        assert store.people("nobody") == []
