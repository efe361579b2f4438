"""The page names Streamlit's parts that it will need; every name is a file that is there."""

import re

from ui.door.middleware import shell
from ui.door.preload import PARTS, STATIC, links

NAMED = re.compile(r'<link rel="modulepreload" crossorigin href="\./(static/js/[^"]+)">')


def test_every_part_is_named_and_every_name_is_a_file() -> None:
    files = NAMED.findall(links())
    for part in PARTS:
        assert any(file.startswith(f"static/js/{part}.") for file in files), (
            f"Streamlit has no {part} any more"
        )
    assert all((STATIC / file).is_file() for file in files)


def test_nothing_is_named_twice_and_no_chart_at_all() -> None:
    page = (STATIC / "index.html").read_bytes()
    named = NAMED.findall(shell(page).decode())
    assert len(named) == len(set(named))
    assert len(named) > len(NAMED.findall(page.decode()))
    assert not any("Plotly" in file for file in named)
