"""A real OpenID Connect provider on this computer, and people who sign in with it without a browser."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.e2e.server import free_port, serving

SECRET = "0123456789abcdef" * 4
COOKIE = "_streamlit_user"
PEOPLE: dict[str, dict[str, Any]] = {
    "ada": {"name": "Ada Byrne", "groups": ["analytics", "crm"]},
    "priya": {"name": "Priya Nair", "groups": ["dpo"]},
    "eve": {"name": "Eve Hall", "groups": ["board"]},
    "nora": {"name": "Nora Quinn", "groups": ["visitors", "executive", "admin"]},
}
"""Claims by subject: a marketer, one for privacy, an executive, and one whose groups stand for no role."""
ROLES = 'executive = ["board"]\nmarketer = ["crm", "growth"]\nprivacy = ["dpo"]\nadmin = ["platform"]\n'


@contextmanager
def provider() -> Iterator[str]:
    """Give the address of a provider that knows `PEOPLE`; it ends with the block."""
    port = free_port()
    claims = [
        part for sub, known in PEOPLE.items() for part in ("--user-claims", json.dumps({"sub": sub, **known}))
    ]
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        *claims,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
                client.get(f"{address}/.well-known/openid-configuration").raise_for_status()
            yield address
        finally:
            process.terminate()


@contextmanager
def signing_in(
    workspace: Path, issuer: str, folder: Path, *, hours: float = 8, port: int = 0, origin: str = ""
) -> Iterator[str]:
    """Give the address of the app where people sign in; it ends with the block.

    Args:
        workspace: the folder.
        issuer: the provider's address.
        folder: where its secrets are written.
        hours: how long a session lasts.
        port: where it listens; 0 for a free one.
        origin: by which people reach it; default: where it listens.
    """
    port = port or free_port()
    file = folder / f"secrets-{port}.toml"
    file.write_text(
        f"""[auth]
redirect_uri = "{origin or f"http://127.0.0.1:{port}"}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "liftgate"
client_secret = "unimportant"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
[liftgate]
roles_claim = "groups"
session_hours = {hours}
[liftgate.roles]
{ROLES}""",
        encoding="utf-8",
    )
    with serving(workspace, "--secrets.files", str(file), port=port) as address:
        yield address


def finish(client: httpx.Client, subject: str) -> httpx.Response:
    """Sign a person in who has met the door; gives the app's last answer."""
    form = client.get("/sign-in", follow_redirects=True)
    answer = client.post(form.url, data={"sub": subject})
    return client.get(answer.headers["location"])


def signed(claims: Mapping[str, Any], at: datetime | None = None, secret: str = SECRET) -> str:
    """An identity cookie as Streamlit signs it, now or at another time."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(at.timestamp()) if at else super().get_timestamp()

    return str(URLSafeTimedSerializer(secret, salt=COOKIE, signer=Signer).dumps(json.dumps(claims)))


def cookies_of(client: httpx.Client) -> str:
    """A person's cookies as a header."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


@dataclass
class Connection:
    """A connection as the app's page opens it.

    Attributes:
        received: every message so far.
    """

    socket: ClientConnection
    received: list[bytes] = field(default_factory=list)

    def until_closed(self) -> int:
        """Listen until the app closes the connection; gives its code."""
        while True:
            try:
                self.socket.recv(timeout=15)
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 0

    def rerun(self, page: str = "", seconds: float = 15) -> bytes:
        """Ask for a page and give all that comes until its script has ended."""
        ask = BackMsg()
        ask.rerun_script.page_name = page
        self.socket.send(ask.SerializeToString())
        while True:
            frame = self.socket.recv(timeout=seconds)
            assert isinstance(frame, bytes)
            self.received.append(frame)
            if ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished":
                return b"".join(self.received)


@contextmanager
def connected(address: str, cookies: str = "", origin: str = "") -> Iterator[Connection]:
    """Open a connection with cookies, as the page's own script does."""
    token = httpx.get(f"{address}/_stcore/health").cookies.get("_streamlit_xsrf", "")
    kept = [part for part in cookies.split("; ") if part and not part.startswith("_streamlit_xsrf=")]
    with connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream",
        origin=origin or address,
        additional_headers={"Cookie": "; ".join([*kept, f"_streamlit_xsrf={token}"])},
        subprotocols=["streamlit", token],
        max_size=None,
    ) as socket:
        yield Connection(socket)


def refused(address: str, cookies: str = "") -> bool:
    """Whether a connection with these cookies is refused before anything is said."""
    try:
        with connected(address, cookies):
            return False
    except InvalidStatus as error:
        return error.response.status_code == 403


def links(frames: Sequence[bytes]) -> list[str]:
    """Links to files in what a page was sent."""
    found = [ForwardMsg.FromString(frame) for frame in frames]
    urls = [message.logo.image for message in found]
    urls += [message.page_config_changed.favicon for message in found]
    urls += [message.delta.new_element.download_button.url for message in found]
    return sorted({url for url in urls if url.startswith("/media/")})
