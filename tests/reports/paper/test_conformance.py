"""What PDF/A-2a and PDF/UA-1 ask of the pack, read from the file by qpdf, not by the compiler that made it.

No validator of these standards can be installed by the tests; what ISO 19005-2 and ISO 14289-1 ask of a file
without forms, attachments and links is looked at here one by one.
"""

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pikepdf
import pytest

from reports.board_pdf import pack
from reports.snapshot import Snapshot
from tests.reports.paper import cases

TEXT = {"Tj", "TJ", "'", '"'}
PAINT = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "EI", *TEXT}
DEVICE = {"g", "G", "rg", "RG", "k", "K"}
STANDARD = {
    "/Document", "/Part", "/Sect", "/Div", "/P", "/H1", "/H2", "/L", "/LI", "/Lbl", "/LBody", "/Span",
    "/Table", "/THead", "/TBody", "/TR", "/TH", "/TD", "/Figure", "/Caption",
}  # fmt: skip
"""Types of ISO 32000-1, 14.8.4, that the pack may use."""
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


@pytest.fixture(scope="module", params=["as it is", "long names", "no evidence"])
def pdf(request: pytest.FixtureRequest, demo: Snapshot) -> Iterator[pikepdf.Pdf]:
    made = {
        "as it is": lambda: demo,
        "long names": lambda: cases.renamed(demo, lambda _: f"{cases.HEBREW} {cases.LONG}"),
        "no evidence": lambda: cases.nothing(demo),
    }[request.param]()
    with pikepdf.open(io.BytesIO(pack(made))) as opened:
        yield opened


def test_the_file_is_sound_and_holds_nothing_that_an_archive_refuses(pdf: pikepdf.Pdf) -> None:
    assert pdf.check_pdf_syntax() == []
    assert not pdf.is_encrypted
    assert len(pdf.trailer.ID) == 2
    for name in (
        "/AcroForm",
        "/AA",
        "/OpenAction",
        "/Names",
        "/Collection",
        "/Requirements",
        "/OCProperties",
    ):
        assert name not in pdf.Root
    for found in pdf.objects:
        if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            assert str(found.get("/S")) not in ("/JavaScript", "/Launch", "/Sound", "/Movie", "/URI")
            assert str(found.get("/Type")) not in ("/EmbeddedFile", "/Filespec", "/Action")
            assert "/F" not in found or not isinstance(found, pikepdf.Stream), "content outside the file"
            assert "/LZWDecode" not in str(found.get("/Filter"))


def test_the_metadata_claim_the_standards_and_agree_with_the_document(pdf: pikepdf.Pdf) -> None:
    xmp, info = ET.fromstring(pdf.Root.Metadata.read_bytes()), pdf.docinfo

    def said(path: str) -> str:
        found = xmp.find(f".//{path}", NAMESPACES)
        assert found is not None, path
        return "".join(found.itertext())

    assert (said("pdfaid:part"), said("pdfaid:conformance"), said("pdfuaid:part")) == ("2", "A", "1")
    assert said("dc:title") == str(info.Title)
    assert said("dc:creator") == str(info.Author)
    assert said("dc:description") == str(info.Subject)
    assert said("pdf:Keywords") == str(info.Keywords)
    for name, entry in (("CreateDate", info.CreationDate), ("ModifyDate", info.ModDate)):
        digits = re.sub(r"\D", "", said(f"xmp:{name}"))[:14]
        assert digits == re.sub(r"\D", "", str(entry))[:14]


def test_colours_mean_the_same_everywhere_and_nothing_is_translucent(pdf: pikepdf.Pdf) -> None:
    (intent,) = pdf.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    profile = intent.DestOutputProfile.read_bytes()
    assert (profile[36:40], profile[16:20], int(intent.DestOutputProfile.N)) == (b"acsp", b"RGB ", 3)
    for page in pdf.pages:
        assert "/Group" not in page
        assert "/ExtGState" not in page.Resources
        assert "/XObject" not in page.Resources
        kinds = {str(space[0]) for space in page.Resources.ColorSpace.values()}
        assert kinds == {"/ICCBased"}
        assert not {str(step.operator) for step in _steps(page)} & DEVICE


def test_every_font_is_in_the_file_and_every_sign_can_be_read_out(pdf: pikepdf.Pdf) -> None:
    fonts = {
        str(font.BaseFont): font for page in pdf.pages for font in page.Resources.get("/Font", {}).values()
    }
    assert fonts
    for name, font in fonts.items():
        (inner,) = font.DescendantFonts
        assert {"/FontFile2", "/FontFile3"} & set(inner.FontDescriptor.keys()), name
        assert re.fullmatch(r"/[A-Z]{6}\+(SourceSans3|NotoSans)\S*", name), "a subset of a shipped font"
        assert font.Encoding == "/Identity-H"
        assert "beginbfchar" in font.ToUnicode.read_bytes().decode()


def test_everything_on_a_page_is_either_told_or_marked_as_decoration(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        assert page.Tabs == "/S"
        assert "/Annots" not in page
        depth = 0
        for step in _steps(page):
            operator = str(step.operator)
            if operator in ("BDC", "BMC"):
                tag = str(step.operands[0])
                inside = step.operands[1] if operator == "BDC" else {}
                assert tag == "/Artifact" or "/MCID" in inside or depth, tag
                depth += 1
            depth -= operator == "EMC"
            assert depth or operator not in PAINT, f"{operator} outside the structure"
        assert depth == 0


def test_the_document_says_its_language_title_and_that_it_is_tagged(pdf: pikepdf.Pdf) -> None:
    assert str(pdf.Root.Lang) == "en"
    assert bool(pdf.Root.MarkInfo.Marked)
    assert not bool(pdf.Root.MarkInfo.get("/Suspects", False))
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    assert pdf.Root.StructTreeRoot.ParentTree is not None
    roles = {name: str(role) for name, role in pdf.Root.StructTreeRoot.RoleMap.items()}
    assert {roles.get(kind, kind) for kind, _ in _elements(pdf)} <= STANDARD


def test_headings_skip_no_level(pdf: pikepdf.Pdf) -> None:
    levels = [int(kind[2:]) for kind, _ in _elements(pdf) if re.fullmatch(r"/H\d", kind)]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_headings_with_a_scope_and_rows_of_one_length(pdf: pikepdf.Pdf) -> None:
    tables = [element for kind, element in _elements(pdf) if kind == "/Table"]
    assert tables
    for table in tables:
        rows = [
            [str(cell.S) for cell in _children(row)]
            for part in _children(table)
            for row in ([part] if part.S == "/TR" else _children(part))
            if row.S == "/TR"
        ]
        assert set(rows[0]) == {"/TH"}
        assert len({len(row) for row in rows}) == 1
    for kind, element in _elements(pdf):
        if kind == "/TH":
            attributes = element.A if isinstance(element.A, pikepdf.Array) else [element.A]
            assert any("/Scope" in each for each in attributes)


def test_drawings_have_words(demo: Snapshot, pdf: pikepdf.Pdf) -> None:
    figures = [element for kind, element in _elements(pdf) if kind == "/Figure"]

    assert all(len(str(figure.get("/Alt", ""))) > 20 for figure in figures)
    with pikepdf.open(io.BytesIO(pack(demo))) as whole:
        assert sum(kind == "/Figure" for kind, _ in _elements(whole)) > 3


def _steps(page: pikepdf.Page) -> Iterator[Any]:
    yield from pikepdf.parse_content_stream(page)


def _elements(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Dictionary]]:
    """Every element of the structure with its kind, in reading order."""
    waiting = _children(pdf.Root.StructTreeRoot)[::-1]
    while waiting:
        element = waiting.pop()
        yield str(element.S), element
        waiting += _children(element)[::-1]


def _children(element: pikepdf.Dictionary) -> list[pikepdf.Dictionary]:
    found = element.get("/K", [])
    every = list(found) if isinstance(found, pikepdf.Array) else [found]
    return [child for child in every if isinstance(child, pikepdf.Dictionary) and "/S" in child]
