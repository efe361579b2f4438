"""The app's door to rollout gates: judged now on the whole run, and decided under the reader's own name.

A gate rests on tables that not every reader may load. They are read here on the company's behalf, and nothing
leaves but what gates.csv says of each check.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st
from pydantic import ValidationError

from policy.decisions import Decision, Kind, Standing, goes_against, standing
from policy.gates import Gate, Status
from policy.model import Policy
from reports import journeys
from reports.gates.decide import CHANGED
from reports.gates.decide import decide as record
from reports.gates.evaluation import decisions, gates, policy_of
from reports.gates.history import Change, history
from reports.gates.table import table
from reports.snapshot import Snapshot, WithheldError, load
from reports.wording.gates import reason
from storage.errors import NoRunError
from storage.records import Run
from storage.store import Store
from ui import access, data, stores

GATES = "gates"


class Seen(NamedTuple):
    """What the page said when somebody decided: the run, and the status of the gate."""

    run_id: int
    status: Status


@dataclass(frozen=True)
class Wanted:
    """What a reader decides; who they are, and what they may, is not theirs to say. See `Decision`."""

    kind: Kind
    journey: str
    reason: str
    check: str | None = None
    document: str | None = None
    scope: tuple[str, ...] = ()
    step: int | None = None
    expires_on: date | None = None
    refers_to: int | None = None


@dataclass(frozen=True)
class Judged:
    """Every journey's gate at one moment.

    Attributes:
        run: whose figures are the evidence.
        policy: the run's.
        gates: by journey, in the order of the other pages.
        stored: what the run itself found, by journey; None where it did not judge.
        names: the journeys' names for people.
        purposes: the journeys' purposes, as configured.
        decisions: everything that people have decided, in order.
        now: the moment.
    """

    run: Run
    zone: ZoneInfo
    currency: str
    policy: Policy
    gates: Mapping[str, Gate]
    stored: Mapping[str, str | None]
    names: Mapping[str, str]
    purposes: Mapping[str, tuple[str, ...]]
    decisions: tuple[Decision, ...]
    now: datetime

    @property
    def today(self) -> date:
        """The day in the workspace's zone."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def standing(self) -> Mapping[str, Standing]:
        """What is in force, by journey."""
        return {journey: standing(self.decisions, journey, self.today) for journey in self.gates}

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The gates as gates.csv has them, judged now."""
        return table(self.gates.values(), self.now, self.run.policy_version, self.currency)

    def seen(self, journey: str) -> Seen:
        """What the page says of a gate."""
        return Seen(self.run.run_id, self.gates[journey].status)


def judged() -> Judged | str:
    """The gates as they stand now; else, in words, why none can be judged.

    Raises:
        WithheldError: gates are not for the reader.
    """
    found = _visible()
    moment = data.now().replace(second=0, microsecond=0)
    try:
        return _judged(*found, len(decisions(found.store)), moment)
    except ValidationError:
        return (
            f"The policy of run {found.run_id} was written for another version of Liftgate: no gate can be "
            "judged, so none is open. Refresh the workspace."
        )


def what_if(policy: Policy) -> Mapping[str, Gate]:
    """What the gates would say under another policy; nothing is kept."""
    found = _visible()
    return gates(_whole(*found), decisions(found.store), data.now(), policy)


def changes() -> tuple[Change, ...]:
    """Every change of every gate since the first run, newest first."""
    found = _visible()
    return history(found.store, _whole(*found), data.now())


def decide(wanted: Wanted, seen: Seen) -> str | None:
    """Record what the reader decides, under their own name and roles; else say why it may not be.

    Args:
        wanted: what they decide.
        seen: what the page said of the gate; where it no longer holds, nothing is recorded.

    Raises:
        WithheldError: gates are not for the reader.
    """
    found, who, now = _visible(), access.reader(), data.now()
    snapshot = _whole(*found)
    gate = gates(snapshot, decisions(found.store), now).get(wanted.journey)
    if gate is None:
        return f"There is no journey '{wanted.journey}'."
    if seen != (found.run_id, gate.status):
        return CHANGED
    against = wanted.kind == "rollout" and wanted.step is not None and goes_against(wanted.step, gate)
    decision = Decision(
        at=now,
        actor=who.subject,
        name=who.name,
        roles=tuple(sorted(who.roles)),
        against=f"{gate.status}: {reason(gate, snapshot.currency)}" if against else "",
        **asdict(wanted),
    )
    return record(found.store, decision, snapshot, now)


class _Visible(NamedTuple):
    """The visible run of the workspace's store; `started_at` tells it from one of a store made anew."""

    store: Store
    url: str
    run_id: int
    started_at: datetime


def _visible() -> _Visible:
    if not access.may_load(GATES):
        raise WithheldError(GATES)
    url = stores.address(stores.workspace())
    store = stores.opened(url) if url else None
    run = store.visible_run() if store else None
    if not url or not store or run is None:
        msg = "There are no figures yet: no refresh has been completed."
        raise NoRunError(msg)
    return _Visible(store, url, run.run_id, run.started_at)


@st.cache_resource(max_entries=4, show_spinner=False)
def _whole(_store: Store, url: str, run_id: int, started_at: datetime) -> Snapshot:
    return load(_store, run_id, late=True)


@st.cache_resource(max_entries=16, show_spinner=False)
def _judged(
    _store: Store, url: str, run_id: int, started_at: datetime, decided: int, moment: datetime
) -> Judged:
    """Decisions are only ever added, so that their number says which they are."""
    snapshot, known = _whole(_store, url, run_id, started_at), decisions(_store)[:decided]
    rows = snapshot.journeys().select("journey", "gate").iter_rows()
    configured = snapshot.run.workspace.get("journeys", [])
    return Judged(
        run=snapshot.run,
        zone=snapshot.zone,
        currency=snapshot.currency,
        policy=policy_of(snapshot),
        gates=gates(snapshot, known, moment),
        stored=dict(rows),
        names=journeys.names(snapshot),
        purposes={item["id"]: tuple(item.get("purposes") or ()) for item in configured},
        decisions=known,
        now=moment,
    )
