"""Write the demo workspace, one block of customers at a time."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from jobs.demo import plan, records, truth_file
from jobs.demo.bad_rows import Counts, spoil
from jobs.demo.people import assignments, consent, consent_events, customers, requests
from jobs.demo.people.treatment import Block, lifts
from jobs.demo.plan import EFFECTS, JOURNEYS, REHEARSAL, WORKSPACE, Streams, World
from jobs.demo.shop import inference, orders, visits
from jobs.demo.truth import Sums, add_block

BIG_TABLES = (
    *("customers", "consent_events", "journey_events", "assignments", "order_lines"),
    *("unit_outcomes", "inference_log"),
)
Report = Callable[[float, str], None]


def make(folder: Path, scale: float = 1.0, seed: int = 7, report: Report | None = None) -> None:
    """Write the demo workspace: a synthetic retailer whose true effects stand in truth.json.

    The same seed and scale give the same bytes. Memory stays flat: each block of 50,000 customers is drawn on
    its own and written to a part file of its own.

    Args:
        folder: where; made if missing, replaced if it already holds a demo.
        scale: 1 = 50,000 customers.
        seed: of all randomness.
        report: told the fraction done and what is being done.

    Raises:
        ValueError: a scale or seed that makes no sense.
        FileExistsError: the folder holds a workspace that is no demo.
    """
    shared = plan.world(seed, scale)
    tell = report or (lambda _done, _text: None)
    _clear(folder)
    blocks = -(-shared.customers // plan.BLOCK)
    sums = {item.id: Sums(len(item.variants)) for item in plan.experiments() if item.id != REHEARSAL}
    bad_rows: Counts = {}
    asked = []
    for number in range(blocks):
        tell(number / blocks, f"customers {number * plan.BLOCK:,} of {shared.customers:,}")
        draws = plan.streams(seed, number)
        block = draw_block(shared, number, draws)
        for table, frame in block_tables(shared, number, block, draws):
            rows = spoil(table, frame, bad_rows) if number == 0 else frame
            rows.write_parquet(folder / "data" / table / f"part-{number:03d}.parquet")
        asked.append(block.requests.frame)
        add_block(shared, block, sums)
    tell(0.99, "records, settings and truth")
    for table, frame in _small_tables(shared, pl.concat(asked)):
        file = folder / "data" / f"{table}.csv"
        spoil(table, frame, bad_rows).write_csv(file, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    (folder / "truth.json").write_text(truth_file.document(shared, sums, bad_rows), encoding="utf-8")
    for source in sorted(WORKSPACE.glob("*.yaml"), key=lambda file: file.name == "workspace.yaml"):
        (folder / source.name).write_bytes(source.read_bytes())
    tell(1.0, "done")


def draw_block(shared: World, number: int, draws: Streams) -> Block:
    """Draw one block's people and what they do, but for their orders."""
    first = number * plan.BLOCK
    people = customers.draw(draws.customers, first, min(plan.BLOCK, shared.customers - first))
    asked = requests.draw(draws.requests, people, number)
    people = dataclasses.replace(people, leaves=np.minimum(people.leaves, asked.asked_erasure))
    seen = visits.draw(draws.visits, people, shared.rhythm)
    return Block(
        people=people,
        visits=seen,
        requests=asked,
        answers=consent.draw(draws.consent, people, seen, EFFECTS),
        assigned={
            item.id: assignments.draw(draws.assignments, people, seen, item) for item in plan.experiments()
        },
        effects=EFFECTS,
    )


def block_tables(
    shared: World, number: int, block: Block, draws: Streams
) -> Iterator[tuple[str, pl.DataFrame]]:
    """One block's part of every big table."""
    people, settled = block.people, block.consent(block.held_out)
    yield "customers", customers.frame(people)
    yield "consent_events", consent_events.frame(draws.events, people, block.visits, settled)
    shown = block.personalised(draws.events, settled)
    yield "journey_events", visits.frame(draws.events, people, block.visits, shown, JOURNEYS)
    parts = [assignments.frame(draws.events, people, block.visits, item) for item in block.assigned.values()]
    yield "assignments", pl.concat(parts)
    bought = orders.draw(draws.orders, shared, people, lifts(block, block.held_out, settled))
    rows = orders.lines(draws.orders, shared.catalogue, people, bought, EFFECTS.swap)
    voucher = orders.vouchers(draws.vouchers, bought, rows)
    yield (
        "order_lines",
        orders.frame(draws.orders, shared.catalogue, people, bought, rows, voucher, number),
    )
    yield "unit_outcomes", records.survey(draws.survey, block)
    batches = round(inference.ROWS_PER_BLOCK * len(people) / plan.CUSTOMERS_AT_SCALE_ONE)
    yield "inference_log", inference.frame(draws.inference, shared.rhythm, max(batches, 200))


def _small_tables(shared: World, asked: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    rng = np.random.default_rng(np.random.SeedSequence(shared.seed, spawn_key=(2**20 + 1,)))
    yield "dsr_requests", asked
    yield "moments", records.clean_room(rng, shared)
    yield "model_rounds", records.pilot(rng, shared)
    yield "data_inventory", records.register("data_inventory")
    yield "vendors", records.register("vendors")


def _clear(folder: Path) -> None:
    """Make room: an earlier demo's own files go, anything else stays."""
    settings, truth = folder / "workspace.yaml", folder / "truth.json"
    if settings.exists() and not truth.exists():
        msg = f"{folder} holds a workspace that is not a demo; give another folder"
        raise FileExistsError(msg)
    settings.unlink(missing_ok=True)
    for table in BIG_TABLES:
        (folder / "data" / table).mkdir(parents=True, exist_ok=True)
        for part in (folder / "data" / table).glob("part-*.parquet"):
            part.unlink()
