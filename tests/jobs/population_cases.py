"""One small shop, and what the rules make of it: shared by the tests of who counts."""

import datetime as dt
from dataclasses import replace
from typing import Any

from jobs.population import REASONS
from tests.jobs.judging import collected, judge
from tests.jobs.retailers import PURPOSES, Assignment, Consent, Customer, Retailer, Time, after

ASSIGNED = after(5)
CLOSED = after(8)
BOTH = tuple(Consent(1, purpose, "granted", after(0)) for purpose in PURPOSES)
SHOP = Retailer(
    assignments=(Assignment(1, "personalised", ASSIGNED),),
    customers=(Customer(1),),
    consent=BOTH,
    requests=(),
)
LAWFUL_WITHOUT_CONSENT = replace(SHOP, consent=(), needs_consent=False)


utc = dt.datetime.fromisoformat


def standing(retailer: Retailer) -> dict[int, dict[str, Any]]:
    frame = collected(judge(retailer).standing)
    return {row["unit"]: row for row in frame.iter_rows(named=True)}


def reason(retailer: Retailer, unit: int = 1) -> str | None:
    rank = standing(retailer)[unit]["reason"]
    return REASONS[rank - 1] if rank else None


def spans(retailer: Retailer) -> list[tuple[int, Time | None, Time | None]]:
    frame = collected(judge(retailer).spans).sort("customer", "until", nulls_last=True)
    return frame.select("customer", "since", "until").rows()


def state(name: str, at: Time, purpose: str = PURPOSES[0]) -> Consent:
    return Consent(1, purpose, name, at)
