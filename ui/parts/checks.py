"""Can it be trusted: health checks, the worst first."""

from collections.abc import Sequence

from metrics import catalogue
from reports.readings import HEALTH, worst_first
from reports.results import Check, Experiment
from reports.wording.health import banner, check_label
from ui.frame import alert
from ui.parts.markup import Html, small, tag, text


def checks_list(checks: Sequence[Check], *, wide: bool = False) -> Html:
    """Every check with what was found, the worst first; its definition on hover."""
    items = "".join(_item(check) for check in worst_first(checks))
    return tag("ul", Html(items), class_=f"lg-checks{' lg-wide' if wide else ''}")


def _item(check: Check) -> Html:
    status, key = HEALTH[check.status], f"check.{check.check}"
    meaning = catalogue.FIGURES[key].definition if key in catalogue.FIGURES else ""
    shape = tag("span", text(status.shape), class_="lg-shape", aria_hidden="true")
    name = tag("strong", text(check_label(check.check)), title=meaning)
    word = Html("") if check.status == "pass" else Html(f" <span class='lg-mark'>{text(status.word)}</span>")
    return tag("li", Html(f"{shape}<div>{name}{word}{small(check.note)}</div>"), class_=f"lg-{status.tone}")


def health_banner(experiment: Experiment) -> Html:
    """What to know before any number of a result that may be read; empty when nothing is wrong."""
    found = banner(experiment.checks)
    if not found:
        return Html("")
    status = HEALTH[found[0].status]
    names = ", ".join(check_label(check.check).lower() for check in found)
    return alert(status, f"Read with care: {names}.", " ".join(check.note for check in found))
