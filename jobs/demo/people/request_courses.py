"""How a request of a data subject goes: when it comes, what happens on the way, when it is answered."""

from dataclasses import dataclass

import numpy as np

from jobs.demo.clock import DAY, END, HOUR, NEVER, Bools, Floats, Ints

PARTS = {
    "on_time": 0.80,
    "late": 0.022,
    "extended": 0.04,
    "paused": 0.035,
    "recent": 0.05,
    "due_soon": 0.02,
    "overdue": 0.013,
    "unverified": 0.02,
}


@dataclass(frozen=True)
class Course:
    """The steps of each request, in seconds from the origin; `NEVER` = has not happened."""

    received: Ints
    acknowledged: Ints
    verified: Ints
    asked: Ints
    replied: Ints
    extended: Ints
    closed: Ints
    unverifiable: Bools

    def times(self) -> dict[str, Ints]:
        """The columns of `dsr_requests` that hold times."""
        return {
            "received_at": self.received,
            "acknowledged_at": self.acknowledged,
            "identity_verified_at": self.verified,
            "clarification_asked_at": self.asked,
            "clarification_received_at": self.replied,
            "extended_at": self.extended,
            "closed_at": self.closed,
        }


def draw(rng: np.random.Generator, allowed_days: Ints, extensible: Bools) -> Course:
    """A course for each request; `allowed_days` is about what the law allows."""
    count = len(allowed_days)
    kind = _kinds(rng, count, extensible)
    limit = allowed_days * DAY
    span = rng.random(count)
    answer = _answer(kind, limit, span)
    age = _age(kind, limit, span, END * rng.random(count) ** 1.3, answer)
    received = (END - age).astype(np.int64)
    closed = np.where(
        np.isin(kind, ("recent", "due_soon", "overdue")), NEVER, received + answer.astype(np.int64)
    )
    closed = np.where(closed < END, closed, NEVER)

    def step(where: Bools, after: np.typing.NDArray[np.floating]) -> Ints:
        time = received + after.astype(np.int64)
        return np.where(where & (time < np.minimum(closed, END)), time, NEVER)

    slow = rng.random(count) < 0.04
    asked = kind == "paused"
    return Course(
        received=received,
        acknowledged=step(kind != "", DAY * np.where(slow, 17.3, 0.1 + 6 * rng.random(count) ** 2)),
        verified=step(kind != "unverified", (0.1 + 2 * rng.random(count)) * DAY),
        asked=step(asked, np.full(count, 1.2 * DAY)),
        replied=step(asked, (3.5 + 6 * span) * DAY),
        extended=step(kind == "extended", 0.7 * limit),
        closed=closed,
        unverifiable=kind == "unverified",
    )


def _kinds(rng: np.random.Generator, count: int, extensible: Bools) -> np.typing.NDArray[np.str_]:
    """Fixed parts, so that every kind is there at every scale."""
    edges = np.round(np.cumsum(list(PARTS.values())) * count)
    position = np.searchsorted(edges, np.arange(count), side="right").clip(max=len(PARTS) - 1)
    kind = np.array(list(PARTS))[rng.permutation(position)]
    return np.where((kind == "extended") & ~extensible, "on_time", kind)


def _answer(kind: np.typing.NDArray[np.str_], limit: Ints, span: Floats) -> Floats:
    """Seconds from receipt to the answer."""
    return np.select(
        [kind == "late", kind == "extended", kind == "paused", kind == "unverified"],
        [
            limit * 1.15 + (5 + 20 * span) * DAY,
            limit * (1.15 + 0.45 * span),
            (11 + 12 * span) * DAY,
            limit * (0.5 + 0.4 * span),
        ],
        default=(0.08 + 0.75 * span**1.3) * limit,
    )


def _age(
    kind: np.typing.NDArray[np.str_], limit: Ints, span: Floats, some_age: Floats, answer: Floats
) -> Floats:
    """Seconds from receipt to today."""
    unfinished = (kind == "extended") & (span < 0.4)
    return np.select(
        [kind == "recent", kind == "due_soon", kind == "overdue", unfinished],
        [
            (0.02 + 0.3 * span) * limit,
            limit - (1 + 3 * span) * DAY,
            limit * 1.1 + (9 + 20 * span) * DAY,
            limit * (1.02 + 0.1 * span),
        ],
        default=np.clip(some_age, answer + 2 * HOUR, END - HOUR),
    )
