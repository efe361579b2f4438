"""End a colleague's sessions in the app, for whoever runs Liftgate."""

from pathlib import Path

from jobs.export import open_store
from jobs.problems import Problem, WorkspaceError
from jobs.refresh import holder


def sign_out(folder: Path, person: str, reason: str) -> str:
    """End every session that a person has begun until now, and record who did it and why.

    Args:
        folder: the workspace.
        person: what the sign-in calls them, or their name.
        reason: kept in the audit log.

    Returns:
        What the sign-in calls them.

    Raises:
        WorkspaceError: nobody, or more than one person, goes by that name.
    """
    with open_store(folder) as store:
        found = store.people(person)
        if len(found) != 1:
            what = f"{len(found) or 'Nobody'} {'people go' if found else 'goes'} by that name."
            known = f"Name one of them as the sign-in does: {', '.join(found)}."
            remedy = "The audit log has who has signed in, with the name and the subject of each."
            raise WorkspaceError([Problem(person, what, known if found else remedy)])
        store.sign_out(holder(), found[0], reason)
        return found[0]
