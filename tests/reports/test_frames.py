"""Tables read late are the tables read at once, as far as the reader may have them."""

from collections.abc import Iterator

import pytest

from reports import frames
from reports.snapshot import WithheldError, load
from storage.store import Store
from tests.e2e import house


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = house.write(tmp_path_factory.mktemp("house"))
    with Store.open(f"sqlite:///{folder / 'liftgate.db'}") as opened:
        yield opened


def test_a_table_read_late_is_the_same_whole_and_by_experiment(store: Store) -> None:
    at_once, late = load(store), load(store, late=True)
    assert set(late.frames) == set(at_once.frames)
    for name, whole in at_once.frames.items():
        assert late.frames[name].equals(whole)
        if "experiment" not in whole.columns:
            continue
        for experiment in whole["experiment"].drop_nulls().unique():
            assert late.part(name, experiment).equals(at_once.part(name, experiment))
            assert late.part(name, experiment).equals(whole.filter(experiment=experiment))
    assert late.part("effects", "unheard of").is_empty()


def test_skus_are_counted_alike_by_the_store_and_from_the_rows(store: Store) -> None:
    at_once, late = load(store), load(store, late=True)
    expected = {("cart-recovery-2026q3", "personalised"): (29, 2, 1)}
    assert late.skus_called_different == at_once.skus_called_different == expected


def test_what_is_withheld_is_withheld_whole_in_parts_and_counted(store: Store) -> None:
    late = load(store, tables={"journeys"}, late=True)
    assert list(late.frames) == ["journeys"]
    for ask in (
        lambda: late.frames["sku_lift"],
        lambda: late.part("sku_lift", "cart-recovery-2026q3"),
        lambda: late.skus_called_different,
        lambda: late.money,
    ):
        with pytest.raises(WithheldError):
            ask()


def test_a_table_is_read_once_and_a_large_one_is_not_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = load(store, late=True)
    assert late.frames["effects"] is late.frames["effects"]
    assert late.part("sku_lift", "cart-recovery-2026q3") is late.part("sku_lift", "cart-recovery-2026q3")
    monkeypatch.setattr(frames, "LARGE", 10)
    assert late.frames["sku_lift"] is not late.frames["sku_lift"]
    monkeypatch.setattr(frames, "KEPT_PARTS", 1)
    first = late.part("sku_lift", "cart-recovery-2026q3")
    late.part("effects", "cart-recovery-2026q3")
    assert late.part("sku_lift", "cart-recovery-2026q3") is not first
