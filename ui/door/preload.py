"""Streamlit's own parts that every page needs, named in the page so that the browser need not find out."""

import re
from functools import cache
from pathlib import Path

import streamlit

PARTS = ("Html", "Selectbox", "ButtonGroup", "DownloadButton")
"""Elements that most pages show. Charts are left out: the words come first."""

STATIC = Path(streamlit.__file__).with_name("static")
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([^"']+\.js)["']""")


@cache
def links() -> str:
    """Links for the head of the page: to the files of these parts and to what those import.

    Streamlit asks for an element's file only once the app sends such an element, and for what that file
    imports only once it is there.
    """
    named = (STATIC / "index.html").read_text(encoding="utf-8")
    return "".join(
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">'
        for name in _files()
        if f"/{name}" not in named
    )


def _files() -> list[str]:
    folder = STATIC / "static" / "js"
    found: dict[str, None] = {}
    waiting = [file.name for part in PARTS for file in sorted(folder.glob(f"{part}.*.js"))]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting.extend(_IMPORT.findall((folder / name).read_text(encoding="utf-8")))
    return list(found)
