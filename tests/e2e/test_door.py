"""Whoever is not signed in, or has no role, gets nothing: no page, no name, no file, no connection."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from storage import audit
from storage.store import Store
from tests.e2e.provider import (
    COOKIE,
    PEOPLE,
    connected,
    cookies_of,
    finish,
    links,
    provider,
    refused,
    signed,
    signing_in,
)
from tests.ui import growing, privacy_tables
from tests.ui.retailer import Made, row
from ui.site import SCREENS, Screen

FILES = (f"/media/{'a' * 56}.csv", "/_stcore/metrics", "/_stcore/host-config", "/session", "/app/static/x")
NAMES = {screen.title for screen in SCREENS} | {screen.path for screen in SCREENS if screen.path}
ONE_OF_EACH = {screen.section: screen for screen in reversed(SCREENS)}.values()
"""The first page of each section of the menu, and one that stands in none."""
REFUSED = b"Not for your role"

Visitor = Callable[[str], httpx.Client]
Enter = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider."""
    with provider() as address:
        yield address


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One experiment and one vendor."""
    made = Made(journey="cart", rows=[row()], days=30)
    vendors = [privacy_tables.vendor("Harbour Cloud")]
    return growing.write(tmp_path_factory.mktemp("door"), made, vendors=vendors)


@pytest.fixture(scope="module")
def app(workspace: Path, issuer: str) -> Iterator[str]:
    """The address of the app, where people sign in."""
    with signing_in(workspace, issuer, workspace) as address:
        yield address


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """People at an app's address, each with cookies of their own."""
    with ExitStack() as stack:
        yield lambda address: stack.enter_context(httpx.Client(base_url=address, timeout=20))


@pytest.fixture
def enter(visitor: Visitor) -> Enter:
    """People who have asked for a page of an app and signed in."""

    def entered(address: str, subject: str, path: str = "/") -> httpx.Client:
        client = visitor(address)
        client.get(path)
        finish(client, subject)
        return client

    return entered


def cookie(address: str, subject: str = "ada", *, hours: float = 0, secret: str = "", **other: object) -> str:
    """An identity cookie signed some hours ago."""
    claims = {"sub": subject, **PEOPLE[subject], "origin": address, "is_logged_in": True, **other}
    at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)
    return signed(claims, at, secret) if secret else signed(claims, at)


def get(address: str, path: str, made: str | None = None) -> httpx.Response:
    """Ask with an identity cookie."""
    return httpx.get(f"{address}{path}", headers={"cookie": f"{COOKIE}={made}"} if made else {})


def log(workspace: Path, action: str) -> list[tuple[str, Mapping[str, object]]]:
    """Who did what, newest first."""
    with Store.open(f"sqlite:///{workspace / 'liftgate.db'}") as store:
        return [
            (entry.actor, json.loads(entry.detail))
            for entry in audit.entries(store, audit.Search(action=action))
        ]


@pytest.mark.parametrize("screen", ONE_OF_EACH, ids=lambda screen: screen.file)
def test_the_first_request_to_a_fresh_server_may_be_a_signed_out_link_to_a_page(
    screen: Screen, workspace: Path, issuer: str, tmp_path: Path
) -> None:
    with signing_in(workspace, issuer, tmp_path) as address:
        answer = get(address, f"/{screen.path}?journey=Cart")
        assert answer.status_code == 401
        assert "<h1>Sign in</h1>" in answer.text
        words = answer.text.split("</style>")[1]
        assert not [name for name in NAMES if name in words]
        assert "<script" not in words
        assert answer.headers["cache-control"] == "no-store"
        assert refused(address)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda _: None, id="anonymous"),
        pytest.param(lambda _: "nonsense", id="nonsense"),
        pytest.param(lambda app: cookie(app, secret="f" * 64), id="forged"),
        pytest.param(lambda app: cookie(app)[:-2] + "xx", id="altered"),
        pytest.param(lambda app: cookie(app, hours=8.01), id="expired"),
        pytest.param(lambda app: cookie(app, hours=-1), id="of the future"),
        pytest.param(lambda _: cookie("https://elsewhere.example"), id="of another app"),
        pytest.param(lambda app: cookie(app, sub=""), id="without subject"),
        pytest.param(lambda app: cookie(app, is_logged_in="yes"), id="not logged in"),
        pytest.param(lambda app: cookie(app, "nora"), id="without role"),
        pytest.param(lambda app: cookie(app, groups="board,crm"), id="roles in one text"),
    ],
)
def test_no_cookie_but_a_good_one_opens_anything(make: Callable[[str], str | None], app: str) -> None:
    made = make(app)
    for path in ("/", "/consent", "/nowhere", *FILES):
        answer = get(app, path, made)
        assert answer.status_code in (401, 403), path
        assert not [name for name in NAMES if name in answer.text.split("</style>")[-1]]
    assert refused(app, f"{COOKIE}={made}" if made else "")
    assert get(app, "/", cookie(app)).status_code == 200


def test_signing_in_leads_to_the_page_that_was_asked_for(app: str, visitor: Visitor) -> None:
    client = visitor(app)
    kept = client.get("/sku-lift?experiment=cart%26x").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax"} <= {part.strip() for part in kept.split(";")}
    assert finish(client, "ada").headers["location"] == "/sku-lift?experiment=cart%26x"
    assert client.cookies.get("liftgate_return") is None
    assert client.get("/sku-lift").status_code == 200


@pytest.mark.parametrize(
    "remembered",
    [
        "", "//evil.example", "https://evil.example/consent", "/\\evil.example", "/nowhere", "/auth/logout",
        "/consent/..//evil", "/consent?x=\r\nset-cookie:y", "//evil.example/consent?x=1",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(remembered: str, app: str, visitor: Visitor) -> None:
    client = visitor(app)
    client.cookies.set("liftgate_return", quote(remembered, safe=""), domain="127.0.0.1")
    assert finish(client, "ada").headers["location"] == "/"


def test_a_sign_in_that_comes_to_nothing_says_so(app: str, visitor: Visitor) -> None:
    client = visitor(app)
    form = client.get("/sign-in", follow_redirects=True)
    denied = client.post(form.url, data={"action": "deny"})
    for answer in (client.get(denied.headers["location"]), get(app, "/oauth2callback?code=x&state=y")):
        assert answer.status_code == 401
        assert "Sign-in did not work" in answer.text
        assert COOKIE not in answer.headers.get("set-cookie", "").replace(f'{COOKIE}=""', "")


def test_a_large_identity_comes_in_several_cookies(
    workspace: Path, issuer: str, tmp_path: Path, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = {"name": "Grace", "groups": [*(str(uuid4()) for _ in range(150)), "crm"]}
    httpx.put(f"{issuer}/users/grace", json=grace).raise_for_status()
    monkeypatch.setenv("WEBSOCKETS_MAX_LINE_LENGTH", "16384")
    with signing_in(workspace, issuer, tmp_path) as address:
        client = enter(address, "grace")
        parts = cookies_of(client).split("; ")
        assert any(part.startswith(f"{COOKIE}_1=") for part in parts)
        assert client.get("/experiments").status_code == 200
        with connected(address, cookies_of(client)) as connection:
            assert b"Signed in as Grace (marketer)" in connection.rerun("experiments")
        without = [part for part in parts if not part.startswith(f"{COOKIE}_1=")]
        assert refused(address, "; ".join(without))


def test_an_identity_too_large_for_a_connection_is_told_so(app: str, issuer: str, visitor: Visitor) -> None:
    hugo = {"name": "Hugo", "groups": [*(str(uuid4()) for _ in range(150)), "crm"]}
    httpx.put(f"{issuer}/users/hugo", json=hugo).raise_for_status()
    client = visitor(app)
    answer = finish(client, "hugo")
    assert answer.status_code == 401
    assert "more about you than a connection can carry" in answer.text
    assert COOKIE not in client.cookies


def test_a_connection_shows_only_what_the_role_may_see(app: str, workspace: Path, enter: Enter) -> None:
    with connected(app, cookies_of(enter(app, "ada"))) as connection:
        told = connection.rerun("data-use")
    assert REFUSED in told
    assert b"Harbour Cloud" not in told
    with connected(app, cookies_of(enter(app, "priya"))) as connection:
        assert b"Harbour Cloud" in connection.rerun("data-use")
    refusal = {"subject": "ada", "roles": ["marketer"], "what": "page data-use"}
    assert ("Ada Byrne", refusal) in log(workspace, "access refused")


def test_another_site_cannot_use_somebodys_connection(app: str, enter: Enter) -> None:
    ada = cookies_of(enter(app, "ada"))
    with pytest.raises(InvalidStatus, match="403"), connected(app, ada, origin="https://evil.example"):
        pass


def test_a_file_goes_only_to_the_session_that_it_was_offered_to(
    app: str, workspace: Path, enter: Enter
) -> None:
    ada, again, priya = enter(app, "ada"), enter(app, "ada"), enter(app, "priya")
    with connected(app, cookies_of(ada)) as connection:
        connection.rerun("experiments")
        offered = links(connection.received)
        assert offered
        for link in offered:
            assert ada.get(link).status_code == 200
            assert httpx.head(f"{app}{link}").status_code == 401
            for made in (None, cookie(app, secret="f" * 64), cookie(app, hours=9), cookie(app, "nora")):
                assert get(app, link, made).status_code in (401, 403)
            assert priya.get(link).status_code == 403
            assert priya.get(f"/{link}").status_code != 200 or b"<html" in priya.get(f"/{link}").content
    assert again.get("/session").status_code == 204
    what = "a file that was not offered to this session"
    refusal = {"subject": "priya", "roles": ["privacy"], "what": what}
    assert ("Priya Nair", refusal) in log(workspace, "access refused")


def test_signing_out_ends_every_session_of_a_person_on_every_server(
    app: str, workspace: Path, issuer: str, tmp_path: Path, enter: Enter
) -> None:
    with signing_in(workspace, issuer, tmp_path, origin=app) as replica:
        desk, phone, eve = enter(app, "priya"), enter(app, "priya"), enter(app, "eve")
        copied = cookies_of(phone)
        with connected(app, copied) as one, connected(replica, copied, origin=app) as two:
            assert REFUSED not in one.rerun("consent") + two.rerun("consent")
            forced = desk.get("/auth/logout", headers={"sec-fetch-site": "cross-site"})
            assert forced.status_code == 403
            assert phone.get("/session").status_code == 204
            left = desk.get("/auth/logout").headers["location"]
            assert left.startswith(f"{issuer}/oauth2/end_session?")
            assert "id_token_hint=" in left
            assert (one.until_closed(), two.until_closed()) == (1008, 1008)
        for address in (app, replica):
            assert httpx.get(f"{address}/consent", headers={"cookie": copied}).status_code == 401
            assert refused(address, copied)
        assert "Your session has ended" in phone.get("/consent").text
        assert eve.get("/").status_code == 200
    act = {"subject": "priya", "reason": "by themselves"}
    assert log(workspace, "sign-out everywhere")[0] == ("Priya Nair", act)
    time.sleep(1)
    assert enter(app, "priya").get("/consent").status_code == 200


def test_a_session_ends_with_its_age_however_long_it_stays_open(
    workspace: Path, issuer: str, tmp_path: Path, enter: Enter
) -> None:
    with signing_in(workspace, issuer, tmp_path, hours=8 / 3600) as address:
        ada = enter(address, "ada")
        with connected(address, cookies_of(ada)) as connection:
            assert REFUSED not in connection.rerun("experiments")
            offered = links(connection.received)
            assert connection.until_closed() == 1008
        for path in ("/experiments", "/session", *offered):
            assert ada.get(path).status_code == 401
        assert refused(address, cookies_of(ada))


def test_what_a_sign_in_gives_is_recorded_and_what_it_no_longer_gives(
    app: str, workspace: Path, issuer: str, enter: Enter
) -> None:
    httpx.put(f"{issuer}/users/kim", json={"name": "Kim", "groups": ["crm", "dpo"]}).raise_for_status()
    enter(app, "kim")
    enter(app, "kim")
    assert not [detail for actor, detail in log(workspace, "role change") if actor == "Kim"]
    httpx.put(f"{issuer}/users/kim", json={"name": "Kim", "groups": ["crm"]}).raise_for_status()
    kim = enter(app, "kim")
    both, reason = ["marketer", "privacy"], "as the sign-in says"
    change = {"subject": "kim", "before": both, "after": ["marketer"], "reason": reason}
    assert log(workspace, "role change")[0] == ("Kim", change)
    assert log(workspace, "sign-in")[0] == ("Kim", {"subject": "kim", "roles": ["marketer"]})
    with connected(app, cookies_of(kim)) as connection:
        assert REFUSED in connection.rerun("data-use")
    with Store.open(f"sqlite:///{workspace / 'liftgate.db'}") as store:
        assert audit.verify(store).ok


def test_what_is_open_to_everybody_says_nothing_about_anybody(app: str) -> None:
    assert get(app, "/healthz").json() == {"status": "ok"}
    assert get(app, "/_stcore/health").text == "ok"
    assert get(app, "/favicon.png").status_code == 200
    assert get(app, "/sign-in").headers["location"].startswith("/auth/login?provider=")
