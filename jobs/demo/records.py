"""The small tables: a survey, a clean room's aggregates, a federated pilot, the inventory and the vendors."""

import numpy as np
import polars as pl

from jobs.demo.clock import NEVER
from jobs.demo.people.treatment import Block
from jobs.demo.plan import CLEAN_ROOM, EFFECTS, POST_PURCHASE, WORKSPACE, World

REPLIES = 0.25
ANSWERS = np.arange(1, 11)
ANSWER_PARTS = (0.01, 0.01, 0.02, 0.03, 0.06, 0.10, 0.19, 0.27, 0.19, 0.12)
MEAN_ANSWER = float(ANSWERS @ np.array(ANSWER_PARTS))

PANEL = 36_000
SPEND, SPEND_SPREAD = 41.0, 88.0
CLEAN_ROOM_ARMS = {"holdout": 0.3, "personalised": 0.7}
CLEAN_ROOM_COUNTRIES = {"IE": 0.5, "DE": 0.3, "FR": 0.2}
CLEAN_ROOM_DAYS = (14, 28, 42, 61)

ROUNDS = 40


def survey(rng: np.random.Generator, block: Block) -> pl.DataFrame:
    """The table `unit_outcomes`: the question after delivery, for the quarter who reply.

    Post-purchase messages cost some people one point, so that the mean falls by exactly that share.
    """
    assigned = block.assigned[POST_PURCHASE]
    count = len(block.people)
    replies = rng.random(count) < REPLIES
    answer = rng.choice(ANSWERS, count, p=ANSWER_PARTS)
    treated = block.may_be_treated(POST_PURCHASE, block.held_out, block.consent(block.held_out))
    annoyed = treated & (assigned.variant > 0) & (rng.random(count) < -block.effects.satisfaction)
    who = np.flatnonzero(replies & (assigned.time < NEVER))
    return pl.DataFrame(
        {
            "experiment": pl.Series([POST_PURCHASE]).new_from_index(0, len(who)),
            "unit_id": block.people.customer_id.gather(who),
            "satisfaction": pl.Series((answer - annoyed)[who].astype(np.float64)),
        }
    )


def clean_room(rng: np.random.Generator, world: World) -> pl.DataFrame:
    """The table `moments`: cumulative aggregates per arm and day, and per country at the end."""
    rows = []
    for variant, share in CLEAN_ROOM_ARMS.items():
        truth = SPEND * (1 + (EFFECTS.clean_room if variant != "holdout" else 0.0))
        totals = dict.fromkeys(CLEAN_ROOM_COUNTRIES, (0, 0.0, 0.0))
        for day in CLEAN_ROOM_DAYS:
            for country, part in CLEAN_ROOM_COUNTRIES.items():
                people = max(12, round(PANEL * world.scale * share * part / len(CLEAN_ROOM_DAYS)))
                totals[country] = _merged(totals[country], _sampled(rng, people, truth))
            whole = (0, 0.0, 0.0)
            for part_of_it in totals.values():
                whole = _merged(whole, part_of_it)
            rows.append(_row(variant, whole, day))
        rows += [_row(variant, totals[country], day, country) for country in totals]
    return pl.DataFrame(rows)


def _sampled(rng: np.random.Generator, people: int, mean: float) -> tuple[int, float, float]:
    """Number, mean and sum of squared deviations of so many people's spend."""
    drawn = mean + SPEND_SPREAD / people**0.5 * rng.standard_normal()
    return people, drawn, SPEND_SPREAD**2 * rng.chisquare(people - 1)


def _merged(one: tuple[int, float, float], other: tuple[int, float, float]) -> tuple[int, float, float]:
    people = one[0] + other[0]
    gap = other[1] - one[1]
    mean = one[1] + gap * other[0] / people
    return people, mean, one[2] + other[2] + gap**2 * one[0] * other[0] / people


def _row(
    variant: str, moments: tuple[int, float, float], day: int, country: str | None = None
) -> dict[str, object]:
    people, mean, squares = moments
    return {
        "experiment": CLEAN_ROOM,
        "variant": variant,
        "metric": "spend",
        "n": people,
        "mean": round(mean, 6),
        "variance": round(squares / (people - 1), 6),
        "day": day,
        "segment_dimension": "country" if country else None,
        "segment": country,
    }


def pilot(rng: np.random.Generator, world: World) -> pl.DataFrame:
    """The table `model_rounds`: a small model trained on people's own devices, beside the central one."""
    number = np.arange(1, ROUNDS + 1)
    clients = rng.poisson(160 * max(1.0, world.scale**0.5), ROUNDS) + 20
    learnt = 1 - np.exp(-number / 9)
    noise = rng.normal(0, 1, (2, ROUNDS)) * np.exp(-number / 25)
    curves = {
        "auc": (0.5 + 0.262 * learnt + 0.006 * noise[0], 0.771),
        "log_loss": (0.693 - 0.121 * learnt + 0.005 * noise[1], 0.566),
    }
    parts = [
        pl.DataFrame(
            {
                "journey": ["cart_recovery"] * ROUNDS,
                "model": ["next-item-small"] * ROUNDS,
                "round": number,
                "clients": clients,
                "metric": [metric] * ROUNDS,
                "value": np.round(values, 4),
                "centralised_value": np.full(ROUNDS, central),
                "bytes_up": clients * 184_320,
                "bytes_down": clients * 737_280,
            }
        )
        for metric, (values, central) in curves.items()
    ]
    return pl.concat(parts).sort("round", "metric")


def register(name: str) -> pl.DataFrame:
    """The table `data_inventory` or `vendors`, written by hand."""
    return pl.read_csv(WORKSPACE / "data" / f"{name}.csv", infer_schema=False)
