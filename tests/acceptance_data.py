"""Where the acceptance data lie, if present."""

from pathlib import Path

import pytest

ACCEPTANCE = Path(__file__).resolve().parents[2] / "shared" / "data"

needs_acceptance_data = pytest.mark.skipif(
    not (ACCEPTANCE / "expected.json").exists(), reason="acceptance data not present"
)
