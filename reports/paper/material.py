"""What all pages of a pack are made from, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy.decisions import Decision
from reports.annotations import Annotation
from reports.assembly import experiments, journey_names
from reports.board.content import board
from reports.board.parts import Board
from reports.journeys import Journey, journeys
from reports.results import Experiment
from reports.snapshot import Snapshot
from reports.wording.variants import result
from reports.wording.verdicts import Said
from storage.frozen import Version
from storage.records import Json


@dataclass(frozen=True)
class Material:
    """A run's records.

    Attributes:
        board: the quarter on one page, as the screen shows it.
        names: journey → its name for people.
        decisions: what people decided, oldest first.
        version: the frozen version that the pack is; None while the quarter is not frozen.
        events: what colleagues noted, by day.
    """

    snapshot: Snapshot
    board: Board
    experiments: Mapping[str, Experiment]
    journeys: Sequence[Journey]
    names: Mapping[str, str]
    decisions: Sequence[Decision]
    version: Version | None
    events: Sequence[Annotation] = ()

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount."""
        return self.snapshot.currency

    def name_of(self, journey: str) -> str:
        """A journey's name for people; its id where it has none."""
        return self.names.get(journey, journey)

    def configured(self, journey: str) -> Json:
        """A journey as journeys.yaml has it; nothing where it is not named there."""
        known = self.snapshot.run.workspace.get("journeys", [])
        return next((item for item in known if item["id"] == journey), {})

    def said(self, experiment: Experiment) -> Said:
        """An experiment's result in words."""
        return result(
            experiment,
            currency=self.currency,
            minimum_people=self.snapshot.minimum_people,
            as_of=self.snapshot.as_of_date,
        )


def gather(
    snapshot: Snapshot,
    before: Snapshot | None,
    decisions: Sequence[Decision],
    version: Version | None,
    events: Sequence[Annotation] = (),
) -> Material:
    """Read a snapshot into records.

    Args:
        snapshot: the run.
        before: the run that speaks for the quarter before; None where there is none.
        decisions: what people decided.
        version: the frozen version that it is; None while the quarter is not frozen.
        events: what colleagues noted, those that stand.
    """
    found = experiments(snapshot)
    return Material(
        snapshot=snapshot,
        board=board(snapshot, before),
        experiments=found,
        journeys=journeys(snapshot, found),
        names=journey_names(snapshot),
        decisions=decisions,
        version=version,
        events=events,
    )
