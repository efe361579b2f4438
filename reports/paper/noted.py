"""The events noted while a journey's experiment ran: a numbered list, and their places on its curve."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from reports.annotations import Annotation, concerning
from reports.journeys import Journey, quarter_end
from reports.paper.blocks import Block, Bullets, Heading, Tick
from reports.paper.material import Material
from reports.results import Experiment
from reports.wording.annotations import dated


def of_journey(material: Material, journey: Journey) -> list[Annotation]:
    """Events about everything or the journey's experiments, since its experiment or the quarter began."""
    experiment, snapshot = journey.experiment, material.snapshot
    end = quarter_end(snapshot.run.period)
    began = experiment.starts if experiment else None
    start = began or date(end.year, end.month - 2, 1)
    own = [name for name, found in material.experiments.items() if found.journey == journey.journey]
    return concerning(material.events, own, start, snapshot.as_of_date)


def noted(material: Material, journey: Journey) -> list[Block]:
    """The events as a list; nothing where none was noted."""
    events = of_journey(material, journey)
    if not events:
        return []
    about = [f" ({event.experiment})" if event.experiment else "" for event in events]
    items = [
        f"{number}: {dated(event)}{named}"
        for number, (event, named) in enumerate(zip(events, about, strict=True), start=1)
    ]
    return [Heading("Noted at the time"), Bullets(items)]


def on_curve(events: Sequence[Annotation], experiment: Experiment, days: Sequence[date]) -> list[Tick]:
    """The numbers of the list where they happened, of those about everything or this experiment.

    `days`: of the curve, each of its steps.
    """
    length = (days[-1] - days[0]).days
    numbers: dict[date, list[str]] = defaultdict(list)
    for number, event in enumerate(events, start=1):
        if event.experiment in (None, experiment.experiment) and days[0] <= event.day <= days[-1]:
            numbers[event.day].append(str(number))
    return [Tick((day - days[0]).days / length, ", ".join(found)) for day, found in numbers.items()]
