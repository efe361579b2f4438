"""Only this computer is answered, nothing is kept or sent elsewhere, and pages load no statistics."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ui.asgi import served
from ui.access import LOCAL, ROLES, reader
from ui.door.loopback import is_loopback
from ui.door.middleware import Headers, LocalOnly, Shell, content_policy, shell

ROOT = Path(__file__).parents[2]
PAGE = b"<html><head><title>Streamlit</title></head></html>"


async def inner(scope: Any, _receive: Any, send: Any) -> None:
    kind = b"text/html" if "." not in scope["path"] else b"text/javascript"
    headers = [(b"content-type", kind), (b"etag", b"x"), (b"cache-control", b"max-age=9")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:10], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[10:]})


def ask(app: Any, path: str = "/", client: str = "127.0.0.1", **headers: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = {"host": "127.0.0.1:8501", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "websocket" if path == "/_stcore/stream" else "http",
        "method": "GET",
        "path": path,
        "client": (client, 5),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    served(app, scope, receive, send)
    return sent


def headers_of(sent: list[dict[str, Any]]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "[::1]:80"])
def test_this_computer_is_answered(host: str) -> None:
    assert ask(LocalOnly(inner), host=host)[0]["status"] == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"client": "192.168.1.7"},
        {"host": "liftgate.example"},
        {"host": ""},
        {"x_forwarded_for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
    ],
)
def test_everybody_else_is_refused(asked: dict[str, str]) -> None:
    sent = ask(LocalOnly(inner), **asked)
    assert sent[0]["status"] == 403
    assert b"no sign-in is set up" in sent[1]["body"]
    assert ask(LocalOnly(inner), path="/_stcore/stream", **asked) == [
        {"type": "websocket.close", "code": 1008}
    ]


def test_a_health_check_is_answered_to_whoever_asks() -> None:
    assert ask(LocalOnly(inner), path="/healthz", client="10.0.0.9")[0]["status"] == 200


def test_every_answer_carries_the_headers_and_only_own_files_may_be_kept() -> None:
    for path in ("/", "/media/x.csv", "/_stcore/health"):
        found = headers_of(ask(Headers(inner), path=path))
        assert found["cache-control"] == "no-store"
        assert found["referrer-policy"] == "no-referrer"
        assert found["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert headers_of(ask(Headers(inner), path="/static/js/a.js"))["cache-control"] == "max-age=9"


def test_the_policy_names_no_other_place_and_no_loose_script() -> None:
    policy = content_policy(["x = 1"])
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]


def test_a_page_gets_the_apps_name_and_scripts_and_files_stay_as_they_are() -> None:
    sent = ask(Shell(inner))
    assert sent[1]["body"] == shell(PAGE)
    assert b"<title>Liftgate</title>" in sent[1]["body"]
    assert sent[1]["body"].count(b"<script") == 3
    assert headers_of(sent)["content-length"] == str(len(sent[1]["body"]))
    assert "etag" not in headers_of(sent)
    assert b"".join(part.get("body", b"") for part in ask(Shell(inner), path="/static/a.js")[1:]) == PAGE


def test_the_local_person_may_see_everything() -> None:
    assert reader() == LOCAL
    assert reader().roles == ROLES
    assert not is_loopback("liftgate.example")


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )


def test_pages_load_no_statistics() -> None:
    code = (
        "import sys, pathlib, importlib\n"
        "for file in pathlib.Path('ui').rglob('[a-z]*.py'):\n"
        "    if file.stem != 'router': importlib.import_module('.'.join(file.with_suffix('').parts))\n"
        "print([name for name in ('scipy', 'statsmodels', 'sklearn') if name in sys.modules])"
    )
    found = run(code)
    assert found.stdout.strip().endswith("[]"), found.stdout + found.stderr


def test_the_app_will_not_listen_to_a_network() -> None:
    found = run("from streamlit import config; config.set_option('server.address', '0.0.0.0'); import app")
    assert found.returncode == 1
    assert "Liftgate will not listen on 0.0.0.0: no sign-in is set up" in found.stderr
