"""truth.json: the true effects in the units of effects.csv, and how each was derived."""

import json
from collections.abc import Mapping

import numpy as np

from jobs.demo.bad_rows import Counts
from jobs.demo.clock import AS_OF, DAY
from jobs.demo.people import consent
from jobs.demo.people.customers import IRELAND, JURISDICTIONS
from jobs.demo.plan import (
    CLEAN_ROOM,
    EFFECTS,
    EMAIL,
    MEASURED,
    POST_PURCHASE,
    PROFILED,
    WINDOW,
    Experiment,
    World,
    experiments,
)
from jobs.demo.records import MEAN_ANSWER, SPEND
from jobs.demo.truth import FIRST_HALF, HALVED, Sums

HORIZONS = (28, 60, 90)
ESTIMAND = (
    "Intention to treat among the units that count, 28 days from assignment, frozen at the first "
    "withdrawal or objection ('while consent lasts'). Means are per unit, over all mature units of the "
    "demo under each arm in turn, of the outcome expected from the unit's own rate."
)
DERIVATION = {
    "orders": "Orders are Poisson; personalisation multiplies their rate by 1 + order_rate_effect while it "
    "is lawful, and by what is left of that once it has faded. The integral of the rate over the window, "
    "and returns of earlier orders, which bear the order's id.",
    "conversion": "1 - exp(-expected orders) per unit, since orders are Poisson.",
    "revenue_uncapped": "Expected orders times expected value, less what comes back in the window. What an "
    "order is worth does not depend on the arm.",
    "revenue_90d": "As revenue_uncapped, over 90 days.",
    "margin": "As revenue_uncapped.",
    "items": "As revenue_uncapped.",
    "vouchers": "Expected orders times what a voucher costs, times the share that redeem one: larger while "
    "cart recovery reaches a customer. revenue_uncapped over vouchers is the true return on their cost.",
    "aov": "Ratio of the two expectations.",
    "revenue": "The relative effect of revenue_uncapped. The cap takes a little from both arms; the capped "
    "effect is slightly smaller.",
}
SEGMENTS = (
    "Effects multiply everyone's rate alike: a segment has the relative effect of the whole, but for how "
    "long consent lasts in it."
)
NOTE_WITHDRAWAL = "Of those who hold every grant at assignment. Other journeys add withdrawals to both arms."
NOTE_SKUS = (
    "Recommended products take part of their neighbours' purchases at the same price, so that categories "
    "change by order_rate_effect alone. Returns of earlier orders dilute this by less than two percent."
)
NOTE_BANNER = (
    'On that day "refuse all" was put beside "accept all". Every other place, and every earlier week, keeps '
    "its rate: an alert there is false. E-mail falls so little that few weeks can show it."
)
UNTOUCHED = ("revenue", "revenue_uncapped", "orders", "conversion", "aov")


def document(world: World, sums: Mapping[str, Sums], bad_rows: Counts) -> str:
    """The text of truth.json."""
    entries = {item.id: _experiment(world, item, sums.get(item.id)) for item in experiments()}
    spend = _effect(SPEND, SPEND * (1 + EFFECTS.clean_room))
    entries[CLEAN_ROOM] = {"variants": {"personalised": {"metrics": {"spend": spend}}}}
    content = {
        "name": "Northlight Retail",
        "about": "Everything here is synthetic. These are the values that estimates should cover.",
        "seed": world.seed,
        "scale": world.scale,
        "customers": world.customers,
        "as_of": AS_OF.isoformat(),
        "estimand": ESTIMAND,
        "derivation": DERIVATION,
        "segments": SEGMENTS,
        "experiments": entries,
        "consent_rate_of_first_answers": _banner(),
        "bad_rows": bad_rows,
    }
    return json.dumps(content, indent=2) + "\n"


def _banner() -> dict[str, object]:
    """What first answers were before and after the one change of the banner."""
    before, after = float(consent.GRANTS_PROFILED[IRELAND]), consent.GRANTS_CHANGED
    rates = {
        PROFILED: (1.0, 0.0),
        MEASURED: (consent.GRANTS_MEASURED, consent.GRANTS_MEASURED_ALONE),
        EMAIL: (consent.GRANTS_EMAIL, consent.GRANTS_EMAIL_ALONE),
    }
    return {
        "jurisdiction": JURISDICTIONS[IRELAND],
        "changed_on": consent.BANNER_CHANGED.isoformat(),
        "purposes": {
            purpose: {
                "before": alone + (together - alone) * before,
                "after": alone + (together - alone) * after,
            }
            for purpose, (together, alone) in rates.items()
        },
        "note": NOTE_BANNER,
    }


def _experiment(world: World, chosen: Experiment, sums: Sums | None) -> dict[str, object]:
    entry: dict[str, object] = {"unit": chosen.unit, "journey": chosen.journey, "control": chosen.variants[0]}
    if sums is not None:
        entry["mature_units"] = dict(zip(chosen.variants, sums.units.tolist(), strict=True))
    entry["variants"] = {
        name: _variant(world, chosen, sums, arm) for arm, name in enumerate(chosen.variants) if arm
    }
    return entry


def _variant(world: World, chosen: Experiment, sums: Sums | None, arm: int) -> dict[str, object]:
    name = chosen.variants[arm]
    if sums is None:
        none = {metric: {"relative": 0.0, "difference": 0.0, "exact": True} for metric in UNTOUCHED}
        return {"note": "Both arms saw the same page.", "metrics": none, "churn": {"direction": "none"}}
    size = EFFECTS.orders[chosen.id][name]
    whole = [metric for metric in sums.totals if not metric.startswith(FIRST_HALF)]
    metrics = {metric: _metric(sums, metric, arm) for metric in whole}
    metrics["aov"] = _aov(sums, arm)
    metrics["revenue"] = {"relative": metrics["revenue_uncapped"]["relative"], "exact": False}
    if chosen.id == POST_PURCHASE:
        metrics["satisfaction"] = _effect(MEAN_ANSWER, MEAN_ANSWER + EFFECTS.satisfaction)
    entry: dict[str, object] = {
        "order_rate_effect": size,
        "metrics": metrics,
        "course": _course(chosen, sums, arm),
        "churn": {"direction": "lower" if size > 0 else "none", "note": "More orders leave fewer long gaps."},
    }
    if chosen.purposes:
        entry["withdrawal"] = _withdrawal(chosen)
    if chosen.id in world.catalogue.swaps:
        entry["skus"] = _skus(world, chosen.id, size)
    return entry


def _effect(control: float, variant: float) -> dict[str, float | bool | None]:
    return {
        "mean_control": control,
        "mean_variant": variant,
        "difference": variant - control,
        "relative": variant / control - 1 if control else None,
        "exact": True,
    }


def _metric(sums: Sums, metric: str, arm: int) -> dict[str, float | bool | None]:
    units = sums.long_units if metric == "revenue_90d" else int(sums.units.sum())
    means = sums.totals[metric] / max(units, 1)
    return _effect(float(means[0]), float(means[arm]))


def _course(chosen: Experiment, sums: Sums, arm: int) -> dict[str, object]:
    """The effect per unit and day in each half of the window, and how it fades."""
    found: dict[str, object] = {}
    for metric in HALVED:
        first, whole = (
            _metric(sums, key, arm)["difference"] or 0.0 for key in (f"{FIRST_HALF}{metric}", metric)
        )
        early, late = (2 * DAY * part / WINDOW for part in (first, whole - first))
        found[metric] = {"early": early, "late": late, "change": late - early}
    fade = EFFECTS.fades.get(chosen.id)
    if fade is not None:
        found["fades"] = {"after_days": fade.after / DAY, "left": fade.left}
    return found


def _aov(sums: Sums, arm: int) -> dict[str, float | bool | None]:
    revenue, orders = sums.totals["revenue_uncapped"], sums.totals["orders"]
    values = np.divide(revenue, orders, out=np.zeros_like(revenue), where=orders > 0)
    return _effect(float(values[0]), float(values[arm]))


def _withdrawal(chosen: Experiment) -> dict[str, object]:
    """Withdrawals come at a steady rate, so that hazards are proportional."""
    rest = EFFECTS.withdrawal_base * (PROFILED in chosen.purposes)
    rest += EFFECTS.withdrawal_email * (EMAIL in chosen.purposes)
    added = EFFECTS.withdrawal_added if chosen.id == POST_PURCHASE else 0.0
    days = np.array(HORIZONS)
    differences = np.exp(-rest * days) - np.exp(-(rest + added) * days)
    return {
        "direction": "higher" if added else "none",
        "per_person_and_day": {"control": rest, "variant": rest + added},
        "hazard_ratio": (rest + added) / rest,
        "risk_difference": {str(day): float(value) for day, value in zip(HORIZONS, differences, strict=True)},
        "note": NOTE_WITHDRAWAL,
    }


def _skus(world: World, name: str, size: float) -> dict[str, object]:
    """Relative change of a product's revenue while personalisation is at work."""
    catalogue = world.catalogue
    swaps, swap = catalogue.swaps[name], EFFECTS.swap
    changed = {}
    for pushed, others in zip(swaps.recommended, swaps.neighbours, strict=True):
        gain = swap * catalogue.share[list(others)].sum() / catalogue.share[pushed]
        changed[catalogue.sku[pushed]] = {
            "role": "recommended",
            "relative": float((1 + size) * (1 + gain) - 1),
        }
        for other in others:
            relative = (1 + size) * (1 - swap) - 1
            changed[catalogue.sku[other]] = {"role": "neighbour", "relative": relative}
    return {
        "changed": changed,
        "all_others": {"relative": size},
        "note": NOTE_SKUS,
    }
