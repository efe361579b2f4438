"""The shape of the YAML files: what may be written in them and what each value means."""

import datetime as dt
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from law.bases import LawfulBasis
from metrics.locales import DEFAULT, style_of
from policy.model import Key, Model

Direction = Literal["higher", "lower"]
Protection = Literal[
    "min_group_size",
    "no_row_output",
    "query_review",
    "query_log",
    "difference_guard",
    "differential_privacy",
    "keyed_match",
    "match_retention_limit",
    "no_activation",
    "purpose_limit",
    "consent_inheritance",
]
TableName = Literal[
    "customers",
    "consent_events",
    "journey_events",
    "assignments",
    "order_lines",
    "unit_outcomes",
    "moments",
    "inference_log",
    "dsr_requests",
    "data_inventory",
    "vendors",
    "model_rounds",
]
TABLES: tuple[str, ...] = get_args(TableName)
Name = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[dt.date, Field(ge=dt.date(1970, 1, 1), le=dt.date(2200, 12, 31))]
Days = Annotated[float, Field(gt=0, le=3660)]


class Disclosure(Model):
    """How many people a published cell must hold (never below 10)."""

    minimum_people: int = Field(default=50, ge=10)


class SqlTable(Model):
    """A table read by a query."""

    url: str
    query: str


def _known_locale(name: str) -> str:
    style_of(name)
    return name


class Settings(Model):
    """`workspace.yaml`."""

    name: Name
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code")
    timezone: str = "UTC"
    locale: Annotated[str, AfterValidator(_known_locale)] = DEFAULT
    as_of: Day | None = None
    store: str = "sqlite:///liftgate.db"
    disclosure: Disclosure = Disclosure()
    tables: dict[TableName, str | list[str] | SqlTable] = Field(default_factory=dict)
    metrics: str | None = None
    experiments: str | None = None
    journeys: str | None = None
    policy: str | None = None
    segments: str | None = None
    sku_exclude: str | None = None
    establishment: str | None = Field(default=None, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
    active_purposes: list[str] | None = None
    use_window_days: int = Field(default=180, gt=0)
    quarantine_days: int = Field(default=30, ge=0)


class MeanMetric(Model):
    """A mean per assigned unit."""

    kind: Literal["mean"]
    table: Literal["order_lines", "unit_outcomes", "moments"]
    value: str | None = None
    aggregate: Literal["sum", "count_distinct"] = "sum"
    window_days: Days | None = None
    covariate_days: Days | None = None
    covariate: str | None = None
    cap_quantile: float | None = Field(default=None, gt=0, lt=1)
    money: bool = False
    direction: Direction = "higher"
    label: Name | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.table == "moments":
            return self
        if self.value is None:
            msg = "a mean needs `value`: the column to add up"
            raise ValueError(msg)
        if self.table == "order_lines" and self.window_days is None:
            msg = "a metric on order_lines needs `window_days`"
            raise ValueError(msg)
        if self.table != "order_lines" and self.covariate_days is not None:
            msg = "`covariate_days` needs an event table; use `covariate: <column>` here"
            raise ValueError(msg)
        if self.covariate is not None and self.covariate_days is not None:
            msg = "give either `covariate` or `covariate_days`, not both"
            raise ValueError(msg)
        return self


class RatioMetric(Model):
    """A ratio of two mean metrics, by the delta method."""

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    money: bool = False
    direction: Direction = "higher"
    label: Name | None = None


class SurvivalMetric(Model):
    """Time until an event: churn, lapse, consent withdrawal."""

    kind: Literal["survival"]
    table: Literal["order_lines", "unit_outcomes", "consent_events"]
    inactive_days: Days | None = None
    horizon_days: Days | None = Field(default=None, validation_alias=AliasChoices("horizon_days", "horizon"))
    duration: str | None = None
    event: str | None = None
    direction: Direction = "lower"
    label: Name | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        needs = {
            "order_lines": ("inactive_days",),
            "unit_outcomes": ("duration", "event"),
            "consent_events": (),
        }[self.table]
        missing = [name for name in needs if getattr(self, name) is None]
        if missing:
            msg = f"a survival metric on {self.table} needs {' and '.join(f'`{name}`' for name in missing)}"
            raise ValueError(msg)
        return self


Metric = Annotated[MeanMetric | RatioMetric | SurvivalMetric, Field(discriminator="kind")]


class Guardrail(Model):
    """What would be harm, and how much of it is acceptable (absolute, in the metric's unit)."""

    harm_if: Direction
    margin: float | None = Field(default=None, ge=0, allow_inf_nan=False)


def _positive_weights(allocation: dict[str, float]) -> dict[str, float]:
    bad = [name for name, weight in allocation.items() if not 0 < weight < float("inf")]
    if bad:
        msg = f"the weight of '{bad[0]}' must be a positive number"
        raise ValueError(msg)
    if len(allocation) < 2:
        msg = "an experiment needs at least two variants"
        raise ValueError(msg)
    return allocation


class Experiment(Model):
    """One entry of `experiments.yaml`."""

    id: Key
    name: Name | None = None
    journey: str | None = None
    unit: Literal["customer", "household"] = "customer"
    control: str
    allocation: Annotated[dict[str, float], AfterValidator(_positive_weights)]
    starts: Day | None = None
    ends: Day | None = None
    primary: str
    guardrails: dict[str, Guardrail] = Field(default_factory=dict)
    metrics: list[str] = Field(default_factory=list)
    cost: str | None = Field(default=None, description="mean metric: what a unit costs")
    segments: list[str] = Field(default_factory=list)
    confidence: float = Field(default=0.95, ge=0.5, lt=1)
    planned_units: int | None = Field(default=None, gt=0)
    programme: bool = False
    lawful_basis: LawfulBasis = "consent"
    purposes: list[Key] = Field(default_factory=list)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.control not in self.allocation:
            msg = f"the control '{self.control}' is not among the variants of `allocation`"
            raise ValueError(msg)
        if self.starts and self.ends and self.ends < self.starts:
            msg = f"`ends` ({self.ends}) lies before `starts` ({self.starts})"
            raise ValueError(msg)
        if self.journey is None and not self.programme:
            msg = "name the `journey` (only a universal holdout, `programme: true`, has none)"
            raise ValueError(msg)
        if self.lawful_basis == "consent" and not self.purposes:
            msg = "`lawful_basis: consent` needs `purposes`: consent is always to something"
            raise ValueError(msg)
        return self

    @property
    def variants(self) -> tuple[str, ...]:
        """Variants other than the control, in the order of `allocation`."""
        return tuple(name for name in self.allocation if name != self.control)

    @property
    def all_metrics(self) -> tuple[str, ...]:
        """Primary first, then metrics, cost and guardrails, each once."""
        cost = [self.cost] if self.cost else []
        return tuple(dict.fromkeys([self.primary, *self.metrics, *cost, *self.guardrails]))


class Assessment(Model):
    """A signed data protection impact assessment (GDPR Art 35): where it is kept and what it covers."""

    document: str
    scope: list[str] = Field(min_length=1)
    signed_by: str
    signed_on: Day
    expires_on: Day


class SignOff(Model):
    """The owner of a journey stands up for it until a day."""

    signed_by: str
    signed_on: Day
    expires_on: Day


class Journey(Model):
    """One entry of `journeys.yaml`.

    Attributes:
        rollout: the variant that is to be rolled out.
        rollout_percent: share of customers that it reaches today; left out: as the experiment allots.
    """

    id: Key
    name: Name | None = None
    owner: Name | None = None
    purposes: list[Key] = Field(default_factory=list)
    cost_target_per_1k: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    latency_target_ms: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    lawful_basis: LawfulBasis | dict[str, LawfulBasis] = "consent"
    rollout: str | None = None
    rollout_percent: float | None = Field(default=None, ge=0, le=100)
    dpia: Assessment | None = None
    sign_off: SignOff | None = None
    required_protections: list[Protection] = Field(default_factory=list)
    tcf_purposes: dict[int, str] = Field(default_factory=dict)


class Segment(Model):
    """An audience and the predicate that makes it."""

    id: Key
    name: Name | None = None
    predicate: str
    data_categories: list[str] = Field(default_factory=list)
    purpose: str
