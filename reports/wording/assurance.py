"""How sure a result is, in sentences."""

from metrics import formatting
from reports.readings import Mark, withheld
from reports.results import Experiment, arm_name
from reports.wording.figures import listed, subject
from reports.wording.guardrails import guardrails
from reports.wording.health import summary


def assurance(experiment: Experiment) -> tuple[Mark, str]:
    """What the checks say, and how far the figures can be chance."""
    mark, checks = summary(experiment.checks)
    if withheld(experiment):
        return mark, f"{checks} Until that is mended, no figure here can be trusted."
    return mark, " ".join(
        filter(None, [checks, _chance(experiment), guardrails(experiment), _unmeasured(experiment)])
    )


def _unmeasured(experiment: Experiment) -> str:
    """Guardrails that have no figure: nobody knows that they are safe."""
    names = {
        name: None
        for verdict in experiment.verdicts.values()
        for name in verdict.detail.get("unmeasured_guardrails", [])
        if name in experiment.guardrails
    }
    labels = [subject(experiment.metric(name), experiment) for name in names]
    if not labels:
        return ""
    return f"Not measured, so not known to be safe: {listed(labels)}."


def _chance(experiment: Experiment) -> str:
    if not experiment.ended:
        return "Its planned end has not come: the limits allow for looking every day."
    rows = [experiment.headline(experiment.primary, variant) for variant in experiment.variants]
    told = [(row.variant, row.p_adjusted) for row in rows if row and row.p_adjusted is not None]
    if not told:
        return ""
    named = len(told) > 1
    texts = [f"{arm_name(variant)} {_p(value)}" if named else _p(value) for variant, value in told]
    doubtful = [value for _, value in told if value >= 1 - experiment.confidence]
    clear = [
        row for row in rows if row and row.p_value is not None and row.p_value < 1 - experiment.confidence
    ]
    caveat = ""
    if doubtful and clear:
        caveat = " Allowing for the number of questions asked, chance alone could explain some of it."
    return f"One planned look: {listed(texts, most=9)}.{caveat}"


def _p(value: float) -> str:
    text = formatting.p_value(value)
    sign = "" if text.startswith("<") else f"={formatting.SPACE}"
    return f"p{formatting.SPACE}{sign}{text}"
