"""How an experiment was computed: everything a reader needs to compute it again."""

from metrics import formatting
from reports.results import Effect, Experiment, Metric, arm_name
from reports.wording.figures import capitalised, difference_unit, listed, subject
from reports.wording.overview import period_of
from reports.wording.people import basis
from ui.data import Loaded
from ui.parts.markup import Html, facts, join, link, tag, text


def method_card(loaded: Loaded, experiment: Experiment, variant: str) -> Html:
    """The facts of the method, term by term."""
    pairs = [
        ("Question", text(f"What does {arm_name(variant)} change against {arm_name(experiment.control)}?")),
        ("Estimand", text(f"{capitalised(str(experiment.facts.get('estimand', 'not recorded')))}.")),
        ("Period", text(f"{period_of(experiment)}, days in {loaded.snapshot.zone.key}.")),
        ("Split", text(f"{_split(experiment)}, by {experiment.noun[:-1]}.")),
        ("Metrics", tag("div", join([_metric(metric, experiment) for metric in experiment.metrics]))),
        ("Caps", text(_caps(experiment))),
        ("Without adjustment", text(_unadjusted(loaded, experiment, variant))),
        ("Limits", text(_limits(experiment))),
        (
            "Several questions",
            text("p of primary metric and guardrails by Holm, of segments by Benjamini-Hochberg."),
        ),
        ("Legal basis", text(basis(experiment))),
        ("Purposes", text(purposes(experiment))),
        ("Run", _run(loaded)),
    ]
    return facts((term, told) for term, told in pairs if told)


def _split(experiment: Experiment) -> str:
    return ", ".join(
        f"{arm_name(arm)} {formatting.percent(share)}" for arm, share in experiment.shares.items()
    )


def _metric(metric: Metric, experiment: Experiment) -> Html:
    return tag("div", text(f"{capitalised(subject(metric, experiment))}: {definition_text(metric)}."))


def definition_text(metric: Metric) -> str:
    """A metric's definition as configured, in words."""
    known = metric.definition
    kind = known.get("kind", "mean")
    if kind == "ratio":
        return f"{known.get('numerator')} divided by {known.get('denominator')}, delta method"
    if kind == "survival":
        horizon = f" at {known['horizon_days']:g} days" if known.get("horizon_days") else ""
        return f"time until {known.get('event') or 'inactivity'}{horizon}, from {known.get('table')}"
    how = {"any": "whether there is any row"}.get(
        str(known.get("value")), f"{_aggregate(metric)} of {known.get('value')}"
    )
    parts = [f"{how} in {known.get('table')}"]
    if known.get("window_days"):
        parts.append(f"within {known['window_days']:g} days of assignment")
    if known.get("cap_quantile"):
        parts.append(f"capped at the {formatting.percent(known['cap_quantile'])} quantile")
    if known.get("covariate_days"):
        parts.append(f"adjusted for the {known['covariate_days']:g} days before (Lin)")
    if known.get("covariate"):
        parts.append(f"adjusted for {known['covariate']} (Lin)")
    return ", ".join(parts)


def _aggregate(metric: Metric) -> str:
    return "number of distinct values" if metric.definition.get("aggregate") == "count_distinct" else "sum"


def _caps(experiment: Experiment) -> str:
    """The values at which outcomes are cut; one that only a few reach is used and not told."""
    told = [
        f"{cap['metric']} at {'a value that too few reach to be shown' if cap['withheld'] else number}"
        for cap in experiment.facts.get("caps", [])
        if cap["column"] == cap["metric"] and (cap["withheld"] or cap["cap"] is not None)
        for number in [formatting.number(cap["cap"] or 0)]
    ]
    return f"{capitalised('; '.join(told))}." if told else ""


def _unadjusted(loaded: Loaded, experiment: Experiment, variant: str) -> str:
    row = experiment.other_method(experiment.primary, variant)
    if row is None or row.difference is None:
        return "The headline is the unadjusted figure."
    metric = experiment.metric(experiment.primary)
    return f"{_written(row, metric, loaded.currency)} for {subject(metric, experiment)}, at one planned look."


def _written(row: Effect, metric: Metric, currency: str) -> str:
    lift = formatting.effect(row.relative, row.relative_low, row.relative_high, "lift")
    unit = difference_unit(metric)
    plain = formatting.effect(
        row.difference, row.difference_low, row.difference_high, unit, currency=currency
    )
    chosen = lift if row.relative_low is not None else plain
    return f"{chosen.estimate} ({chosen.interval})"


def _limits(experiment: Experiment) -> str:
    level = formatting.percent(experiment.confidence, 0)
    planned = experiment.facts.get("planned_units")
    tuned = f" tuned to {formatting.count(planned)} {experiment.noun}" if planned else ""
    which = "the planned look decides" if experiment.ended else "the limits valid at every look decide"
    return f"{level}, Welch's t; at every look an asymptotic confidence sequence{tuned}; {which}."


def _run(loaded: Loaded) -> Html:
    run = loaded.snapshot.run
    policy = f", policy {run.policy_version}" if run.policy_version is not None else ""
    told = text(f"{run.run_id}, definitions {run.definitions_version}{policy}. ")
    return Html(f"{told}{link('What each figure means', 'methods')}")


def purposes(experiment: Experiment) -> str:
    """The purposes consent was given for."""
    return listed([str(purpose) for purpose in experiment.definition.get("purposes", [])], most=4)
