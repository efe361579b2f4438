"""Every family of figures of a run, in the order in which later ones build on earlier ones."""

from jobs.figures.consent import consent
from jobs.figures.data_use import data_use
from jobs.figures.effects import effects
from jobs.figures.inference import inference
from jobs.figures.journeys import journeys
from jobs.figures.requests import requests
from jobs.figures.run import RunInputs
from metrics.published import Published
from storage.store import Store


def publish_all(run: RunInputs, store: Store, run_id: int) -> list[Published]:
    """Every table of figures that this run has, past the disclosure door."""
    measured = effects(run, store, run_id)
    families = [measured, consent(run, store, run_id), requests(run), data_use(run), inference(run, measured)]
    return [part for family in families for part in family.published] + [journeys(run, families)]
