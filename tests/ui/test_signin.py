"""What secrets.toml may say about signing in, and every way in which it says too little."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from policy.roles import ADMIN, EXECUTIVE, MARKETER, PRIVACY
from tests.ui.conftest import ROOT
from ui.door.signin import SignIn, SignInError, understood

AUTH = {
    "redirect_uri": "https://liftgate.example/oauth2callback",
    "cookie_secret": "0123456789abcdef" * 4,
    "client_id": "liftgate",
    "client_secret": "unimportant",
    "server_metadata_url": "https://login.example/.well-known/openid-configuration",
}
OURS: dict[str, Any] = {"roles_claim": "groups"}


def said(auth: Mapping[str, Any] | None = None, ours: Mapping[str, Any] | None = None) -> SignIn:
    """What the file says, with some of it changed; None takes a setting away."""
    changed = [{**AUTH, **(auth or {})}, {**OURS, **(ours or {})}]
    kept = [{name: value for name, value in part.items() if value is not None} for part in changed]
    found = understood({"auth": kept[0], "liftgate": kept[1]})
    assert found is not None
    return found


def test_without_either_table_nobody_signs_in() -> None:
    assert understood({}) is None
    assert understood({"database": {"password": "x"}}) is None


def test_the_least_that_is_enough() -> None:
    found = said()
    assert found.origin == "https://liftgate.example"
    assert found.secure
    assert found.session_hours == 8
    assert found.roles_of({"groups": ["marketer", "skating"]}) == {MARKETER}


@pytest.mark.parametrize("name", list(AUTH))
def test_half_an_auth_table_names_what_it_lacks(name: str) -> None:
    for value in (None, ""):
        with pytest.raises(SignInError, match=rf"\[auth\] lacks {name}\."):
            said({name: value})


@pytest.mark.parametrize(
    ("auth", "ours", "fault"),
    [
        ({"cookie_secret": "x" * 31}, {}, "cookie_secret has 31 characters and needs 32"),
        ({"redirect_uri": "http://liftgate.example/oauth2callback"}, {}, "redirect_uri is"),
        ({"redirect_uri": "https://liftgate.example/"}, {}, "redirect_uri is"),
        ({"server_metadata_url": "http://login.example/x"}, {}, "server_metadata_url must begin with https"),
        ({"client_id": 7}, {}, "client_id must be a text"),
        ({"cliend_id": "x"}, {}, "does not know cliend_id. Did you mean client_id"),
        ({"google": {"client_id": "x"}}, {}, "at one provider"),
        ({"expose_tokens": "id"}, {}, "does not know expose_tokens"),
        ({}, {"roles_claim": None}, "lacks roles_claim"),
        ({}, {"roles_claim": " "}, "lacks roles_claim"),
        ({}, {"role_claim": "x"}, "Did you mean roles_claim"),
        ({}, {"roles": {"marketeer": ["x"]}}, "Did you mean marketer"),
        ({}, {"roles": {"marketer": "crm"}}, "marketer must be a list of texts"),
        ({}, {"roles": {"marketer": [""]}}, "marketer must be a list of texts"),
        ({}, {"roles": {}}, "gives nobody a role"),
        ({}, {"roles": ["crm"]}, "must give a list"),
        ({}, {"session_hours": 0}, "session_hours must be a number above 0"),
        ({}, {"session_hours": True}, "session_hours must be a number above 0"),
        ({}, {"session_hours": 1000}, "at most 720"),
    ],
)
def test_what_is_wrong_is_said(auth: Mapping[str, Any], ours: Mapping[str, Any], fault: str) -> None:
    with pytest.raises(SignInError, match=fault):
        said(auth, ours)


def test_every_fault_is_listed_at_once() -> None:
    with pytest.raises(SignInError) as told:
        said({"client_secret": None, "client_id": None}, {"roles_claim": None})
    assert str(told.value).count("\n") == 3


@pytest.mark.parametrize("secrets", [{"auth": AUTH}, {"liftgate": OURS}, {"auth": {}}, {"auth": "yes"}])
def test_one_table_without_the_other_is_refused(secrets: Mapping[str, Any]) -> None:
    with pytest.raises(SignInError):
        understood(secrets)


def test_below_another_path_is_refused() -> None:
    with pytest.raises(SignInError, match="at the root of a host name"):
        understood({"auth": AUTH, "liftgate": OURS}, "shop")


def test_groups_of_ones_own_stand_for_roles() -> None:
    found = said({}, {"roles": {EXECUTIVE: ["board"], PRIVACY: ["dpo", "legal"]}})
    assert found.roles_of({"groups": ["legal", "board"]}) == {EXECUTIVE, PRIVACY}
    assert found.roles_of({"groups": "dpo"}) == {PRIVACY}
    assert found.roles_of({"groups": ["executive", "Board", "admin"]}) == frozenset()


@pytest.mark.parametrize("value", [None, 7, {"admin": True}, [["admin"]], "admin,privacy", "", [None]])
def test_a_claim_of_another_shape_gives_no_role(value: object) -> None:
    assert said().roles_of({"groups": value}) == frozenset()
    assert said().roles_of({}) == frozenset()


def test_a_claim_may_lie_within_another_or_be_called_like_an_address() -> None:
    inner = said({}, {"roles_claim": "realm_access.roles"})
    assert inner.roles_of({"realm_access": {"roles": ["admin"]}}) == {ADMIN}
    assert inner.roles_of({"realm_access": "admin"}) == frozenset()
    named = said({}, {"roles_claim": "https://example.com/roles"})
    assert named.roles_of({"https://example.com/roles": ["admin"]}) == {ADMIN}


def start(folder: Path, text: str, address: str = "127.0.0.1") -> subprocess.CompletedProcess[str]:
    """Load the app with a secrets file."""
    file = folder / "secrets.toml"
    file.write_text(text, encoding="utf-8")
    code = (
        "from streamlit import config\n"
        f"config.set_option('secrets.files', [{str(file)!r}])\n"
        f"config.set_option('server.address', {address!r})\n"
        "import app; print('started', app.settings is not None)"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )


def toml(**tables: Mapping[str, str]) -> str:
    """Tables of texts as TOML."""
    return "".join(
        f"[{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in table.items())
        for name, table in tables.items()
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (toml(auth={**AUTH, "cookie_secret": "short"}, liftgate=OURS), "cookie_secret has 5 characters"),
        (toml(auth=AUTH), "lacks roles_claim"),
        ("[auth\n", "The secrets cannot be read"),
    ],
)
def test_the_app_does_not_start_half_set_up(text: str, reason: str, tmp_path: Path) -> None:
    found = start(tmp_path, text)
    assert found.returncode == 1
    assert "Liftgate does not start." in found.stderr
    assert reason in found.stderr
    assert AUTH["cookie_secret"] not in found.stderr


def test_with_sign_in_it_may_listen_to_a_network(tmp_path: Path) -> None:
    found = start(tmp_path, toml(auth=AUTH, liftgate=OURS), "0.0.0.0")
    assert "started True" in found.stdout, found.stderr
