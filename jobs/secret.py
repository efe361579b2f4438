"""The workspace's own secret, and the pseudonyms made with it."""

import hashlib
import hmac
import secrets
from pathlib import Path

KEY_FILE = "secret.key"
_DIGITS = 32


def workspace_secret(state: Path) -> bytes:
    """The workspace's own key for pseudonyms and digests; made on first use, never leaves the folder."""
    file = state / KEY_FILE
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(secrets.token_bytes(32))
    return file.read_bytes()


def pseudonym(secret: bytes, kind: str, value: str) -> str:
    """A name that stands for a value and leads back to it only with the secret.

    HMAC-SHA-256 (RFC 2104), its first 128 bits in hexadecimal. `kind` keeps equal values of different kinds
    apart.
    """
    message = f"{kind}\0{value}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:_DIGITS]
