"""The consent ledger: one row per answer, renewal and withdrawal, with the source that recorded it."""

import numpy as np
import polars as pl

from jobs.demo.clock import DAY, END, NEVER, Bools, Ints, instants, moment
from jobs.demo.people.consent import BANNER_SINCE, Consent
from jobs.demo.people.customers import CALIFORNIA, People
from jobs.demo.people.tcf import encode
from jobs.demo.plan import EMAIL, MEASURED, PROFILED, PURPOSES, RETARGETED
from jobs.demo.shop.visits import Visits, late_last

TCF_SHARE, UNREADABLE_SHARE = 0.3, 0.02
IMPORTED_SHARE, IMPORTED_DAYS = 0.15, (4, 86)
ASKED_RETARGETING, GRANTS_RETARGETING = 0.08, 0.4
Texts = np.typing.NDArray[np.object_]


def frame(rng: np.random.Generator, people: People, visits: Visits, consent: Consent) -> pl.DataFrame:
    """The table `consent_events`; rows that arrived late stand at its end."""
    answers = consent.answers
    answered = answers.decided[0] < NEVER
    european = people.place != CALIFORNIA
    by_tcf = answered & european & (rng.random(len(people)) < TCF_SHARE)
    banner = np.where(answers.gpc, "gpc", np.where(by_tcf, "tcf", "cmp"))
    strings = _strings(consent, by_tcf)
    parts = [
        _rows(answered, PROFILED, _state(answers.granted[0]), answers.decided[0], banner, strings),
        _rows(answered, MEASURED, _state(answers.granted[1]), answers.decided[1], _no_gpc(banner), strings),
        _email(rng, consent),
        _rows(answers.gpc, RETARGETED, "refused", answers.decided[0], "gpc"),
        _retargeting(rng, consent),
        _imported(rng, people),
        _unreadable(rng, people, visits, answered),
    ]
    for row, purpose in enumerate(PURPOSES):
        renewed, withdrawn = consent.renewed[row], consent.withdrawn[row]
        parts.append(_rows(renewed < END, purpose, "granted", renewed, "cmp"))
        where = np.where(rng.random(len(people)) < 0.2, "cmp", "preference_centre")
        parts.append(_rows(withdrawn < END, purpose, "withdrawn", withdrawn, where))
    rows = pl.concat(parts)
    order = late_last(rng, rows["time"].to_numpy())
    rows = rows[order]
    return rows.select(
        people.customer_id.gather(rows["customer"]),
        "purpose",
        "state",
        instants("occurred_at", rows["time"].to_numpy()),
        "source",
        "tc_string",
    )


def _rows(
    who: Bools,
    purpose: str,
    state: str | Texts,
    time: Ints,
    source: str | Texts,
    strings: Texts | None = None,
) -> pl.DataFrame:
    def chosen(values: str | Texts) -> pl.Series:
        if isinstance(values, str):
            return pl.Series([values]).new_from_index(0, int(who.sum()))
        return pl.Series(values[who].tolist(), dtype=pl.String)

    empty = np.full(len(who), None, dtype=object)
    return pl.DataFrame(
        {
            "customer": np.flatnonzero(who),
            "purpose": chosen(purpose),
            "state": chosen(state),
            "time": time[who],
            "source": chosen(source),
            "tc_string": chosen(empty if strings is None else strings),
        }
    )


def _state(granted: Bools) -> Texts:
    return np.where(granted, "granted", "refused").astype(object)


def _no_gpc(source: Texts) -> Texts:
    """Measurement is neither sale nor targeting: the signal does not speak of it."""
    return np.where(source == "gpc", "cmp", source).astype(object)


def _strings(consent: Consent, by_tcf: Bools) -> Texts:
    """A TC string per customer whose banner speaks TCF; people of one day and one answer share it."""
    answers = consent.answers
    texts = np.full(len(by_tcf), None, dtype=object)
    days = answers.decided[0][by_tcf] // DAY
    keys = days * 4 + answers.granted[0][by_tcf] * 2 + answers.granted[1][by_tcf]
    distinct, position = np.unique(keys, return_inverse=True)
    made = [encode(moment(int(key) // 4 * DAY).date(), _tcf_purposes(int(key))) for key in distinct]
    texts[by_tcf] = np.array(made, dtype=object)[position] if made else None
    return texts


def _tcf_purposes(key: int) -> tuple[int, ...]:
    """Profiled content needs 5 and 6, measurement 8, and either storage on the device, 1."""
    chosen = (*((5, 6) if key & 2 else ()), *((8,) if key & 1 else ()))
    return (1, *chosen) if chosen else ()


def _email(rng: np.random.Generator, consent: Consent) -> pl.DataFrame:
    answers, row = consent.answers, PURPOSES.index(EMAIL)
    source = rng.choice(["preference_centre", "cmp", "import"], len(answers.gpc), p=[0.7, 0.25, 0.05])
    answered = answers.decided[row] < NEVER
    return _rows(answered, EMAIL, _state(answers.granted[row]), answers.decided[row], source.astype(object))


def _retargeting(rng: np.random.Generator, consent: Consent) -> pl.DataFrame:
    answers = consent.answers
    asked = (answers.decided[0] < NEVER) & ~answers.gpc & (rng.random(len(answers.gpc)) < ASKED_RETARGETING)
    granted = rng.random(len(asked)) < GRANTS_RETARGETING
    return _rows(asked, RETARGETED, _state(granted), answers.decided[0], "cmp")


def _imported(rng: np.random.Generator, people: People) -> pl.DataFrame:
    """Grants of the ledger before this one, long expired when the experiments of 2026 begin."""
    first, last = IMPORTED_DAYS
    short = np.isin(people.place, (0, 2)) & (people.joins < first * DAY)
    chosen = short & (rng.random(len(people)) < IMPORTED_SHARE)
    time = (rng.uniform(first, last, len(people)) * DAY).astype(np.int64)
    return _rows(chosen, PROFILED, "granted", time, "import")


def _unreadable(rng: np.random.Generator, people: People, visits: Visits, answered: Bools) -> pl.DataFrame:
    """Strings cut off on the way, from people who have no other answer: they grant nothing."""
    seen = visits.first(len(people), None, BANNER_SINCE, END)
    chosen = (seen < END) & ~answered & (rng.random(len(people)) < UNREADABLE_SHARE)
    cut = np.full(len(people), encode(moment(BANNER_SINCE).date(), (1, 5, 6, 8))[:21], dtype=object)
    return _rows(chosen, PROFILED, "granted", np.where(chosen, seen, 0), "tcf", cut)
