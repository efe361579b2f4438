import threading
import time

import pytest

from storage.errors import StoreBusyError
from storage.lease import is_held
from storage.store import Store


def test_the_second_one_hears_who_is_at_work_and_since_when(store: Store) -> None:
    with (
        store.lease("refresh", "ana@host, process 41"),
        pytest.raises(
            StoreBusyError, match=r"Another refresh is at work: ana@host, process 41, since 20.* UTC"
        ),
        store.lease("refresh", "ben@host"),
    ):
        pass


def test_a_lease_ends_with_its_block(store: Store) -> None:
    with store.lease("refresh", "ana"):
        assert is_held(store.engine, "refresh")
    assert not is_held(store.engine, "refresh")
    with store.lease("refresh", "ben"):
        pass


def test_a_lease_ends_with_an_error_too(store: Store) -> None:
    with pytest.raises(KeyError), store.lease("refresh", "ana"):
        raise KeyError
    with store.lease("refresh", "ben"):
        pass


def test_leases_of_different_names_do_not_meet(store: Store) -> None:
    with store.lease("refresh", "ana"), store.lease("export", "ana"):
        assert is_held(store.engine, "export")


def test_a_living_holder_keeps_the_lease_beyond_its_term(store: Store) -> None:
    with store.lease("refresh", "ana", seconds=0.6):
        time.sleep(1)
        with pytest.raises(StoreBusyError), store.lease("refresh", "ben"):
            pass


def test_a_dead_holders_lease_is_taken_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as dead:
        dead.setattr("storage.lease._renew", lambda *_: None)
        with store.lease("refresh", "ana", seconds=0.1):
            time.sleep(0.2)
            with store.lease("refresh", "ben"):
                assert is_held(store.engine, "refresh")
    assert not is_held(store.engine, "refresh")


def test_the_late_end_of_a_dead_holder_leaves_its_successor_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.lease._renew", lambda *_: None)
    first = store.lease("refresh", "ana", seconds=0.1)
    first.__enter__()
    time.sleep(0.2)
    with store.lease("refresh", "ben"):
        first.__exit__(None, None, None)
        assert is_held(store.engine, "refresh")


def test_of_many_at_once_one_gets_the_lease(store: Store) -> None:
    got: list[int] = []
    busy: list[str] = []
    start, release = threading.Barrier(5), threading.Event()

    def work(number: int) -> None:
        start.wait()
        try:
            with store.lease("refresh", f"worker {number}"):
                got.append(number)
                release.wait(10)
        except StoreBusyError as error:
            busy.append(str(error))
        if len(busy) == 4:
            release.set()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(got) == 1
    assert all(f"worker {got[0]}" in message for message in busy)
