"""Freezing a quarter: its figures and its pack are kept as they are, a correction says what moved."""

from metrics import formatting, locales
from reports.annotations import standing
from reports.board_pdf import compiled, document
from reports.gates.evaluation import decisions
from reports.journeys import quarter_end
from reports.quarters.content import DOCUMENT, PDF, from_contents, to_contents
from reports.quarters.moved import moved
from reports.quarters.quarter import before
from reports.snapshot import Snapshot, load
from storage.engine import plain_json
from storage.errors import NoRunError, StoreError
from storage.frozen import Moved, Version, now
from storage.store import Store


class FreezeError(StoreError):
    """The quarter cannot be frozen; the message says why and what to do."""


def freeze(store: Store, period: str, actor: str, reason: str) -> Version:
    """Freeze the newest run of a quarter: its first version, or a correction.

    Args:
        store: the store of the run.
        period: such as "2026Q3".
        actor: who freezes it.
        reason: why; a correction must say it.

    Raises:
        NoRunError: no run has measured the quarter.
        FreezeError: the quarter has not ended in the run, a correction gives no reason, or nothing moved.
        StoreError: somebody else froze it meanwhile.
    """
    run = store.latest_run(period)
    if run is None:
        msg = f"No run measured {period}."
        raise NoRunError(msg)
    snapshot = load(store, run.run_id)
    _require_end(snapshot)
    versions = store.frozen_versions(period)
    changes = _correction(store, versions[0], snapshot, reason) if versions else ()
    version = Version(
        period, len(versions) + 1, run.run_id, now(), actor, reason.strip() or "Quarterly pack", changes
    )
    words = document(
        snapshot,
        before(store, snapshot),
        decisions=decisions(store),
        version=version,
        events=standing(store),
    )
    contents = to_contents(snapshot) | {DOCUMENT: plain_json(words).encode(), PDF: compiled(words)}
    store.freeze(version, contents)
    return version


def _require_end(snapshot: Snapshot) -> None:
    last, seen, run = quarter_end(snapshot.run.period), snapshot.as_of_date, snapshot.run.run_id
    if seen < last:
        quarter = formatting.quarter(snapshot.run.period)
        msg = (
            f"{quarter} cannot be frozen yet: it ends on {formatting.day(last)}, and run {run} measures to "
            f"{formatting.day(seen)}. What is still to come would be missing for good. Refresh with as_of: "
            f"{last.isoformat()} in workspace.yaml, then freeze."
        )
        raise FreezeError(msg)


def _correction(store: Store, last: Version, snapshot: Snapshot, reason: str) -> tuple[Moved, ...]:
    run = snapshot.run.run_id
    name = f"{formatting.quarter(last.period)} is frozen as version {last.version} (run {last.run_id})"
    with locales.written_in(snapshot.locale):
        changes = moved(from_contents(store.frozen_content(last)), snapshot)
    if not changes:
        msg = f"{name}, and no figure of run {run} differs from it: there is nothing to correct."
        raise FreezeError(msg)
    if not reason.strip():
        msg = (
            f"{name}; {formatting.count(len(changes))} figures differ in run {run}. A further version is a "
            "correction: say why with --reason."
        )
        raise FreezeError(msg)
    return changes
