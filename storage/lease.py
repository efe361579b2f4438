"""One worker at a time: a lease in the database that its holder keeps renewing and that ends by itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, true, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.control import leases
from storage.engine import writing
from storage.errors import StoreBusyError


@contextmanager
def held(
    engine: Engine, name: str, holder: str, seconds: float, gone: Callable[[str], bool] = lambda _: False
) -> Iterator[None]:
    """Hold a lease while the block runs, renewing it three times per term from a thread.

    Args:
        engine: the store's engine.
        name: what is leased, such as `refresh`.
        holder: who works, in words for others: "ana@host, process 41".
        seconds: term; when a holder dies, others wait at most this long.
        gone: whether the present holder is known to have died, so that nobody need wait.

    Raises:
        StoreBusyError: another holder's term has not ended.
    """
    acquired = _acquire(engine, name, holder, seconds, gone)
    stop = threading.Event()
    beat = threading.Thread(target=_renew, args=(engine, name, acquired, seconds, stop), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        with writing(engine).begin() as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.acquired_at == acquired))


def is_held(engine: Engine, name: str) -> bool:
    """Say whether somebody holds the lease now."""
    with engine.connect() as connection:
        found = connection.execute(
            select(leases.c.expires_at).where(leases.c.name == name)
        ).scalar_one_or_none()
    return found is not None and found > datetime.now(UTC)


def _acquire(engine: Engine, name: str, holder: str, seconds: float, gone: Callable[[str], bool]) -> datetime:
    now = datetime.now(UTC)
    terms = {"holder": holder, "acquired_at": now, "expires_at": now + timedelta(seconds=seconds)}
    try:
        with writing(engine).begin() as connection:
            present = select(leases.c.holder).where(leases.c.name == name)
            other = connection.execute(present).scalar_one_or_none()
            over = true() if other is not None and gone(other) else leases.c.expires_at <= now
            ended = update(leases).where(leases.c.name == name, over)
            if connection.execute(ended.values(terms)).rowcount == 0:
                connection.execute(insert(leases).values(name=name, **terms))
    except IntegrityError as error:
        raise _busy(engine, name) from error
    return now


def _busy(engine: Engine, name: str) -> StoreBusyError:
    with engine.connect() as connection:
        row = connection.execute(select(leases).where(leases.c.name == name)).first()
    if row is None:
        return StoreBusyError(f"Another {name} has just ended. Try again.")
    since, until = (f"{time:%Y-%m-%d %H:%M:%S} UTC" for time in (row.acquired_at, row.expires_at))
    return StoreBusyError(
        f"Another {name} is at work: {row.holder}, since {since}. "
        f"Wait for it to end; if it has died, its place is free from {until}."
    )


def _renew(engine: Engine, name: str, acquired: datetime, seconds: float, stop: threading.Event) -> None:
    while not stop.wait(seconds / 3):
        extension = datetime.now(UTC) + timedelta(seconds=seconds)
        mine = update(leases).where(leases.c.name == name, leases.c.acquired_at == acquired)
        try:
            with writing(engine).begin() as connection:
                connection.execute(mine.values(expires_at=extension))
        except DBAPIError:
            continue  # busy or away: the next beat tries again, and a lost term shows on completion
