"""Every table of the store is for somebody; single requests and fields are for privacy alone."""

import doctest

import pytest

from policy import roles
from policy.roles import EXECUTIVE, MARKETER, PRIVACY, ROLES, TABLES, loadable, may_load
from storage.schema import FIGURES


def test_every_table_names_the_roles_that_may_load_it() -> None:
    assert set(FIGURES) <= set(TABLES), "give a new table its roles in policy/roles.py"
    assert all(allowed and allowed <= ROLES for allowed in TABLES.values())


@pytest.mark.parametrize("table", ["dsr_requests", "dsr_7102", "minimization_fields", "consent_alerts"])
def test_compliance_records_are_for_privacy_alone(table: str) -> None:
    assert TABLES[table] == {PRIVACY}


@pytest.mark.parametrize("table", ["dsr_sla", "minimization", "vendors"])
def test_what_the_board_counts_is_for_executives_and_privacy(table: str) -> None:
    assert TABLES[table] == {EXECUTIVE, PRIVACY}


def test_a_table_that_is_not_listed_is_for_nobody() -> None:
    assert not may_load("unheard of", ROLES)


def test_roles_add_up_and_unknown_ones_add_nothing() -> None:
    assert loadable({EXECUTIVE, MARKETER}) == loadable({EXECUTIVE}) | loadable({MARKETER})
    assert loadable({"root", "Marketer"}) == loadable(()) == frozenset()


def test_the_examples_hold() -> None:
    assert doctest.testmod(roles).failed == 0
