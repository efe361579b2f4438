"""The app's door to what colleagues noted: read by whoever sees charts, written by the roles that may."""

from datetime import date

from policy.roles import ANNOTATES
from reports import annotations
from reports.annotations import Annotation
from reports.snapshot import Snapshot
from storage.errors import StoreError
from ui import access, data, stores

TABLE = "annotations"
NOT_YOURS = f"Noting events is for the role {' or '.join(sorted(ANNOTATES))}."


def standing() -> tuple[Annotation, ...]:
    """The events that stand, by day; none for whoever may not read them."""
    return tuple(event for event in history() if event.removed_at is None)


def history() -> tuple[Annotation, ...]:
    """Every event, those taken back among them; none for whoever may not read them."""
    store = stores.current() if access.may_load(TABLE) else None
    return annotations.history(store) if store else ()


def may_note() -> bool:
    """Whether the reader may note events and take them back."""
    return not ANNOTATES.isdisjoint(access.reader().roles)


def note(shown: Snapshot, day: date, kind: str, text: str, experiment: str | None) -> str | None:
    """Keep an event under the reader's name, or say why not."""
    who, store, text = access.reader(), stores.current(), annotations.cleaned(text)
    if not may_note() or store is None:
        return NOT_YOURS
    known = [record.experiment for record in shown.experiments()]
    today = data.now().astimezone(shown.zone).date()
    refused = annotations.refusal(day, kind, text, experiment, known, today)
    if refused is None:
        store.annotate(
            who.name, who.subject, {"day": day, "kind": kind, "text": text, "experiment": experiment}
        )
    return refused


def remove(number: int) -> str | None:
    """Take an event back under the reader's name, or say why not."""
    who, store = access.reader(), stores.current()
    if not may_note() or store is None:
        return NOT_YOURS
    try:
        store.remove_annotation(who.name, who.subject, number)
    except StoreError as error:
        return str(error)
    return None
