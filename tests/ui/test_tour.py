"""What the tour of the first visit says to whom."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from policy.roles import ADMIN, EXECUTIVE, MARKETER, PRIVACY, ROLES
from tests.ui import boards
from tests.ui.conftest import Open, markup, words
from ui import access, tour
from ui.access import Reader
from ui.site import BY_PATH, SCREENS, Screen

STEPS = ("What this page answers", "How to read a figure", "Where to find the rest")


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reader]:
    """Become somebody with these roles."""

    def become(*roles: str) -> Reader:
        who = Reader("Ana", "ana", frozenset(roles), "")
        monkeypatch.setattr(access, "reader", lambda: who)
        return who

    return become


def said(screen: Screen, *roles: str) -> str:
    opens = [entry.path for entry in SCREENS if entry.roles & set(roles)]
    return " ".join(sentence for step in tour.steps(screen, opens) for sentence in step.sentences)


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.file)
def test_it_speaks_only_of_pages_that_the_reader_may_open(screen: Screen, role: str) -> None:
    named = re.findall(r"{([^}]*)}", said(screen, role))
    assert "methods" in named
    assert all(role in BY_PATH[path].roles for path in named)


def test_it_begins_with_what_the_page_answers() -> None:
    assert said(BY_PATH["churn"], MARKETER).startswith("Churn says who stayed, and for how much longer.")
    assert all(screen.answers for screen in SCREENS)


@pytest.mark.parametrize("role", [EXECUTIVE, MARKETER, PRIVACY])
def test_whoever_may_open_the_gates_is_told_what_a_rollout_rests_on(role: str) -> None:
    assert "May a journey roll out further? That rests on its checks: {gates}" in said(
        BY_PATH["methods"], role
    )
    assert "{gates}" not in said(BY_PATH["gates"], role), "it is open already"
    assert "{exports} has the files of the quarter" in said(BY_PATH["gates"], role)


def test_an_administrator_is_told_of_freshness_and_acts_alone() -> None:
    told = said(BY_PATH["audit"], ADMIN)
    assert "{status} says how fresh the figures are." in told
    assert "{audit} has every act on record." in told
    assert not re.search("roll out|CSV|[Qq]uarter|experiment", told)


def test_only_who_sees_experiments_is_told_how_they_end() -> None:
    assert "An experiment ends with how it was computed." in said(BY_PATH["gates"], MARKETER)
    assert "experiment" not in said(BY_PATH["gates"], EXECUTIVE)


def test_a_new_browser_is_sent_it_and_one_that_has_ended_it_is_not(
    tmp_path: Path, open_app: Open, be: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    be(PRIVACY)
    folder = boards.write(tmp_path, boards.quarter(boards.FOUR))
    assert STEPS[0] not in words(open_app(folder, "consent"))
    monkeypatch.setattr(tour, "ended", lambda: False)
    app = open_app(folder, "consent")
    assert all(step in words(app) for step in STEPS)
    assert "1 of 3" in words(app)
    assert '<a href="./gates" class="lg-link" target="_self">Gates</a>' in markup(app)
    assert markup(open_app(folder, "methods")).count("Show the tour again") == 1
