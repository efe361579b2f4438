"""Which issue of the pack this is: frozen or not, which version, and what moved since the one before."""

from metrics import formatting
from reports.paper.blocks import Block, Cell, Column, Heading, Note, Section, Table
from reports.paper.material import Material
from reports.wording.privacy_words import counted
from storage.frozen import Version

MOST = 60
"""Figures that moved which are printed; the manifest has all."""


def issue(material: Material) -> str:
    """In a few words, for the line beneath the title."""
    version = material.version
    if version is None:
        return "Not frozen: figures of the quarter can still change"
    return f"Version {version.version}, frozen {_when(material, version)} by {version.actor}"


def moved(material: Material) -> list[Section]:
    """What a correction changed; nothing for the first version."""
    version = material.version
    if version is None or version.version == 1:
        return []
    columns = [
        Column("Whose", width=1.5),
        Column("Figure", width=1.2),
        Column("Before", right=True, width=1),
        Column("After", right=True, width=1),
    ]
    body = [
        [Cell(item.about, strong=True), Cell(item.figure), Cell(item.before), Cell(item.after)]
        for item in version.moved[:MOST]
    ]
    title = f"What moved since version {version.version - 1}"
    rest = len(version.moved) - MOST
    blocks: list[Block] = [
        Heading(f"Why: {version.reason}"),
        Note(
            "Every figure that this pack rests on and that is other than before; a dash means not available."
        ),
        Table(title, columns, body, dense=True),
    ]
    if rest > 0:
        blocks.append(Note(f"And {counted(rest, 'more figure')}: see manifest.json of the export."))
    return [Section(title, blocks, under=issue(material))]


def _when(material: Material, version: Version) -> str:
    return formatting.clock(version.frozen_at.astimezone(material.snapshot.zone))
