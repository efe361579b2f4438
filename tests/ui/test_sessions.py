"""Identity cookies, links to files, and the door where the store cannot be read."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from storage.errors import StoreError
from storage.store import Store
from tests.e2e.provider import COOKIE, SECRET, signed
from tests.ui.asgi import served
from tests.ui.retailer import Made, row, write
from ui import stores
from ui.door import door, sessions
from ui.door.door import Door, returning
from ui.door.links import Links, offered
from ui.door.sessions import Session, SignOuts
from ui.door.signin import SignIn

SETTINGS = SignIn("https://liftgate.example", SECRET, "groups", {"marketer": frozenset({"crm"})})
CLAIMS = {
    "sub": "ada", "name": "Ada", "groups": ["crm"], "origin": SETTINGS.origin, "is_logged_in": True,
}  # fmt: skip
AWAY = "The store is away."
NOW = dt.datetime.now(dt.UTC)
SESSION = Session("ada", "Ada", frozenset({"marketer"}), NOW - dt.timedelta(minutes=1))
LINK = "/media/" + "a" * 56 + ".csv"


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a store, and nobody signed out."""
    monkeypatch.delenv("LIFTGATE_STORE", raising=False)
    monkeypatch.setenv("LIFTGATE_WORKSPACE", str(tmp_path))
    monkeypatch.setattr(sessions, "SIGN_OUTS", SignOuts())
    return write(tmp_path, [Made(rows=[row()])])


def ask(path: str, cookie: str = "", send: Callable[..., Any] | None = None, **scope: object) -> list[Any]:
    """What the door answers; what it lets in answers 200."""
    sent: list[Any] = []

    async def inner(_scope: Any, _receive: Any, answer: Any) -> None:
        headers = [(b"set-cookie", b"x=1; HttpOnly")]
        await answer({"type": "http.response.start", "status": 200, "headers": headers})
        await answer({"type": "http.response.body", "body": b"inside"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def noted(message: Any) -> None:
        sent.append(message)

    made = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "client": ("10.0.0.9", 5),
        "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())], **scope,
    }  # fmt: skip
    served(Door(inner, SETTINGS), made, receive, send or noted)
    return sent


def test_the_cookie_says_who_with_which_roles_and_since_when() -> None:
    at = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
    assert sessions.of({COOKIE: signed(CLAIMS, at)}, SETTINGS) == Session(
        "ada", "Ada", frozenset({"marketer"}), at
    )
    unnamed = {name: value for name, value in CLAIMS.items() if name != "name"}
    nameless = sessions.of({COOKIE: signed({**unnamed, "email": "ada@example.com"})}, SETTINGS)
    assert nameless is not None
    assert nameless.name == "ada@example.com"


@pytest.mark.parametrize("value", ["", ".", "a.b.c", signed(CLAIMS, secret="x" * 40), "é", "null"])
def test_nobody_vouches_for_anything_else(value: str) -> None:
    assert sessions.of({COOKIE: value}, SETTINGS) is None
    assert sessions.of({f"{COOKIE}_1": signed(CLAIMS)}, SETTINGS) is None


def test_a_session_holds_until_its_age_or_a_sign_out(workspace: Path) -> None:
    def since(**age: float) -> Session:
        return SESSION._replace(started_at=dt.datetime.now(dt.UTC) - dt.timedelta(**age))

    assert sessions.lasts(since(hours=7.99), SETTINGS)
    assert not sessions.lasts(since(hours=8), SETTINGS)
    assert not sessions.lasts(since(hours=-1), SETTINGS)
    with Store.open(f"sqlite:///{workspace / 'liftgate.db'}") as store:
        store.signed_in("ada", "Ada", ["marketer"])
        store.sign_out("somebody", "ada", "left the company")
    sessions.SIGN_OUTS = SignOuts()
    assert not sessions.lasts(since(seconds=1), SETTINGS)
    assert sessions.lasts(since(seconds=1)._replace(subject="eve"), SETTINGS)
    assert sessions.lasts(since(seconds=-1), SETTINGS)


def test_a_sign_out_that_the_store_cannot_keep_still_holds_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Store:
        raise StoreError(AWAY)

    outs = SignOuts()
    monkeypatch.setattr(stores, "current", broken)
    with pytest.raises(StoreError):
        outs.end(SESSION, "by themselves")
    monkeypatch.setattr(stores, "current", lambda: None)
    ended = outs.last("ada")
    assert ended is not None
    assert ended >= NOW


def test_where_sign_outs_cannot_be_read_nobody_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_subject: str) -> None:
        raise StoreError(AWAY)

    assert ask("/", signed(CLAIMS))[0]["status"] == 200
    monkeypatch.setattr(sessions.SIGN_OUTS, "last", broken)
    sent = ask("/", signed(CLAIMS))
    assert sent[0]["status"] == 503
    assert b"inside" not in sent[1]["body"]


def test_over_tls_every_cookie_is_for_tls_only() -> None:
    inside, outside = ask("/", signed(CLAIMS)), ask("/")
    for sent in (inside, outside):
        cookies = [value for name, value in sent[0]["headers"] if name == b"set-cookie"]
        assert cookies
        assert all(value.endswith(b"; Secure") for value in cookies)


def test_below_another_path_nothing_is_served() -> None:
    sent = ask(f"/x{LINK}", signed(CLAIMS), root_path="/x")
    assert sent[0]["status"] == 404


def test_a_page_comes_from_a_known_address_alone() -> None:
    assert returning("%2Fconsent%3Fjourney%3Dx") == "/consent?journey=x"
    for bad in (
        "",
        "%2Fx",
        "%2F%2Fevil",
        "https%3A%2F%2Fevil",
        "%2Fconsent%3F%0D",
        "%2Fconsent%3F%5C",
        "%252Fconsent",
    ):
        assert returning(bad) == "/"


def message(**parts: str) -> bytes:
    """A message of Streamlit's with a link, or with words, in it."""
    made = ForwardMsg()
    if "button" in parts:
        made.delta.new_element.download_button.url = parts["button"]
    if "deferred" in parts:
        made.backend_operation_response.deferred_file.url = parts["deferred"]
    if "html" in parts:
        made.delta.new_element.html.body = parts["html"]
    if "typed" in parts:
        made.delta.new_element.text_input.value = parts["typed"]
    return made.SerializeToString()


def test_only_what_the_app_offers_is_a_link() -> None:
    assert list(offered(message(button=LINK))) == [LINK]
    assert list(offered(message(deferred=LINK))) == [LINK]
    assert list(offered(message(html=f"<a href='{LINK}'>nothing like {LINK}</a>"))) == []
    assert list(offered(message(typed=LINK))) == []


def test_links_are_a_sessions_own_and_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    links, later = Links(), SESSION._replace(started_at=NOW)
    links.note(SESSION, message(button=LINK))
    assert links.offered(SESSION, LINK)
    assert not links.offered(later, LINK)
    assert not links.offered(SESSION, f"{LINK}x")
    monkeypatch.setattr("ui.door.links.MOST_LINKS", 2)
    for number in range(2):
        links.note(SESSION, message(button=f"/media/{number}.csv"))
    assert not links.offered(SESSION, LINK)
    assert links.offered(SESSION, "/media/1.csv")


def test_what_is_open_needs_no_cookie() -> None:
    for path in door.OPEN:
        assert ask(path)[0]["status"] == 200
