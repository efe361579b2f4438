"""What privacy asks to be done next, beside what the experiments ask for."""

from collections.abc import Sequence

from reports.journeys import Journey
from reports.wording import privacy_consent
from reports.wording import privacy_requests as wording
from reports.wording.figures import listed
from reports.wording.privacy_words import counted, set_aside, verb
from ui import access
from ui.data import Loaded
from ui.parts.markup import Html, link, text


def steps(loaded: Loaded, journeys: Sequence[Journey], *, company: bool) -> list[Html]:
    """People personalised without consent and, for the whole company, what else cannot wait.

    That is a consent rate that jumped, and requests that wait for an answer.
    """
    found = []
    leaks = [(item.name, item.figures.get("leakage_events") or 0) for item in journeys]
    leaking = [f"{counted(events, 'event')} of {name}" for name, events in leaks if events]
    if leaking:
        were = verb(sum(events for _, events in leaks), "was", "were")
        told = f"{listed(leaking)} {were} personalised without consent: stop that, and find what passed by."
        found.append(Html(f"{link('Consent', 'consent')}: {text(told)}"))
    if company and access.may_load("consent_alerts"):
        alarm = privacy_consent.alarm(loaded.snapshot.table("consent_alerts"))
        if alarm:
            found.append(Html(f"{link('Consent', 'consent')}: {text(alarm)}"))
    if not company or not access.may_load("dsr_requests"):
        return found
    rows = loaded.snapshot.table("dsr_requests")
    if not rows.is_empty():
        queue = wording.queue(wording.waiting(rows), set_aside(loaded.snapshot, "dsr_requests"))
        if queue.overdue or queue.due_soon:
            found.append(Html(f"{link('Requests', 'requests')}: {text(wording.lead(queue).lead)}"))
    return found
