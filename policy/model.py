"""The shape of `policy.yaml`: what a journey must show before it may roll out further."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    field_validator,
)

from metrics.wholes import RESERVED


def _not_reserved(name: str) -> str:
    if name in RESERVED:
        msg = f"'{name}' stands for several rows together in Liftgate's figures; choose another name"
        raise ValueError(msg)
    return name


Key = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_not_reserved)]
Severity = Literal["legal", "blocking", "warning"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The gravest first."""
Operator = Literal["==", "!=", ">=", "<=", ">", "<"]
Bound = Literal["lower", "upper", "estimate"]

LONGEST_AGE = 3_660
"""Days after which no check may still take data for new."""

DEFAULT = Path(__file__).with_name("default.yaml")


class Model(BaseModel):
    """A part of the configuration: strict types, no unknown keys, never changed after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


def _plain(value: object) -> object:
    if isinstance(value, str):
        msg = f"a threshold is a number, true or false, not the text {value!r} (60 % is written 0.60)"
        raise ValueError(msg)  # noqa: TRY004 - what pydantic turns into words
    return value


Threshold = Annotated[float | bool, BeforeValidator(_plain)]


class Children(Model):
    """Whether people of unknown age count, and ages of consent raised above the law's."""

    unknown_age: Literal["include", "exclude"] = "include"
    ages: dict[str, int] = Field(default_factory=dict)


class Check(Model):
    """One check of the rollout gate.

    Attributes:
        figure: what is looked at; `policy.figures` lists what there is.
        bound: which end of the interval is compared; `estimate` = the figure itself.
        min_n: fewest that the figure must rest on, of whatever its denominator counts.
        max_age_days: how old the data behind it may be.
        severity: `warning` holds a gate, `blocking` and `legal` block it; `legal` is never waived.
        explanation: one sentence for a marketer, in place of the figure's own.
    """

    id: Key
    figure: str
    op: Operator
    threshold: Threshold
    bound: Bound = "estimate"
    min_n: int | None = Field(default=None, ge=0)
    max_age_days: float | None = Field(default=None, gt=0, le=LONGEST_AGE)
    severity: Severity = "blocking"
    owner: str | None = None
    legal_reference: str | None = None
    remedy: str | None = None
    explanation: str | None = None


class CheckOverride(Model):
    """What a journey sets differently in one check."""

    threshold: Threshold | None = None
    min_n: int | None = Field(default=None, ge=0)
    max_age_days: float | None = Field(default=None, gt=0, le=LONGEST_AGE)
    severity: Severity | None = None


@cache
def default_text() -> str:
    """The policy that holds where a company has written none."""
    return DEFAULT.read_text(encoding="utf-8")


def default_checks() -> list[Check]:
    """The checks of the default policy."""
    return TypeAdapter(list[Check]).validate_python(yaml.safe_load(default_text())["checks"])


class Policy(Model):
    """`policy.yaml`; without `checks` of its own, those of the default policy hold."""

    version: int | str = "default"
    consent_validity_days: dict[str, int] = Field(default_factory=lambda: {"default": 183})
    children: Children = Children()
    checks: list[Check] = Field(default_factory=default_checks)
    journeys: dict[str, dict[str, CheckOverride]] = Field(default_factory=dict)

    @field_validator("consent_validity_days")
    @classmethod
    def _positive_days(cls, days: dict[str, int]) -> dict[str, int]:
        bad = [name for name, value in days.items() if value <= 0]
        if bad:
            msg = f"the validity of '{bad[0]}' must be at least 1 day"
            raise ValueError(msg)
        return {"default": 183} | days

    @field_validator("checks")
    @classmethod
    def _some(cls, checks: list[Check]) -> list[Check]:
        if not checks:
            msg = "a policy without checks would open every gate; leave `checks` out for the default ones"
            raise ValueError(msg)
        return checks

    def checks_for(self, journey: str) -> tuple[Check, ...]:
        """The checks of a journey, with what it sets differently."""
        own = self.journeys.get(journey, {})
        return tuple(
            check.model_copy(update=own[check.id].model_dump(exclude_none=True)) if check.id in own else check
            for check in self.checks
        )


def parse(stored: Any) -> Policy:
    """A policy as a run kept it.

    Raises:
        pydantic.ValidationError: it is of a shape that this version does not know.
    """
    return Policy.model_validate(stored)
