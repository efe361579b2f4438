"""What a check of the rollout gate may look at: each figure with its possible values and why it matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf, isfinite
from types import MappingProxyType
from typing import NamedTuple

from metrics import catalogue
from policy.model import Bound, Check


@dataclass(frozen=True)
class GateFigure:
    """A figure that checks may look at.

    Attributes:
        key: its name in policies.
        name: its name in sentences.
        explanation: why a rollout looks at it, in one sentence for a marketer.
        remedy: what to do where a check on it does not pass.
        meaning: key of its definition in the catalogue, if that is not its own.
        bounds: ends of its interval that are known.
        counted, dated: whether it rests on a number of something, and on data that grow old.
        low, high: smallest and largest value it can take; None = no limit.
    """

    key: str
    name: str
    explanation: str
    remedy: str
    meaning: str = ""
    bounds: frozenset[Bound] = frozenset()
    counted: bool = True
    dated: bool = True
    low: float | None = 0.0
    high: float | None = None

    @property
    def definition(self) -> catalogue.Figure:
        """Its entry in the catalogue: label, unit and definition."""
        return catalogue.figure(self.meaning or self.key)

    @property
    def is_flag(self) -> bool:
        """Whether it is yes or no, not a number."""
        return self.definition.unit == "flag"


BOTH: frozenset[Bound] = frozenset({"lower", "upper"})
LOWER: frozenset[Bound] = frozenset({"lower"})

_ALL = (
    GateFigure(
        "primary_relative", "Lift",
        "The gain must be real: even the low end of what the test allows must not be a loss.",
        "Let the test run on, or change what customers see; a gain is not shown yet.",
        meaning="relative", bounds=BOTH, low=-1.0,
    ),
    GateFigure(
        "net_value", "Net value",
        "What is left of the margin after the cost of computing recommendations must be worth it.",
        "Make recommending cheaper, or the gain larger.", bounds=BOTH, low=None,
    ),
    GateFigure(
        "churn_risk_difference", "Change in churn",
        "A journey must not sell more today by losing customers tomorrow.",
        "Find out why customers leave before showing this to more of them.", bounds=BOTH, low=-1.0, high=1.0,
    ),
    GateFigure(
        "guardrails_unproven", "Guardrails not shown to be safe",
        "What must not get worse, consent withdrawal included, must be shown not to get worse.",
        "Mend what the guardrail shows, or let the test run until harm is ruled out.",
    ),
    GateFigure(
        "health_failed", "Failed health checks",
        "A test whose groups were not split as planned says nothing about the journey.",
        "Repair what the failed check names, and run the test again.",
    ),
    GateFigure(
        "result_age_days", "Age of the result",
        "What a test showed long ago need not hold today: customers, prices and the journey have changed.",
        "Run the test again, or keep a small control group for good.",
    ),
    GateFigure(
        "consent_known", "Consent can be looked up",
        "Nobody may be personalised on a consent that cannot be looked up.",
        "Provide the tables customers and consent_events.", counted=False,
    ),
    GateFigure(
        "leakage_events", "Events personalised without consent",
        "Nobody may be personalised without having agreed to it.",
        "Stop personalising for people without consent, and find why the journey ignored it.",
    ),
    GateFigure(
        "consent_coverage", "Consent coverage",
        "The gain was measured on people who agreed; if they are few, it says little about the journey.",
        "Ask for consent where it is missing; the effect is known for consenting people only.",
        bounds=LOWER, high=1.0,
    ),
    GateFigure(
        "server_share", "Events recorded on a server",
        "Events that only the browser reports can be lost, and with them the proof of consent.",
        "Record the journey's events on the server.", high=1.0,
    ),
    GateFigure(
        "one_source_share", "Consent from one source",
        "Where several systems say who consented, they can contradict each other.",
        "Record every consent in one place.", high=1.0,
    ),
    GateFigure(
        "age_unknown_share", "Customers of unknown age",
        "Children below the age of consent are left out only where their age is known.",
        "Record birth dates, or leave out people of unknown age (`children` in the policy).", high=1.0,
    ),
    GateFigure(
        "dsr_sla_rate", "Requests answered in time",
        "A company that answers people's requests late has no room for more data use.",
        "Answer the overdue requests first.", bounds=LOWER, high=1.0,
    ),
    GateFigure(
        "dsr_overdue", "Overdue requests",
        "A request past its legal deadline is a breach that goes on every day.",
        "Answer the overdue requests.",
    ),
    GateFigure(
        "minimization_score", "Minimisation score",
        "Data that no purpose needs only add risk.",
        "Delete or justify the fields that Data use lists as failing.", high=1.0,
    ),
    GateFigure(
        "excess_load", "Excess load",
        "Each field kept without need adds to what can leak.",
        "Delete the heaviest failing fields first.",
    ),
    GateFigure(
        "fields_past_retention", "Fields past retention",
        "Data kept longer than promised must be deleted.",
        "Delete the records that are past their retention.",
    ),
    GateFigure(
        "dpia", "Impact assessment",
        "Profiling many customers needs an impact assessment that covers what is done today.",
        "Have the assessment signed for all purposes of the journey, and record it.",
    ),
    GateFigure(
        "vendors_without_contract", "Vendors without a contract in force",
        "Whoever receives customer data needs a contract in force, and a processing agreement where due.",
        "Sign or renew the contract, or stop sending data.",
    ),
    GateFigure(
        "vendors_without_protections", "Vendors without the required clean-room protections",
        "A partner's clean room must keep single customers from being seen.",
        "Agree on the missing protections with the vendor.",
    ),
    GateFigure(
        "transfers_without_mechanism", "Vendors without a lawful transfer",
        "Data may leave for another country only on one of the ways that the law knows.",
        "Put a transfer mechanism in place, or keep the data here.",
    ),
    GateFigure(
        "events_to_unprotected_recipients", "Events exposed to vendors that may not have them",
        "No event may reach a recipient who may not have it.",
        "Stop sending events to the vendor until its papers are in order.", counted=False,
    ),
    GateFigure(
        "cost_per_1k", "Cost per thousand recommendations",
        "Recommendations must cost less than they bring.",
        "Move scoring to the edge or the device, or use a smaller model.",
    ),
    GateFigure(
        "cost_to_target", "Cost against its target",
        "Recommendations must stay within the cost that the journey was planned with.",
        "Move scoring to the edge or the device, or use a smaller model.",
    ),
    GateFigure(
        "latency_p95", "Latency (95 %)",
        "A slow page loses the customers that the recommendation was meant to win.",
        "Cache, or use a smaller model.",
    ),
    GateFigure(
        "share_over_latency_target", "Recommendations over the latency target",
        "A slow page loses the customers that the recommendation was meant to win.",
        "Cache, or use a smaller model.", high=1.0,
    ),
    GateFigure(
        "minimum_people", "Fewest people behind a published figure",
        "Figures about a handful of people would tell on them.",
        "Raise `disclosure: minimum_people` in workspace.yaml.", counted=False, dated=False, low=10.0,
    ),
    GateFigure(
        "owner_sign_off", "The owner's sign-off",
        "Somebody must stand up for the journey by name.",
        "Let the journey's owner sign off.",
    ),
)  # fmt: skip

GATE_FIGURES: Mapping[str, GateFigure] = MappingProxyType({entry.key: entry for entry in _ALL})
"""Every figure by key."""


class Fault(NamedTuple):
    """What is wrong with a check.

    Attributes:
        key: the part of the check that is wrong.
        what: in words.
        remedy: what to write instead.
    """

    key: str
    what: str
    remedy: str


def fault(check: Check) -> Fault | None:
    """Why a check could never be evaluated as meant; None where it can.

    >>> fault(Check(id="c", figure="consent_coverage", op=">=", threshold=60)).what
    "'consent_coverage' is a share between 0 and 1: 60 is not possible."
    """
    figure = GATE_FIGURES.get(check.figure)
    if figure is None:
        near = get_close_matches(check.figure, GATE_FIGURES, n=1, cutoff=0.0)[0]
        return Fault("figure", f"Unknown figure '{check.figure}'.", f"The nearest known one is '{near}'.")
    if figure.is_flag != isinstance(check.threshold, bool):
        kind = "yes or no" if figure.is_flag else f"a number ({_unit(figure)})"
        remedy = "Write true or false." if figure.is_flag else "Write a number."
        return Fault("threshold", f"'{figure.key}' is {kind}, not {_shown(check.threshold)}.", remedy)
    if figure.is_flag and check.op not in ("==", "!="):
        return Fault("op", f"'{figure.key}' is yes or no: '{check.op}' has no meaning.", 'Write op: "==".')
    if check.bound != "estimate" and check.bound not in figure.bounds:
        known = " or ".join(sorted(figure.bounds)) or "estimate"
        return Fault("bound", f"'{figure.key}' has no {check.bound} limit.", f"Use bound: {known}.")
    return _never(check, figure) or _impossible(check, figure)


def _never(check: Check, figure: GateFigure) -> Fault | None:
    if check.min_n is not None and not figure.counted:
        return Fault(
            "min_n", f"'{figure.key}' rests on no number of anything: it could never pass.", "Leave it out."
        )
    if check.max_age_days is not None and not figure.dated:
        return Fault("max_age_days", f"'{figure.key}' has no age: it could never pass.", "Leave it out.")
    return None


def _impossible(check: Check, figure: GateFigure) -> Fault | None:
    value = float(check.threshold)
    low, high = figure.low, figure.high
    inside = isfinite(value) and (-inf if low is None else low) <= value <= (inf if high is None else high)
    if not inside:
        remedy = (
            f"{value:g} % is written {value / 100:g}."
            if high == 1.0 and 1 < value <= 100
            else "Correct the threshold."
        )
        return Fault("threshold", f"'{figure.key}' is {_unit(figure)}: {value:g} is not possible.", remedy)
    if (check.op == ">" and value == high) or (check.op == "<" and value == low):
        return Fault("op", f"'{figure.key}' can never be {check.op} {value:g}.", f"Use {check.op}=.")
    return None


def _unit(figure: GateFigure) -> str:
    if figure.high == 1.0 and figure.low == 0.0:
        return "a share between 0 and 1"
    limits = [f"at least {figure.low:g}" if figure.low is not None else ""]
    limits.append(f"at most {figure.high:g}" if figure.high is not None else "")
    return " and ".join(limit for limit in limits if limit) or "any number"


def _shown(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"
