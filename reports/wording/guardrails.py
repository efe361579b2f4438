"""What is known of an experiment's guardrails, in sentences."""

from reports.results import Experiment
from reports.wording.figures import listed, subject

_SAID = {
    "worse": "{names} got worse.",
    "possibly_worse": "{names} is possibly worse.",
    "not_enough_data": "Harm to {names} is not ruled out yet.",
    "not_worse": "No harm to {names}.",
}
"""By state, the worst first."""

OPEN = ("possibly_worse", "not_enough_data")


def by_state(experiment: Experiment) -> dict[str, list[str]]:
    """Guardrails that have a figure, by the worst of their variants' states, as they read in a sentence."""
    found: dict[str, list[str]] = {state: [] for state in _SAID}
    for name in experiment.guardrails:
        rows = [experiment.headline(name, variant) for variant in experiment.variants]
        states = {row.guardrail_state for row in rows if row and row.status == "ok"}
        worst = next((state for state in _SAID if state in states), None)
        if worst:
            found[worst].append(subject(experiment.metric(name), experiment))
    return found


def guardrails(experiment: Experiment) -> str:
    """All guardrails together; empty without any."""
    said = [
        _SAID[state].format(names=listed(names)) for state, names in by_state(experiment).items() if names
    ]
    return " ".join(sentence[:1].upper() + sentence[1:] for sentence in said)


def to_watch(experiment: Experiment) -> str:
    """What to keep an eye on while rolling out: guardrails whose harm is not ruled out; else empty."""
    found = by_state(experiment)
    names = [name for state in OPEN for name in found[state]]
    return f" Watch {listed(names)} meanwhile: harm is not ruled out." if names else ""
