"""What happened when: the events noted, and for the roles that may, noting one and taking one back."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from metrics import formatting
from reports.annotations import LENGTH, Annotation, Kind
from reports.assembly import experiment_name
from reports.readings import Mark
from reports.wording.annotations import EVERYTHING, KINDS, dated
from reports.wording.privacy_words import counted
from ui import data, filters, frame
from ui.data import Loaded
from ui.parts.markup import Column, Html, Row, small, table, tag, text
from ui.records import annotation_data

DONE = "annotation-done"
CAREFUL = (
    "Plain words that the board may read. Name no customer and no colleague: what is noted stays in the "
    "audit log for good."
)


def show(loaded: Loaded) -> None:
    """Show the events that stand, then what the reader may do, then those taken back."""
    frame.header("Annotations", loaded)
    events = annotation_data.history()
    standing = [event for event in events if event.removed_at is None]
    names = _names(loaded)
    st.html(frame.lead(None, *_lead(standing)))
    if done := st.session_state.pop(DONE, None):
        st.html(frame.alert(Mark("", "●", "good"), "Recorded.", done))
    if standing:
        st.html(_listed(loaded, standing, names))
    if annotation_data.may_note():
        _note(loaded, names, len(events))
        _remove(standing)
    else:
        st.html(frame.note(annotation_data.NOT_YOURS))
    _taken_back(loaded, [event for event in events if event.removed_at is not None], names)


def _names(loaded: Loaded) -> dict[str | None, str]:
    """What an event may be about, by experiment; None: everything."""
    found = loaded.snapshot.experiments()
    return {None: EVERYTHING, **{one.experiment: experiment_name(one) for one in found}}


def _lead(standing: Sequence[Annotation]) -> tuple[str, str]:
    if not standing:
        return (
            "Nothing has been noted yet.",
            "A campaign, an outage or a change of price explains a jump that a chart shows.",
        )
    newest = standing[-1]
    return (
        f"{counted(len(standing), 'event')} noted, the last for {formatting.day(newest.day)}.",
        "Each is a line on every chart over time that it is about, and stands in the quarterly pack.",
    )


def _note(loaded: Loaded, names: dict[str | None, str], known: int) -> None:
    st.html(frame.heading("Note an event", CAREFUL))
    about = filters.choice("About", names, "concerns", width=360)
    today = data.now().astimezone(loaded.snapshot.zone).date()
    with st.form(f"annotation-{known}", width=680):
        with st.container(horizontal=True):
            day = st.date_input(
                "Day", value=min(today, loaded.snapshot.as_of_date), width=180, format="YYYY-MM-DD"
            )
            kind: Kind = st.selectbox("What", list(KINDS), format_func=KINDS.__getitem__, width=200)
        said = st.text_input("In a few words", max_chars=LENGTH)
        pressed = st.form_submit_button("Note it")
    if pressed and isinstance(day, date):
        _report(
            annotation_data.note(loaded.snapshot, day, kind, said, about), "The event stands on its charts."
        )


def _remove(standing: Sequence[Annotation]) -> None:
    if not standing:
        return
    options = {event.number: dated(event) for event in reversed(standing)}
    st.html(frame.heading("Take one back", "It leaves the charts and the next pack; who noted it is kept."))
    with st.form(f"annotation-back-{len(standing)}", width=680):
        number: int = st.selectbox("Event", list(options), format_func=options.__getitem__)
        pressed = st.form_submit_button("Take it back")
    if pressed:
        _report(annotation_data.remove(number), "The event is off the charts.")


def _report(refused: str | None, done: str) -> None:
    if refused is None:
        st.session_state[DONE] = done
        st.rerun()
    st.html(frame.alert(Mark("", "■", "bad"), "Not recorded.", refused))


def _listed(loaded: Loaded, events: Sequence[Annotation], names: dict[str | None, str]) -> Html:
    columns = [Column("Day"), Column("Event"), Column("What happened"), Column("About"), Column("Noted by")]
    rows = [_row(loaded, event, names) for event in reversed(events)]
    return table(columns, rows, label="Events", kind="lg-plain")


def _row(loaded: Loaded, event: Annotation, names: dict[str | None, str]) -> Row:
    return Row(
        [
            text(formatting.day(event.day)),
            text(KINDS[event.kind]),
            text(event.text),
            text(names.get(event.experiment, event.experiment)),
            Html(
                f"{text(event.noted_by)}{small(formatting.clock(event.noted_at.astimezone(loaded.snapshot.zone)))}"
            ),
        ]
    )


def _taken_back(loaded: Loaded, events: Sequence[Annotation], names: dict[str | None, str]) -> None:
    if not events:
        return
    columns = [Column("Day"), Column("Event"), Column("What happened"), Column("About"), Column("Noted by"),
               Column("Taken back by")]  # fmt: skip
    rows = [
        Row([*_row(loaded, event, names).cells, _by(loaded, event)], dim=True) for event in reversed(events)
    ]
    shown = table(columns, rows, label="Events taken back", kind="lg-plain")
    summary = tag("summary", text(f"{counted(len(events), 'event')} taken back"))
    st.html(tag("details", Html(f"{summary}{shown}"), class_="lg-more"))


def _by(loaded: Loaded, event: Annotation) -> Html:
    at = event.removed_at
    when = formatting.clock(at.astimezone(loaded.snapshot.zone)) if at else ""
    return Html(f"{text(event.removed_by or '')}{small(when)}")
