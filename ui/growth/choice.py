"""Which experiment and variant the pages on growth show: both live in the address."""

from collections.abc import Iterable, Sequence

from reports.results import Experiment, arm_name
from reports.wording.overview import period_of
from ui import filters
from ui.parts.markup import Html, link, text


def experiment(found: Sequence[Experiment]) -> Experiment:
    """One of several experiments; a control where there is a choice."""
    if len(found) == 1:
        return found[0]
    names = {item.experiment: item.name for item in found}
    chosen = filters.choice("Experiment", names, "test", labelled=False)
    return next(item for item in found if item.experiment == chosen)


def written(item: Experiment, every: Iterable[Experiment]) -> str:
    """How the address of these pages names an experiment."""
    alike = sum(other.name == item.name for other in every)
    return item.name if alike == 1 else f"{item.name} ({item.experiment})"


def variant(variants: Sequence[str]) -> str:
    """One of several variants; a control where there is a choice."""
    if len(variants) == 1:
        return variants[0]
    return filters.choice("Variant", {name: arm_name(name) for name in variants}, "variant", labelled=False)


def latest_first(found: Sequence[Experiment]) -> list[Experiment]:
    """Experiments by their start, the latest first; those over all journeys last."""
    return sorted(found, key=lambda e: (e.programme, -(e.starts.toordinal() if e.starts else 0), e.name))


def about(item: Experiment, name: str) -> Html:
    """Which experiment, variant and period a page is about."""
    back = link(item.name, "experiment", experiment=item.experiment)
    stage = "planned end reached" if item.ended else "still running"
    against = f"{arm_name(name)} against {arm_name(item.control)}"
    return Html(f"{back} · {text(f'{against} · {item.journey_name} · {period_of(item)} · {stage}')}")
