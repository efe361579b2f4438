from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.acts import FIELDS, Action, check
from storage.audit import entries
from storage.store import Store

SAMPLES: dict[type, Any] = {str: "x", int: 3, list: ["x"], dict: {"x": 1}, type(None): None}


def _detail(action: Action) -> dict[str, Any]:
    return {name: SAMPLES[kinds[0]] for name, kinds in FIELDS[action].must.items()}


def test_every_action_says_what_it_must_carry() -> None:
    assert set(FIELDS) == set(get_args(Action))
    assert all(fields.must for fields in FIELDS.values())
    assert not any(set(fields.must) & set(fields.may) for fields in FIELDS.values())


@pytest.mark.parametrize("action", FIELDS)
def test_a_whole_detail_is_taken_and_each_fault_refused(action: Action) -> None:
    whole = _detail(action)
    check(action, whole)
    check(action, whole | {name: SAMPLES[kinds[0]] for name, kinds in FIELDS[action].may.items()})
    for name, kinds in FIELDS[action].must.items():
        with pytest.raises(ValueError, match=f"on '{action}' must say: {name}"):
            check(action, {key: value for key, value in whole.items() if key != name})
        wrong = next(value for kind, value in SAMPLES.items() if kind not in kinds)
        with pytest.raises(ValueError, match=f"{name} must be"):
            check(action, whole | {name: wrong})
        with pytest.raises(ValueError, match=f"{name} must be"):
            check(action, whole | {name: True})
    with pytest.raises(ValueError, match="has no field customer_id"):
        check(action, whole | {"customer_id": "c1"})


def test_an_unknown_action_names_the_nearest_known_one() -> None:
    with pytest.raises(ValueError, match=r"no action 'exports'\. Did you mean 'export'"):
        check("exports", {})


@given(st.text().filter(lambda name: name not in FIELDS))
def test_no_other_action_is_taken(action: str) -> None:
    with pytest.raises(ValueError, match="knows no action"):
        check(action, {})


@pytest.mark.parametrize("actor", ["", "  "])
def test_nobody_is_no_actor(sqlite_store: Store, actor: str) -> None:
    with pytest.raises(ValueError, match="must say who acted"):
        sqlite_store.audit(actor, "export", _detail("export"))


def test_a_refused_act_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ValueError, match="must say: via"):
        store.audit("ana", "export", {"files": {}})
    assert entries(store) == []
    assert store.audit("ana", "export", _detail("export")).seq == 1
