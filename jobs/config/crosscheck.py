"""What must agree between the YAML files: names that one file uses and another defines."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from jobs.config.models import Experiment, MeanMetric, RatioMetric
from jobs.config.workspace import Workspace
from jobs.config.yaml_lines import Document, KeyPath
from jobs.problems import Problem
from law.children import raise_ages
from law.loader import LawError
from law.regimes import place_of
from policy.figures import fault
from policy.model import CheckOverride, Policy

OWN_COLUMNS = re.compile(
    r"unit|variant|time|reason|people|age_unknown|erased|withdrew|cell"
    r"|(segment|counted|value)__.*|.*__(before|cap|median|n|people)|.*__sum__.*"
)
"""Columns that are made beside a metric's own; no metric may have such a name."""

RESERVED = "consent_evidence"
"""Id of the check that `reports.gates.evaluation` adds where a policy leaves it out."""


def problems(workspace: Workspace, parts: dict[str, Any]) -> list[Problem]:
    """Every disagreement between the files, with file and line."""
    documents = workspace.documents
    found = [
        *_metrics(workspace, documents),
        *_duplicates("experiments", [e.id for e in parts.get("experiments") or ()], documents),
        *_duplicates("journeys", [j.id for j in parts.get("journeys") or ()], documents),
        *_duplicates("segments", [s.id for s in parts.get("segments") or ()], documents),
        *_journeys(workspace, documents),
        *_policy(workspace, documents),
        *_establishment(workspace, documents),
    ]
    for index, experiment in enumerate(workspace.experiments):
        found.extend(_experiment(workspace, documents, index, experiment))
    return found


def _unknown(where: str, kind: str, name: str, known: Iterable[str], file: str) -> Problem:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    remedy = f"The nearest defined one is '{near[0]}'." if near else f"Define it in {file}."
    return Problem(where, f"Unknown {kind} '{name}'.", remedy)


def _duplicates(
    kind: str, ids: list[str], documents: dict[str, Document], below: KeyPath = ()
) -> Iterator[Problem]:
    for name, count in Counter(ids).items():
        if count > 1:
            last = len(ids) - 1 - ids[::-1].index(name)
            where = documents[kind].where((*below, last, "id"))
            yield Problem(where, f"The id '{name}' is given {count} times.", "Give each entry its own id.")


def _metrics(workspace: Workspace, documents: dict[str, Document]) -> Iterator[Problem]:
    for name, metric in workspace.metrics.items():
        document = documents["metrics"]
        if OWN_COLUMNS.fullmatch(name):
            what = f"'{name}' is the name of a column that Liftgate needs itself."
            yield Problem(document.where((name,)), what, "Give the metric another name.")
        if isinstance(metric, RatioMetric):
            for part in ("numerator", "denominator"):
                component = getattr(metric, part)
                where = document.where((name, part))
                known = [key for key, other in workspace.metrics.items() if isinstance(other, MeanMetric)]
                if component not in known:
                    yield _unknown(where, "mean metric", component, known, document.name)
            tables = {
                other.table
                for key in (metric.numerator, metric.denominator)
                if isinstance(other := workspace.metrics.get(key), MeanMetric)
            }
            if len(tables) > 1 or "moments" in tables:
                what = f"The parts of '{name}' come from tables that cannot be joined per unit."
                yield Problem(document.where((name,)), what, "Take both parts from one per-unit table.")
        elif metric.table not in workspace.sources:
            what = (
                f"The metric '{name}' reads the table '{metric.table}', which workspace.yaml does not name."
            )
            yield Problem(document.where((name, "table")), what, "Add the table under `tables`.")


def _experiment(
    workspace: Workspace, documents: dict[str, Document], index: int, experiment: Experiment
) -> Iterator[Problem]:
    document = documents["experiments"]

    def at(*path: str | int) -> str:
        return document.where((index, *path))

    known = list(workspace.metrics)
    used = [(experiment.primary, at("primary"))]
    used += [(name, at("metrics", position)) for position, name in enumerate(experiment.metrics)]
    used += [(name, at("guardrails", name)) for name in experiment.guardrails]
    used += [(experiment.cost, at("cost"))] if experiment.cost else []
    for name, where in used:
        if name not in workspace.metrics:
            yield _unknown(where, "metric", name, known, "metrics.yaml")
    cost = workspace.metrics.get(experiment.cost or "")
    if cost is not None and not (isinstance(cost, MeanMetric) and cost.money and cost.table != "moments"):
        what = f"'{experiment.cost}' cannot be the cost of '{experiment.id}': it is no amount per unit."
        remedy = "Name a mean metric with `money: true` on order_lines or unit_outcomes."
        yield Problem(at("cost"), what, remedy)
    if experiment.journey and workspace.journeys and experiment.journey not in workspace.journeys:
        yield _unknown(at("journey"), "journey", experiment.journey, workspace.journeys, "journeys.yaml")
    names = {name for name, _ in used}
    needs_assignments = any(
        getattr(workspace.metrics.get(name), "table", None) != "moments" for name in names
    )
    if needs_assignments and "assignments" not in workspace.sources:
        what = f"'{experiment.id}' needs the table 'assignments', which workspace.yaml does not name."
        yield Problem(at("id"), what, "Add the table under `tables`.")
    if experiment.segments and "customers" not in workspace.sources:
        what = f"The segments of '{experiment.id}' are columns of the table 'customers', which is not named."
        yield Problem(at("segments"), what, "Add the table under `tables`, or remove the segments.")


def _journeys(workspace: Workspace, documents: dict[str, Document]) -> Iterator[Problem]:
    for position, journey in enumerate(workspace.journeys.values()):
        known = {v for e in workspace.experiments if e.journey == journey.id for v in e.allocation}
        if journey.rollout and known and journey.rollout not in known:
            where = documents["journeys"].where((position, "rollout"))
            yield _unknown(where, "variant", journey.rollout, known, "experiments.yaml")


def _policy(workspace: Workspace, documents: dict[str, Document]) -> Iterator[Problem]:
    document = documents.get("policy")
    if document is None:
        return
    try:
        raise_ages(workspace.policy.children.ages)
    except LawError as error:
        remedy = "Ages may be raised above the law's, never lowered."
        yield Problem(document.where(("children", "ages")), f"{error}.", remedy)
    if "checks" in (document.data or {}):
        yield from _checks(workspace.policy, documents, document)
    for journey, overrides in workspace.policy.journeys.items():
        if workspace.journeys and journey not in workspace.journeys:
            where = document.where(("journeys", journey))
            yield _unknown(where, "journey", journey, workspace.journeys, "journeys.yaml")
        yield from _overrides(workspace.policy, document, journey, overrides)


def _checks(policy: Policy, documents: dict[str, Document], document: Document) -> Iterator[Problem]:
    yield from _duplicates("policy", [check.id for check in policy.checks], documents, ("checks",))
    for position, check in enumerate(policy.checks):
        if check.id == RESERVED and check.figure != "consent_known":
            what = f"The id '{RESERVED}' belongs to the check on consent_known, which every journey has."
            yield Problem(document.where(("checks", position, "id")), what, "Give the check another id.")
        if (found := fault(check)) is not None:
            where = document.where(("checks", position, found.key))
            yield Problem(where, f"{check.id}: {found.what}", found.remedy)


def _overrides(
    policy: Policy, document: Document, journey: str, overrides: dict[str, CheckOverride]
) -> Iterator[Problem]:
    known = {check.id: check for check in policy.checks}
    for name, override in overrides.items():
        if name not in known:
            where = document.where(("journeys", journey, name))
            yield _unknown(where, "check", name, known, document.name)
            continue
        changed = known[name].model_copy(update=override.model_dump(exclude_none=True))
        if (found := fault(changed)) is not None and fault(known[name]) is None:
            where = document.where(("journeys", journey, name, found.key))
            yield Problem(where, f"{name}: {found.what}", found.remedy)


def _establishment(workspace: Workspace, documents: dict[str, Document]) -> Iterator[Problem]:
    try:
        place_of(None, workspace.settings.establishment)
    except LawError as error:
        yield Problem(documents["workspace"].where(("establishment",)), error.what, error.remedy)
