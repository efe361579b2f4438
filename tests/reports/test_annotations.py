"""Which events can be noted, which concern what is shown, and how the pack lists them."""

import doctest
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import annotations
from reports.annotations import LENGTH, Annotation, Kind, cleaned, concerning, history, refusal, standing
from reports.board_pdf import document
from reports.wording import annotations as wording
from storage.store import Store
from tests.ui.boards import FOUR, quarter

AT = datetime(2026, 8, 20, tzinfo=UTC)
TODAY = date(2026, 9, 30)
GOOD: dict[str, Any] = {
    "day": date(2026, 8, 14), "kind": "campaign", "text": "Summer sale", "experiment": "cart",
    "known": ["cart"], "today": TODAY,
}  # fmt: skip


def event(number: int, day: date, experiment: str | None = None, text: str = "Sale") -> Annotation:
    return Annotation(number, day, "campaign", text, experiment, AT, "Ada")


def test_an_event_about_something_known_in_plain_words_is_taken() -> None:
    assert refusal(**GOOD) is None
    assert refusal(**{**GOOD, "experiment": None, "text": "x" * LENGTH}) is None
    assert refusal(**{**GOOD, "text": "Größere Rabatte: –20 % für 3 Tage, مثال"}) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": ""}, "Say in a few words"),
        ({"text": "x" * (LENGTH + 1)}, f"has {LENGTH + 1} characters; say it in {LENGTH}"),
        ({"text": "turned \u202eround"}, "signs that cannot be printed"),
        ({"text": "two\x00parts"}, "signs that cannot be printed"),
        ({"text": "complaint of jane@example.org"}, "holds an e-mail address"),
        ({"kind": "party"}, "'party' is no kind of event"),
        ({"day": date(1999, 12, 31)}, "1999-12-31 is no day to note"),
        ({"day": date(2027, 10, 2)}, "2027-10-02 is no day to note"),
        ({"experiment": "other"}, "There is no experiment 'other'"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(change: dict[str, Any], said: str) -> None:
    assert said in (refusal(**{**GOOD, **change}) or "")


@given(st.text())
def test_a_text_that_is_taken_stands_on_one_line(text: str) -> None:
    one = cleaned(text)
    if refusal(**{**GOOD, "text": one}) is None:
        assert one == one.strip()
        assert len(one.splitlines()) == 1
        assert 0 < len(one) <= LENGTH


def test_events_concern_everything_or_what_they_are_about() -> None:
    events = [
        event(2, date(2026, 8, 3), "cart"),
        event(1, date(2026, 8, 3)),
        event(3, date(2026, 8, 1), "home"),
    ]

    def numbers(*experiments: str, **days: date) -> list[int]:
        return [found.number for found in concerning(events, experiments, **days)]

    assert numbers() == [1]
    assert numbers("cart") == [1, 2]
    assert numbers("cart", "home") == [3, 1, 2]
    assert numbers("home", first=date(2026, 8, 2)) == [1]
    assert numbers("home", last=date(2026, 8, 2)) == [3]


def test_what_was_taken_back_is_history_alone(store: Store) -> None:
    values = {"day": date(2026, 8, 14), "kind": "outage", "text": "Checkout down", "experiment": None}
    kept, gone = (store.annotate("Ada", "ada", values) for _ in range(2))
    store.remove_annotation("Ben", "ben", gone)
    assert [found.number for found in standing(store)] == [kept]
    assert [(found.number, found.removed_by) for found in history(store)] == [(kept, None), (gone, "Ben")]


def test_every_kind_has_words() -> None:
    assert set(wording.KINDS) == set(get_args(Kind))
    assert doctest.testmod(wording).failed == 0
    assert doctest.testmod(annotations).failed == 0


def sections(events: list[Annotation]) -> dict[str, Any]:
    return {section["title"]: section for section in document(quarter(FOUR), events=events)["sections"]}


def listed(section: dict[str, Any]) -> list[str]:
    return [item for block in section["blocks"] if block["kind"] == "bullets" for item in block["items"]]


def test_the_pack_lists_the_events_of_each_journey() -> None:
    everywhere = event(1, date(2026, 8, 14), None, "Summer *sale* #panic")
    own = event(2, date(2026, 8, 20), "cart-test", "New prices")
    before = event(3, date(2026, 5, 1), None, "Long ago")
    after = event(4, date(2026, 12, 1), None, "Christmas")
    made = sections([everywhere, own, before, after])
    pages = {title: listed(made[title]) for title in ("Cart recovery", "Homepage")}

    assert pages["Cart recovery"] == [
        "1: 14 Aug 2026, campaign: Summer *sale* #panic",
        "2: 20 Aug 2026, campaign: New prices (cart-test)",
    ]
    assert pages["Homepage"] == ["1: 14 Aug 2026, campaign: Summer *sale* #panic"]


def test_without_events_the_pack_is_as_it_was() -> None:
    assert document(quarter(FOUR), events=[]) == document(quarter(FOUR))
    assert "Noted at the time" not in str(sections([]))
