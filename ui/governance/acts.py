"""What the reader does goes into the audit log under their name; what cannot be recorded is not done."""

from collections.abc import Callable, Mapping
from typing import Any

from storage.acts import Action
from storage.errors import StoreError
from ui import access, stores

Record = Callable[[Action, Mapping[str, Any]], None]


def recorder() -> Record:
    """A function that records acts of whoever is reading now, later and from any thread.

    Their name is the entry's actor; its detail also gets `subject`, which tells people of one name apart.

    Raises:
        StoreError: by the function, if there is no store to record in.
    """
    who, store = access.reader(), stores.current()

    def record(action: Action, detail: Mapping[str, Any]) -> None:
        if store is None:
            msg = "There is no store to record this in, so it cannot be done."
            raise StoreError(msg)
        store.audit(who.name, action, {**detail, "subject": who.subject})

    return record
