"""HTML of tables, marks and interval bars; whatever comes from data is escaped here."""

import html
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, NewType
from unicodedata import bidirectional
from urllib.parse import urlencode

from metrics import catalogue
from reports.readings import Mark
from ui import access, filters

Html = NewType("Html", str)
"""Text that is safe to show as HTML."""

NOTHING = Html("")
_SIGNED = re.compile(r"\(?[+−±][^\s;]+")


class Column(NamedTuple):
    """A table's column. Figures stand only under a key of the catalogue, which defines them on hover.

    Attributes:
        heading: shown above it, and beside its cells on a phone.
        figure: what its figures are, a key as `catalogue.shown` takes it; empty: it holds words.
        hint: shown on hover instead of the definition, or of a column of words.
        width: CSS width; empty: as its content needs.
        under: second line of the heading.
        left: figures in words stand left, as do those that are drawn, which need a `width`; others right.
    """

    heading: str
    figure: str = ""
    hint: str = ""
    width: str = ""
    under: str = ""
    left: bool = False

    @property
    def right(self) -> bool:
        """Whether its cells stand right."""
        return bool(self.figure) and not self.left and not self.width


class Row(NamedTuple):
    """A table's row; the first cell names it."""

    cells: Sequence[Html]
    dim: bool = False


def text(value: object) -> Html:
    """Escape anything."""
    return Html(html.escape(str(value)))


def prose(sentence: str) -> Html:
    """A sentence whose signed figures never break across lines."""
    return Html(_SIGNED.sub(r'<span class="lg-nowrap">\g<0></span>', text(sentence)))


def isolated(markup: Html, names: Iterable[str]) -> Html:
    """Keep names that are written from right to left from turning the words around them."""
    for name in {name for name in names if any(bidirectional(sign) in ("R", "AL") for sign in name)}:
        markup = Html(markup.replace(text(name), tag("bdi", text(name))))
    return markup


def join(parts: Iterable[Html], between: str = "") -> Html:
    """Put parts together."""
    return Html(html.escape(between).join(parts))


def tag(name: str, content: Html, style: str = "", **attributes: str) -> Html:
    """An element; attribute names take `_` for `-` and `class_` for `class`, empty values are left out."""
    if style:
        attributes["style"] = style
    written = "".join([_attribute(key, value) for key, value in attributes.items() if value])
    return Html(f"<{name}{written}>{content}</{name}>")


@lru_cache(maxsize=4_096)
def _attribute(key: str, value: str) -> str:
    """Most stand in a page many times."""
    return f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'


def small(value: object) -> Html:
    """A quiet second line."""
    return tag("span", text(value), class_="lg-small")


def strong(value: object) -> Html:
    """What the eye should meet first."""
    return tag("strong", text(value))


def link(label: object, page: str, **parameters: str | None) -> Html:
    """A link to a page of the app that keeps the session; plain text for whoever may not open that page.

    It takes along the choices that span pages; a parameter of that name replaces one, and None drops it.
    """
    return around(text(label), page, **parameters)


def around(content: Html, page: str, **parameters: str | None) -> Html:
    """The same around what is HTML already."""
    if not access.may_open(page):
        return content
    return tag("a", content, href=address(page, **parameters), class_="lg-link", target="_self")


def address(page: str, **parameters: str | None) -> str:
    """Where such a link leads, as a browser takes it; not yet escaped for HTML."""
    chosen = {**filters.carried(), **parameters}
    query = urlencode({key: value for key, value in chosen.items() if value})
    return f"./{page}{'?' if query else ''}{query}"


def mark(status: Mark, *, pill: bool = False) -> Html:
    """A status as shape, word and colour."""
    sign = tag("span", text(status.shape), class_="lg-shape", aria_hidden="true")
    kind = " lg-pill" if pill else ""
    return tag("span", Html(f"{sign}{text(status.word)}"), class_=f"lg-mark lg-{status.tone}{kind}")


def shape(status: Mark) -> Html:
    """A status as shape and colour alone, before a sentence that says it in words."""
    sign = tag("span", text(status.shape), class_="lg-shape")
    return tag("span", sign, class_=f"lg-mark lg-{status.tone}", aria_hidden="true")


def table(columns: Sequence[Column], rows: Sequence[Row], *, label: str, kind: str = "") -> Html:
    """A table that turns into cards on a phone; `label` names it for screen readers.

    Raises:
        KeyError: a column shows a figure that the catalogue does not define.
    """
    heads = "".join(
        tag(
            "th",
            Html(f"{_heading(column)}{small(column.under) if column.under else ''}"),
            scope="col",
            role="columnheader",
            class_="lg-right" if column.right else "",
            style=f"width:{column.width}" if column.width else "",
            data_figure=column.figure,
        )
        for column in columns
    )
    cells = [_cell(column, place) for place, column in enumerate(columns)]
    body = "".join([_row(cells, row) for row in rows])
    return Html(
        f'<div class="lg-scroll"><table class="lg-table {html.escape(kind)}" role="table" '
        f'aria-label="{html.escape(label)}"><thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _heading(column: Column) -> Html:
    hint = column.hint or (catalogue.meaning(column.figure) if column.figure else "")
    return tag("span", text(column.heading), title=hint, class_="lg-hint" if hint else "")


def _cell(column: Column, place: int) -> tuple[str, str]:
    """What stands before and behind the content of every cell of a column."""
    name = "td" if place else "th"
    empty = tag(
        name,
        NOTHING,
        scope="" if place else "row",
        role="cell" if place else "rowheader",
        class_="lg-right" if column.right else "",
        data_label=column.heading,
    )
    end = f"</{name}>"
    return empty.removesuffix(end), end


def _row(cells: Sequence[tuple[str, str]], row: Row) -> str:
    written = [
        f'{start}<div class="lg-cell">{content}</div>{end}' if content else f"{start}{end}"
        for (start, end), content in zip(cells, row.cells, strict=True)
    ]
    return tag("tr", Html("".join(written)), role="row", class_="lg-dim" if row.dim else "")


def facts(pairs: Iterable[tuple[str, Html]]) -> Html:
    """Terms with what is to be said of each."""
    items = "".join(f"<div><dt>{text(term)}</dt><dd>{told}</dd></div>" for term, told in pairs)
    return Html(f'<dl class="lg-facts">{items}</dl>')
