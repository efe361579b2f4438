"""One vendor's service: is a contract in force, may the data go there, is the clean room safe, what is next.

Sources: GDPR Art 28 (processors) and 44 to 46 (transfers), 11 CCR 7051 and 7053 (service providers and third
parties). A year between two reviews is this product's choice: Art 28(1) asks for sufficient guarantees and
names no term.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from law.adequacy import adequacy

ContractStatus = Literal["missing", "expired", "expiring", "valid"]
ReviewStatus = Literal["missing", "overdue", "current"]
Requirements = Mapping[str, frozenset[str]]
"""Journey → the clean-room protections that it requires."""

EXPIRING_DAYS, REVIEW_DAYS = 60, 365
IN_FORCE = ("expiring", "valid")
WITHOUT_DPA = ("controller", "third_party")
"""Roles that decide on their own why they process: Art 28 asks them for no processing agreement."""


@dataclass(frozen=True)
class Service:
    """One row of `vendors`; what is dated after the day of a question has not happened on it."""

    vendor: str
    role: str | None = None
    service: str | None = None
    journeys: tuple[str, ...] = ()
    contract_start: date | None = None
    contract_end: date | None = None
    contract_type: str | None = None
    dpa_signed_on: date | None = None
    clean_room_protections: tuple[str, ...] = ()
    transfer_country: str | None = None
    transfer_mechanism: str | None = None
    tia_on: date | None = None
    reviewed_on: date | None = None


class Action(NamedTuple):
    """What to do next, in words, and by which day; the lower `rank` goes first."""

    rank: int
    due: date
    text: str


def contract_status(service: Service, on: date) -> ContractStatus:
    """Whether the contract is in force on a day; `expiring`: it ends within 60 days.

    No recorded end, or a start still to come, is `missing`: nobody can show that it is in force.
    """
    start, end = service.contract_start, service.contract_end
    if end is None or (start is not None and start > on):
        return "missing"
    if end < on:
        return "expired"
    return "expiring" if (end - on).days <= EXPIRING_DAYS else "valid"


def dpa_ok(service: Service, on: date) -> bool | None:
    """Whether the processing agreement of Art 28(3) is signed; None where the role needs none."""
    if _by(service.dpa_signed_on, on):
        return True
    return None if service.role in WITHOUT_DPA else False


def transfer_ok(service: Service, on: date) -> bool | None:
    """Whether the data may be where the vendor has them (GDPR Art 44-46); None = country not recorded.

    Within the EU and EEA there is no transfer. An adequacy decision carries one by itself; to the US only for
    recipients certified under the Data Privacy Framework (`dpf`). Standard clauses need an assessment of the
    transfer (CJEU C-311/18); binding corporate rules rest on an authority's approval.
    """
    mechanism = service.transfer_mechanism
    if mechanism == "bcr" or (mechanism == "scc" and _by(service.tia_on, on)):
        return True
    if service.transfer_country is None:
        return None
    carried = adequacy(service.transfer_country, on)
    if carried == "certified_only":
        return mechanism == "dpf"
    return carried in {"inside", "adequate"}


def may_receive(service: Service, on: date) -> bool:
    """Whether a contract is in force, a processing agreement signed where due, and the transfer lawful."""
    in_force = contract_status(service, on) in IN_FORCE
    return in_force and dpa_ok(service, on) is not False and transfer_ok(service, on) is True


def review_due(service: Service, on: date) -> date | None:
    """Day of the next review, a year after the last; None when there was none."""
    reviewed = service.reviewed_on
    return reviewed + timedelta(days=REVIEW_DAYS) if reviewed is not None and reviewed <= on else None


def review_status(service: Service, on: date) -> ReviewStatus:
    """Whether the vendor was reviewed within the last year."""
    due = review_due(service, on)
    if due is None:
        return "missing"
    return "current" if due >= on else "overdue"


def protections_missing(service: Service, requirements: Requirements) -> frozenset[str]:
    """What the journeys that it serves require and its clean room does not have."""
    required = (requirements.get(journey, frozenset()) for journey in service.journeys)
    return frozenset[str]().union(*required) - set(service.clean_room_protections)


def clean_room(service: Service, requirements: Requirements) -> bool:
    """Whether the data are used in a clean room with every protection that its journeys require."""
    return bool(service.clean_room_protections) and not protections_missing(service, requirements)


def actions(service: Service, on: date, requirements: Requirements) -> list[Action]:
    """Everything to do about a service, the most urgent first; what is wrong already is due today."""
    status, missing = contract_status(service, on), protections_missing(service, requirements)
    end, review = service.contract_end, review_due(service, on)
    found = [
        (status == "missing", Action(0, on, _contract_gap(service))),
        (
            status == "expired",
            Action(0, on, f"Renew the contract that ended on {end}, or send no more data."),
        ),
        (dpa_ok(service, on) is False, Action(1, on, "Sign a data-processing agreement (GDPR Art 28).")),
        (transfer_ok(service, on) is not True, Action(2, on, _transfer_gap(service, on))),
        (bool(missing), Action(3, on, f"Agree on what its clean room lacks: {', '.join(sorted(missing))}.")),
        (review is None, Action(4, on, "Review the vendor: no review is on record.")),
        (status in IN_FORCE, Action(5, end or on, f"Renew the contract, or let it end on {end}.")),
        (
            review is not None,
            Action(5, review or on, f"Review the vendor; last done on {service.reviewed_on}."),
        ),
    ]
    return sorted(action for applies, action in found if applies)


def unrecorded(service: Service) -> list[str]:
    """Evidence that the register does not have, in words."""
    gaps = {
        "role": service.role is None,
        "end of contract": service.contract_end is None,
        "type of contract": service.contract_type is None,
        "country of the data": service.transfer_country is None,
    }
    return [gap for gap, applies in gaps.items() if applies]


def _by(day: date | None, on: date) -> bool:
    return day is not None and day <= on


def _contract_gap(service: Service) -> str:
    if service.contract_end is None:
        return "Record until when its contract runs, or sign one; send no data until then."
    return f"Send no data before the contract starts on {service.contract_start}."


def _transfer_gap(service: Service, on: date) -> str:
    country, mechanism = service.transfer_country, service.transfer_mechanism
    clauses = "agree on standard clauses and assess the transfer"
    if mechanism == "scc":
        return (
            f"Assess the transfer{f' to {country}' if country else ''}: standard clauses need it (C-311/18)."
        )
    if country is None:
        return "Record in which country it has the data."
    if adequacy(country, on) == "certified_only":
        return f"Record its certification under the Data Privacy Framework, or {clauses}."
    if mechanism == "dpf":
        return f"The Data Privacy Framework covers nobody in {country}: {clauses}."
    return f"No adequacy decision covers {country}: {clauses}, or keep the data in the EEA."
