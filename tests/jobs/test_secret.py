import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from jobs.problems import WorkspaceError
from jobs.secret import pseudonym, workspace_secret


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = workspace_secret(tmp_path)

    assert workspace_secret(tmp_path) == first
    assert len(first) == 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_an_empty_key_is_made_anew_and_a_short_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.touch()
    made = workspace_secret(tmp_path)

    assert (len(made), file.read_bytes()) == (32, made)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    file.write_bytes(made[:31])
    with pytest.raises(WorkspaceError, match="it has 31 of 32 bytes"):
        workspace_secret(tmp_path)


def test_a_pseudonym_is_a_keyed_hash_of_kind_and_value() -> None:
    found = pseudonym(b"key", "dsr_requests", "R1")

    assert found == hmac.new(b"key", b"dsr_requests\0R1", hashlib.sha256).hexdigest()[:32]
    others = {pseudonym(b"key", "other", "R1"), pseudonym(b"yek", "dsr_requests", "R1")}
    assert found not in others
    assert len(others) == 2
