"""Each role opens its pages and nothing else, and never loads a table that is not for it."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from policy.roles import ADMIN, EXECUTIVE, MARKETER, PRIVACY, ROLES, may_load
from reports.snapshot import Snapshot, WithheldError
from storage.store import Store
from tests.ui import growing, privacy_tables
from tests.ui.conftest import ROOT, markup, words
from tests.ui.growing import category, curve, followed, sku
from tests.ui.retailer import Made, check, row
from ui import access, data
from ui.access import Reader
from ui.governance import gate_data
from ui.site import BY_PATH, SCREENS, Screen

Open = Callable[..., AppTest]
REFUSED = "Not for your role"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A retailer with rows in every table that a page shows."""
    made = Made(
        journey="cart", rows=[row()], days=30, checks=[check("sample_ratio")], exclusions={"consent": (9, 9)}
    )
    tables = privacy_tables
    return growing.write(
        tmp_path_factory.mktemp("roles"),
        made,
        sku_lift=[sku("TEA-1", 1.0, 0.01)],
        category_lift=[category("tea", 0.2), category("*all*", 0.2)],
        survival=[*curve(), *curve(arm="personalised", loss=0.003)],
        survival_effects=[followed()],
        consent=[tables.joint("cart", leaks=5), tables.purpose()],
        consent_alerts=[tables.week()],
        dsr_requests=[tables.request(1), tables.request(2, "overdue", -3)],
        dsr_sla=[tables.service()],
        minimization=[tables.score()],
        minimization_fields=[tables.field("pregnancy", 8)],
        vendors=[tables.vendor()],
        inference=[tables.model(journey="cart")],
        net_value=[tables.net("cart")],
        journeys=[{"journey": "cart", "period": "2026Q3", "status": "ok", "leakage_events": 5}],
    )


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reader]:
    """Read as somebody with these roles."""

    def become(*roles: str) -> Reader:
        who = Reader("Ada", "ada", frozenset(roles), "Signed in as Ada.")
        monkeypatch.setattr(access, "reader", lambda: who)
        return who

    return become


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that have been read from the store for the reader; gates are judged on the whole run."""
    found: list[str] = []
    read, count, whole = Store.figures, Store.skus_called_different, gate_data.load

    class ForTheGate(Store):
        """The same store, unwatched."""

        figures, skus_called_different = read, count

    def figures(self: Store, table: str, run_id: int, *, experiment: str | None = None) -> pl.DataFrame:
        found.append(table)
        return read(self, table, run_id, experiment=experiment)

    def counted(self: Store, run_id: int, rate: float) -> pl.DataFrame:
        found.append("sku_lift")
        return count(self, run_id, rate)

    def load(store: Store, run_id: int, *, late: bool) -> Snapshot:
        return whole(ForTheGate(store.engine, store.anchor), run_id, late=late)

    monkeypatch.setattr(Store, "figures", figures)
    monkeypatch.setattr(Store, "skus_called_different", counted)
    monkeypatch.setattr(gate_data, "load", load)
    return found


def test_every_page_stands_in_the_list_with_its_roles() -> None:
    files = {file.stem for file in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert {screen.file for screen in SCREENS} == files, "give a new page its line in ui/site.py"
    assert all(screen.roles and screen.roles <= ROLES for screen in SCREENS)
    assert len(BY_PATH) == len(SCREENS)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.file)
def test_every_page_asks_who_is_reading_before_anything_else(screen: Screen) -> None:
    body = ast.parse((ROOT / "pages" / f"{screen.file}.py").read_text(encoding="utf-8")).body
    acts = [node for node in body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert ast.unparse(acts[0]) == f"access.require({screen.path!r})"


def test_the_store_has_few_doors_and_each_asks_who_is_reading() -> None:
    """What shows evidence goes through a few doors of `ui`; the others keep sign-ins and the log."""
    doors = {
        "acts",
        "annotation_data",
        "data",
        "export_data",
        "gate_data",
        "journal",
        "log",
        "sessions",
        "stores",
    }
    for file in [*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]:
        text = file.read_text(encoding="utf-8")
        opens = re.search(r"\bstores\.(current|opened)\(|\bStore\.open\(", text)
        assert not opens or file.stem in doors, f"{file.name} opens the store: load evidence through ui.data"


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.file)
def test_a_role_opens_its_pages_and_loads_what_is_its_own(
    screen: Screen, role: str, workspace: Path, open_app: Open, be: Callable[..., Reader], read: list[str]
) -> None:
    be(role)
    open_app(workspace)
    if role not in screen.roles and screen.path:
        with pytest.raises(ValueError, match=f"Could not find a navigation page for .*{screen.file}"):
            open_app(workspace, screen.path)
    else:
        assert REFUSED not in words(open_app(workspace, screen.path))
    assert read or role == ADMIN, "nothing was watched"
    assert [table for table in read if not may_load(table, {role})] == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.file)
def test_a_page_refuses_by_itself_whoever_brought_the_reader_there(
    screen: Screen,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    be: Callable[..., Reader],
    read: list[str],
) -> None:
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(workspace))
    be("nothing known")
    app = AppTest.from_file(str(ROOT / "pages" / f"{screen.file}.py"), default_timeout=20).run()
    assert not app.exception
    assert REFUSED in words(app)
    assert read == []


@pytest.mark.parametrize(
    ("role", "first"),
    [(PRIVACY, "Consent"), (ADMIN, "Audit"), (EXECUTIVE, "Board"), (MARKETER, "Journeys")],
)
def test_the_first_page_is_the_first_that_the_reader_may_open(
    role: str, first: str, workspace: Path, open_app: Open, be: Callable[..., Reader]
) -> None:
    be(role)
    app = open_app(workspace)
    assert f">{first}" in markup(app)
    assert REFUSED not in words(app)


def test_menu_and_links_lead_only_where_the_reader_may_go(
    workspace: Path, open_app: Open, be: Callable[..., Reader]
) -> None:
    be(EXECUTIVE)
    app = open_app(workspace)
    side = "".join(element.proto.body for element in app.sidebar if element.type == "html")
    assert 'href="./methods"' in side
    assert 'href="./consent"' not in side
    assert "Privacy" not in side
    assert 'href="./experiment?' not in markup(app)
    be(EXECUTIVE, MARKETER)
    assert 'href="./experiment?' in markup(open_app(workspace))


def test_the_overview_tells_of_waiting_requests_only_whom_they_concern(
    workspace: Path, open_app: Open, be: Callable[..., Reader]
) -> None:
    be(MARKETER)
    assert "overdue" not in words(open_app(workspace))
    be(MARKETER, PRIVACY)
    assert "1 request is overdue" in words(open_app(workspace))


def test_what_one_role_has_loaded_is_not_there_for_another(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, be: Callable[..., Reader]
) -> None:
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(workspace))
    be(*ROLES)
    everything = data.current()
    be(MARKETER)
    found = data.current()
    assert isinstance(everything, data.Loaded)
    assert isinstance(found, data.Loaded)
    assert everything.snapshot.table("vendors").height == 1
    assert "vendors" not in found.snapshot.frames
    with pytest.raises(WithheldError, match="The table vendors is not for this reader"):
        found.snapshot.table("vendors")
    with pytest.raises(WithheldError):
        data.figures("vendors", 1)
    assert data.figures("effects", 1).height


def test_without_a_role_nothing_is_loaded(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, be: Callable[..., Reader], read: list[str]
) -> None:
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(workspace))
    be("root")
    for ask in (lambda: data.runs(1), lambda: data.verdicts(1), lambda: data.figures("journeys", 1)):
        with pytest.raises(WithheldError):
            ask()
    found = data.current()
    assert isinstance(found, data.Loaded)
    assert dict(found.snapshot.frames) == {}
    assert read == []
    assert not access.may_open("unheard-of")
