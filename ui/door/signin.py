"""How people sign in: `[auth]` as Streamlit reads it, and `[liftgate]` for roles, from secrets.toml."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from streamlit import config
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime.secrets import secrets_singleton

from policy.roles import ROLES
from ui.door.loopback import is_loopback

NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
OPTIONAL = ("client_kwargs",)
OURS = ("roles_claim", "roles", "session_hours")
CALLBACK = "/oauth2callback"
SHORTEST_SECRET = 32
DEFAULT_HOURS, MOST_HOURS = 8.0, 720.0
"""A session's length; Streamlit's own cookie lasts 30 days."""


class SignIn(NamedTuple):
    """How people sign in.

    Attributes:
        origin: scheme, host and port by which people reach the app.
        cookie_secret: signs the cookie that says who somebody is.
        roles_claim: the claim of the ID token that says what somebody is; `a.b` for b within a.
        roles: the claim's values by role.
        session_hours: how long a sign-in holds.
    """

    origin: str
    cookie_secret: str
    roles_claim: str
    roles: Mapping[str, frozenset[str]]
    session_hours: float = DEFAULT_HOURS

    @property
    def secure(self) -> bool:
        """Whether people reach the app over TLS."""
        return self.origin.startswith("https://")

    def roles_of(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """The roles that a person's claims give; values that stand for no role give none."""
        found = _claim(claims, self.roles_claim)
        values = {found} if isinstance(found, str) else set()
        if isinstance(found, list):
            values = {value for value in found if isinstance(value, str)}
        return frozenset(role for role, meant in self.roles.items() if meant & values)


class SignInError(ValueError):
    """Sign-in is set up in part or wrongly; the message lists every fault."""


@cache
def configured() -> SignIn | None:
    """How people sign in, as it stood when the app started; None where no sign-in is set up.

    Raises:
        SignInError: it is set up in part or wrongly.
    """
    files = [Path(file) for file in config.get_option("secrets.files")]
    if not any(file.exists() for file in files):
        return None
    try:
        secrets = secrets_singleton.to_dict()
    except StreamlitSecretNotFoundError as error:
        msg = f"The secrets cannot be read. {error}"
        raise SignInError(msg) from error
    return understood(secrets, str(config.get_option("server.baseUrlPath") or ""))


def understood(secrets: Mapping[str, Any], base_path: str = "") -> SignIn | None:
    """What secrets.toml says about signing in; None where it says nothing.

    Args:
        secrets: the file.
        base_path: `server.baseUrlPath`.

    Raises:
        SignInError: it says too little or something wrong.
    """
    if "auth" not in secrets and "liftgate" not in secrets:
        return None
    auth, ours = secrets.get("auth", {}), secrets.get("liftgate", {})
    if not isinstance(auth, Mapping) or not isinstance(ours, Mapping):
        msg = "In secrets.toml, [auth] and [liftgate] must be tables."
        raise SignInError(msg)
    faults = [*_auth_faults(auth), *_our_faults(ours)]
    if base_path:
        faults.append(
            f"server.baseUrlPath is {base_path!r}: with sign-in, serve Liftgate at the root of a host name."
        )
    if faults:
        raise SignInError("\n".join(["Sign-in is not set up rightly in secrets.toml:", *faults]))
    given: Mapping[str, Sequence[str]] = ours.get("roles", {})
    return SignIn(
        origin="{0.scheme}://{0.netloc}".format(urlsplit(_redirect_uri(auth))),
        cookie_secret=auth["cookie_secret"],
        roles_claim=ours["roles_claim"],
        roles={role: frozenset(given.get(role, [role] if not given else [])) for role in sorted(ROLES)},
        session_hours=float(ours.get("session_hours", DEFAULT_HOURS)),
    )


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _redirect_uri(auth: Mapping[str, Any]) -> str:
    return str(auth["redirect_uri"]).replace("{port}", str(config.get_option("server.port")))


def _auth_faults(auth: Mapping[str, Any]) -> list[str]:
    if not auth:
        return ["[auth] is missing, so [liftgate] has nobody to give roles to."]
    faults = [f"[auth] lacks {name}." for name in NEEDED if not auth.get(name)]
    for name, value in auth.items():
        if name not in NEEDED + OPTIONAL:
            what = "Liftgate signs people in at one provider: put its settings into [auth] itself."
            faults.append(
                f"[auth.{name}]: {what}" if isinstance(value, Mapping) else f"[auth] {_unknown(name, NEEDED)}"
            )
        elif name in NEEDED and not isinstance(value, str):
            faults.append(f"[auth] {name} must be a text.")
    if faults:
        return faults
    if len(auth["cookie_secret"]) < SHORTEST_SECRET:
        faults.append(
            f"[auth] cookie_secret has {len(auth['cookie_secret'])} characters and needs {SHORTEST_SECRET}. "
            'Make one: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    redirect = _redirect_uri(auth)
    if not _safe(redirect) or urlsplit(redirect).path != CALLBACK:
        faults.append(
            f"[auth] redirect_uri is {redirect!r}: it must be https://<host>{CALLBACK}, with the host that "
            "people type (http only on this computer)."
        )
    if not _safe(auth["server_metadata_url"]):
        faults.append("[auth] server_metadata_url must begin with https:// (http only on this computer).")
    return faults


def _our_faults(ours: Mapping[str, Any]) -> list[str]:
    faults = [f"[liftgate] {_unknown(name, OURS)}" for name in ours if name not in OURS]
    claim = ours.get("roles_claim")
    if not isinstance(claim, str) or not claim.strip():
        faults.append('[liftgate] lacks roles_claim: the claim that says what somebody is, such as "groups".')
    given = ours.get("roles", {})
    if not isinstance(given, Mapping):
        return [*faults, "[liftgate.roles] must give a list of the claim's values for each role."]
    for role, values in given.items():
        if role not in ROLES:
            faults.append(f"[liftgate.roles] {_unknown(role, sorted(ROLES))}")
        elif not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
            faults.append(f"[liftgate.roles] {role} must be a list of texts.")
    if "roles" in ours and not any(given.values()):
        faults.append("[liftgate.roles] gives nobody a role.")
    hours = ours.get("session_hours", DEFAULT_HOURS)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= MOST_HOURS:
        faults.append(f"[liftgate] session_hours must be a number above 0, at most {MOST_HOURS:.0f}.")
    return faults


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    meant = f"Did you mean {near[0]}?" if near else f"It may have {', '.join(known)}."
    return f"does not know {name}. {meant}"


def _safe(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    )
