"""The workspace's own secret, and the pseudonyms made with it."""

import hashlib
import hmac
import secrets
from pathlib import Path

from jobs.problems import Problem, WorkspaceError

KEY_FILE = "secret.key"
_BYTES, _DIGITS = 32, 32


def workspace_secret(state: Path) -> bytes:
    """The workspace's own key for pseudonyms and digests; made on first use, never leaves the folder.

    Raises:
        WorkspaceError: the key is damaged: whoever knows a short one could undo the pseudonyms.
    """
    file = state / KEY_FILE
    if not file.exists() or not file.stat().st_size:
        made = file.with_suffix(".partial")
        made.touch(mode=0o600)
        made.write_bytes(secrets.token_bytes(_BYTES))
        made.replace(file)
    secret = file.read_bytes()
    if len(secret) < _BYTES:
        what = f"The workspace's key is damaged: it has {len(secret)} of {_BYTES} bytes."
        raise WorkspaceError([Problem(str(file), what, "Restore it from a backup, with the store.")])
    return secret


def pseudonym(secret: bytes, kind: str, value: str) -> str:
    """A name that stands for a value and leads back to it only with the secret.

    HMAC-SHA-256 (RFC 2104), its first 128 bits in hexadecimal. `kind` keeps equal values of different kinds
    apart.
    """
    message = f"{kind}\0{value}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:_DIGITS]
