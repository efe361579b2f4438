"""From counted customers and events to the figures of consent.csv."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from metrics import wholes

Z_95 = 1.6448536269514722
JOINT, EVERYWHERE = wholes.JOINT, wholes.ALL


class Events(NamedTuple):
    """A journey's events in one jurisdiction or several, as `metrics.consent.by_jurisdiction` adds them up.

    Attributes:
        people: distinct known customers.
        strangers: events of unknown visitors.
        events, personalised, server: all events, the personalised, those collected on a server.
        covered, lawful, one_source: covered events, the personalised and those of one source among them.
        child, age_unknown: customers below the age of consent, and without birth date.
        nn, nc, cc: sums over clusters of events², events × covered and covered².
    """

    people: int = 0
    strangers: int = 0
    events: int = 0
    personalised: int = 0
    server: int = 0
    covered: int = 0
    lawful: int = 0
    one_source: int = 0
    child: int = 0
    age_unknown: int = 0
    nn: int = 0
    nc: int = 0
    cc: int = 0

    def plus(self, other: "Events") -> "Events":
        """Both together; they have no customer in common."""
        return Events(*(a + b for a, b in zip(self, other, strict=True)))


def design_effect(counted: Events) -> float:
    """By how much clustering by customer inflates the variance of coverage, at least 1.

    Ratio of the linearised variance of Σx/Σn over m clusters, m/(m−1) · Σ(x − pn)² / (Σn)², to p(1−p)/Σn
    (Kish 1965, Survey Sampling; Cochran 1977, §11.6). Where all events agree (p = 0 or 1) or there is one
    cluster, the data say nothing of it and customers count as entirely alike: Σn²/Σn.
    """
    clusters, n = counted.people + counted.strangers, counted.events
    share = counted.covered / n
    if clusters < 2 or counted.covered in (0, n):
        return max(1.0, counted.nn / n)
    squares = counted.cc - 2 * share * counted.nc + share**2 * counted.nn
    variance = clusters / (clusters - 1) * squares / n**2
    return max(1.0, variance / (share * (1 - share) / n))


def wilson_low(share: float, n: float) -> float:
    """One-sided 95 % lower limit of a share of n trials (Wilson 1927)."""
    if share == 0:
        return 0.0
    z2 = Z_95**2
    spread = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return (share + z2 / (2 * n) - spread) / (1 + z2 / n)


def joint_figures(counted: Events) -> dict[str, Any]:
    """Figures of a `*joint*` row, which counts events; no events: no figures.

    The limit is Wilson's with events ÷ design effect, as recommended for clustered samples by Franco, Little,
    Louis & Slud 2019 (Journal of Survey Statistics and Methodology 7).
    """
    if not counted.events:
        return {"status": "no_evidence", "note": "no event in the period"}
    share = counted.covered / counted.events
    return {
        "eligible": counted.events,
        "granted": counted.covered,
        "coverage": share,
        "coverage_low": wilson_low(share, counted.events / design_effect(counted)),
        "leakage_events": counted.personalised - counted.lawful,
        "server_share": counted.server / counted.events,
        "one_source_share": counted.one_source / counted.covered if counted.covered else None,
        "status": "ok",
    }


def at_most(some: int, people: int, minimum_people: int) -> int:
    """The most that may be said of some of the people where 1 … k−1 of them, or all but so many, are hidden.

    >>> at_most(0, 400, 50), at_most(3, 400, 50), at_most(70, 400, 50), at_most(395, 400, 50)
    (0, 49, 70, 400)
    """
    if 0 < some < minimum_people:
        return min(minimum_people - 1, people)
    return people if 0 < people - some < minimum_people else some


def purpose_figures(people: int, states: Mapping[str, int]) -> dict[str, Any]:
    """Figures of one purpose's row: `people` distinct customers, of whom `states` says the state of some."""
    granted, refused, withdrawn, expired = (
        states.get(state, 0) for state in ("granted", "refused", "withdrawn", "expired")
    )
    chose = granted + refused + withdrawn
    return {
        "eligible": people,
        "granted": granted,
        "refused": refused,
        "withdrawn": withdrawn,
        "expired": expired,
        "undecided": people - chose - expired,
        "consent_rate": granted / chose if chose else None,
        "opt_in_rate": granted / people if people else None,
        "decided_share": chose / people if people else None,
        "status": "ok" if people else "no_evidence",
        "note": None if people else "no known customer in the period",
    }
