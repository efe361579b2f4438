import numpy as np
import polars as pl
import pytest

from jobs.demo.clock import END, NEVER
from jobs.demo.people import customers, requests
from jobs.demo.people.request_courses import PARTS, draw
from jobs.demo.people.requests import Requests

col = pl.col


@pytest.fixture(scope="module", params=[1_000, 20_000])
def asked(request: pytest.FixtureRequest) -> Requests:
    people = customers.draw(np.random.default_rng(3), 0, request.param)
    return requests.draw(np.random.default_rng(4), people, 0)


def test_every_kind_of_course_is_there_even_in_a_small_demo() -> None:
    course = draw(np.random.default_rng(1), np.full(96, 28), np.ones(96, dtype=bool))

    assert (course.extended < NEVER).sum() >= round(96 * PARTS["extended"]) - 1
    assert (course.asked < NEVER).any()
    assert course.unverifiable.any()
    age = (END - course.received) / 86_400
    waiting = course.closed == NEVER
    assert (waiting & (age > 35)).any()
    assert (waiting & (age > 23) & (age < 28)).any()
    assert (waiting & (age < 10)).any()
    assert (~waiting & (course.closed - course.received > 36 * 86_400)).any()


def test_steps_come_between_receipt_and_answer(asked: Requests) -> None:
    steps = [name for name in asked.frame.columns if name.endswith("_at") and name != "received_at"]
    for step in steps:
        assert asked.frame.filter(col(step) < col("received_at")).is_empty()
        assert asked.frame.filter(col(step) > col("closed_at")).is_empty()
    assert asked.frame.filter(col("clarification_received_at") <= col("clarification_asked_at")).is_empty()


def test_answers_have_an_outcome_and_denials_a_basis(asked: Requests) -> None:
    rows = asked.frame
    assert rows.filter(col("closed_at").is_null() != col("outcome").is_null()).is_empty()
    denied = (col("outcome") == "denied").fill_null(value=False)
    assert rows.filter(denied != col("denial_basis").is_not_null()).is_empty()


def test_kinds_belong_to_their_law(asked: Requests) -> None:
    american = col("jurisdiction").str.starts_with("US")
    assert asked.frame.filter(col("kind").is_in(["opt_out", "limit"]), ~american).is_empty()
    assert asked.frame.filter(col("kind").is_in(["object", "restrict"]), american).is_empty()
    assert {"IE", "GB", "US-CA"} <= set(asked.frame["jurisdiction"])


def test_only_effective_objections_and_complied_deletions_name_what_they_change(asked: Requests) -> None:
    rows = asked.frame.drop_nulls("customer_id")
    stopping = rows.filter(col("kind").is_in(list(requests.STOPPING)))
    assert not set(stopping["outcome"].drop_nulls()) & {"denied", "withdrawn", "duplicate"}
    erased = rows.filter(col("kind") == "delete", col("outcome").is_in(["complied", "complied_in_part"]))
    assert asked.erased.sum() == erased["customer_id"].n_unique()
    assert (asked.objected < NEVER).sum() == stopping["customer_id"].n_unique()
