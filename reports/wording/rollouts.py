"""May journeys roll out further? The answer for all of them, and what people have decided, in words."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from metrics import formatting
from policy.decisions import Decision, Kind, State
from policy.figures import GATE_FIGURES
from policy.gates import CheckResult, Gate, Status
from policy.model import Operator, Severity
from reports.readings import Mark
from reports.wording.figures import capitalised, listed
from reports.wording.gates import MARKS, NOT_EVALUATED, asked, formatted, words

SEVERITIES: Mapping[Severity, tuple[str, str]] = {
    "legal": ("Asked by law", "Nobody may waive these."),
    "blocking": ("Blocks a rollout", "A waiver lifts one for a while: one person asks, another approves."),
    "warning": ("Warns", "One that fails holds the gate; one without evidence blocks it like any other."),
}  # fmt: skip
"""Heading by severity, and what it means."""

ACTS: Mapping[Kind, str] = {
    "rollout": "Decide a rollout step",
    "sign_off": "Sign off",
    "waiver": "Ask for a waiver",
    "dpia": "Record an impact assessment",
    "revocation": "Revoke a decision",
}
"""What one does, by the kind of decision that records it."""

_DONE: Mapping[Kind, str] = {
    "rollout": "The rollout step of",
    "sign_off": "The sign-off of",
    "waiver": "The waiver, once a second person approves it, for",
    "waiver_approval": "The approved waiver for",
    "rollout_approval": "The approved rollout of",
    "dpia": "The impact assessment of",
    "revocation": "The revocation for",
}

STATES: Mapping[State, Mark] = {
    "in force": Mark("in force", "●", "good"),
    "waiting": Mark("waits for a second person", "◔", "warn"),
    "expired": Mark("expired", "◌", "none"),
    "revoked": Mark("revoked", "■", "neutral"),
    "replaced": Mark("replaced by a later one", "◌", "none"),
    "done": Mark("done", "●", "neutral"),
    "without effect": Mark("without effect", "◌", "none"),
}

COMPARED: Mapping[Operator, str] = {
    ">=": "At least",
    ">": "More than",
    "<=": "At most",
    "<": "Less than",
    "==": "Exactly",
    "!=": "Anything but",
}
"""What a threshold is, by operator."""

_LIMITS = {"lower": "at least ", "upper": "at most "}
_MOST = 5
_NOT_OPEN = (
    (Status.HELD, "{names} is held.", "{names} are held."),
    (Status.BLOCKED, "{names} is blocked.", "{names} are blocked."),
)


def answer(gates: Collection[Gate], names: Mapping[str, str]) -> tuple[str, str]:
    """Which journeys may roll out further: lead sentence, and what follows it."""
    if not gates:
        return "There are no journeys yet.", "Name them in journeys.yaml, then refresh."
    may = [gate for gate in gates if gate.status is Status.OPEN]
    if len(gates) == 1:
        (gate,) = gates
        go = f"may {'stay' if _is_there(gate) else 'roll out'} {step(gate)}"
        return f"{names[gate.journey]} {go if may else 'may not roll out further'}.", ""
    told = listed([f"{names[gate.journey]}, {step(gate)}" for gate in may], _MOST)
    lead = (
        f"{len(may)} of {len(gates)} journeys may roll out further: {told}."
        if may
        else f"None of {len(gates)} journeys may roll out further."
    )
    more = []
    for status, one, several in _NOT_OPEN:
        of = [names[gate.journey] for gate in gates if gate.status is status]
        if of:
            more.append((one if len(of) == 1 else several).format(names=listed(of)))
    return lead, " ".join(more)


def step(gate: Gate) -> str:
    """How far an open gate lets a journey go."""
    return f"{'at' if _is_there(gate) else 'to'} {gate.step}\u00a0%"


def _is_there(gate: Gate) -> bool:
    """Whether a journey reaches everybody already whom its open gate allows."""
    return gate.current is not None and gate.step is not None and gate.current >= gate.step


def status(gate: Gate | None) -> Mark:
    """A gate as word and shape; open ones say to which step."""
    if gate is None:
        return NOT_EVALUATED
    known = MARKS[gate.status]
    return known._replace(word=f"open {step(gate)}") if gate.status is Status.OPEN else known


def as_judged(word: str | None, at: float | None) -> Mark:
    """A gate as a run judged it, from the columns `gate` and `gate_step` of journeys.csv."""
    known = {status.value: found for status, found in MARKS.items()}.get(word or "", NOT_EVALUATED)
    return known._replace(word=f"open to {at:g}\u00a0%") if word == Status.OPEN and at is not None else known


def not_yet(gate: Gate | None, currency: str) -> str:
    """What stands before a rollout that the result alone would call for; empty where the gate is open."""
    if gate is None:
        return "Not yet: its gate has not been judged."
    if gate.status is Status.OPEN:
        return ""
    first = words(gate.against[0], currency).remedy if gate.against else ""
    return f"Not yet: its gate is {gate.status}. {first}".strip()


def differs(stored: str | None, gate: Gate, run_id: int) -> str:
    """What the run said, where the gate says another thing at present; empty where it says the same."""
    if stored is None:
        return f"Run {run_id} did not judge it."
    return "" if stored == gate.status else f"Run {run_id} found it {stored}."


def done(kind: Kind) -> str:
    """What was recorded, before a journey's name."""
    return _DONE[kind]


def seen(found: CheckResult, currency: str) -> str:
    """What a check compared with its threshold, without its name."""
    if found.observed is None:
        return formatting.MISSING
    value = formatted(GATE_FIGURES[found.check.figure], found.observed, currency)
    return f"{_LIMITS.get(found.check.bound, '')}{value}"


def asks(found: CheckResult, currency: str) -> str:
    """What a check asks for, under a heading that says so."""
    return asked(found, currency).removesuffix(" asked")


def distance(found: CheckResult, currency: str) -> str:
    """By how much the threshold is met or missed."""
    if found.distance is None:
        return formatting.MISSING
    figure = GATE_FIGURES[found.check.figure]
    amount = formatted(figure, abs(found.distance), currency, distance=True)
    missed = "over" if found.check.op in ("<=", "<") else "short"
    return f"{amount} {'to spare' if found.distance >= 0 else missed}"


def told(decision: Decision) -> str:
    """A decision in words."""
    match decision.kind:
        case "waiver":
            return f"Waiver for {decision.check}"
        case "sign_off":
            return "Sign-off"
        case "dpia":
            return f"Impact assessment {decision.document}, for {', '.join(decision.scope)}"
        case "rollout":
            return f"Rollout to {decision.step} %{', against the gate' if decision.against else ''}"
        case "waiver_approval" | "rollout_approval":
            return f"Approval of {decision.refers_to}"
        case "revocation":
            return f"Revocation of {decision.refers_to}"


def waiting(pending: Iterable[Decision], names: Mapping[str, str]) -> str:
    """What waits for a second person, in one sentence; empty where nothing does."""
    items = [f"{told(d)[:1].lower()}{told(d)[1:]} ({names.get(d.journey, d.journey)})" for d in pending]
    if not items:
        return ""
    verb = "waits" if len(items) == 1 else "wait"
    return f"{capitalised(listed(items))} {verb} for a second person."


def in_force(waivers: Mapping[str, date], signed: Decision | None, on: date) -> str:
    """What people have lent a gate: waivers, and the owner's word recorded in the app."""
    parts = [f"waiver for {check} until {formatting.day(last)}" for check, last in sorted(waivers.items())]
    if signed is not None and signed.expires_on is not None and signed.expires_on >= on:
        parts.append(f"signed off by {signed.name} until {formatting.day(signed.expires_on)}")
    return capitalised("; ".join(parts))


def compared(now: Mapping[str, Gate], then: Mapping[str, Gate], names: Mapping[str, str]) -> tuple[str, str]:
    """Which gates would say another thing: lead sentence, and what follows it."""
    moved = [(gate, then[name]) for name, gate in now.items() if then[name].status is not gate.status]
    if not moved:
        return "No gate would change.", ""
    opens = [names[new.journey] for _, new in moved if new.status is Status.OPEN]
    closes = [names[old.journey] for old, _ in moved if old.status is Status.OPEN]
    others = [
        f"{names[old.journey]} would be {new.status} instead of {old.status}."
        for old, new in moved
        if Status.OPEN not in (old.status, new.status)
    ]
    lead = [
        f"{listed(found, _MOST)} would {verb}."
        for found, verb in ((opens, "open"), (closes, "close"))
        if found
    ]
    return " ".join(lead) or others.pop(0), " ".join(others[:_MOST])
