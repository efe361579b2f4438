"""The board: a quarter on one screen, in two sentences, a map, six figures and a row per journey."""

from collections.abc import Sequence

import streamlit as st

from metrics import formatting
from reports.board.parts import Board, Change, Changes, Figure, Tile
from reports.readings import Mark
from reports.wording.figures import capitalised
from ui import access, data, frame
from ui.data import Loaded
from ui.overview import growth_risk
from ui.overview.board_table import board_table, link_to
from ui.parts import downloads
from ui.parts.markup import NOTHING, Html, isolated, join, link, shape, small, tag, text

CHANGES = 4
"""So many are shown at once; the rest unfold."""
TONES = {
    "good": Mark("better", "▲", "good"),
    "bad": Mark("worse", "▼", "bad"),
    "neutral": Mark("other", "●", "neutral"),
}


def show(loaded: Loaded) -> None:
    """Show the board of the quarter chosen."""
    with frame.header(f"Board · {formatting.quarter(loaded.snapshot.run.period)}", loaded):
        downloads.journeys(loaded, None)
        if access.may_open("exports"):
            st.html(tag("span", link("Quarterly pack", "exports"), class_="lg-act"))
    board = data.board(loaded, stale=frame.fresh_or_old(loaded).old, past=frame.past())
    st.html(isolated(frame.lead(None, *board.headline), [row.name for row in board.rows]))
    if board.rows:
        chart, figures = st.columns([11, 12], gap="medium")
        with chart, st.container(key="growth-risk"):
            growth_risk.show(board.map, loaded.currency)
        with figures:
            st.html(_tiles(board.tiles))
        heading = tag("h2", text("Growth and risk, journey by journey"), class_="lg-unseen")
        st.html(Html(f"{heading}{board_table(board.rows)}"))
    else:
        st.html(_tiles(board.tiles, alone=True))
    _changes(board)


def _tiles(tiles: Sequence[Tile], *, alone: bool = False) -> Html:
    kind = "lg-tiles lg-alone" if alone else "lg-tiles"
    return tag("dl", join(_tile(tile) for tile in tiles), class_=kind)


def _tile(tile: Tile) -> Html:
    figure, known = tile.figure, tile.figure.known
    told = link_to(figure.text, figure.evidence)
    value = tag("dd", Html(f"{told}{_moved(tile)}"), class_="lg-value" if known else "lg-value lg-dead")
    name = tag("span", text(tile.title), class_="lg-hint", title=meaning(figure))
    return tag("div", Html(f"{tag('dt', name)}{value}{tag('dd', small(capitalised(tile.under)))}"))


def _moved(tile: Tile) -> Html:
    """By how much a figure moved since the quarter before."""
    if not tile.moved:
        return NOTHING
    way = "▼" if tile.moved.startswith(formatting.MINUS) else "▲"
    amount = tile.moved.lstrip(f"+{formatting.MINUS}")
    sign = tag("span", text(way), aria_hidden="true")
    return tag(
        "span", Html(f"{sign} {text(amount)}"), class_="lg-moved", title=f"{tile.moved} since last quarter"
    )


def meaning(figure: Figure) -> str:
    """Definition, denominator, period and what else must be known."""
    parts = [figure.definition.definition, f"Of: {figure.of}." if figure.of else "", f"{figure.period}."]
    return " ".join(filter(None, [*parts, figure.sure and f"{capitalised(figure.sure)}.", figure.note]))


def _changes(board: Board) -> None:
    found: Changes = board.changes
    st.html(frame.heading(f"What changed since {formatting.quarter(found.period)}"))
    shown, rest = found.changes[:CHANGES], found.changes[CHANGES:]
    more = NOTHING
    if rest:
        summary = tag("summary", text(f"{len(rest)} more"))
        more = tag("details", Html(f"{summary}{_list(rest)}"), class_="lg-more")
    remark = frame.note(found.remark) if found.remark else NOTHING
    st.html(Html(f"{_list(shown) if shown else ''}{more}{remark}"))


def _list(changes: Sequence[Change]) -> Html:
    return tag("ul", join(tag("li", _change(change)) for change in changes), class_="lg-list lg-changes")


def _change(change: Change) -> Html:
    told = link_to(change.about, change.evidence)
    rest = change.sentence.removeprefix(change.about)
    return Html(f"{shape(TONES[change.tone])}{told}{text(rest)}")
