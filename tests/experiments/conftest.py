import pytest

from experiments.moments import Moments
from tests.acceptance_data import needs_acceptance_data
from tests.experiments import reference


@pytest.fixture(
    params=[
        "published sums",
        *(pytest.param(road, marks=needs_acceptance_data) for road in reference.FROM_USERS),
    ]
)
def reference_arms(request: pytest.FixtureRequest) -> Moments:
    """Control and treatment of the reference users, shape (2,): revenue, pre-revenue, orders, sessions."""
    if request.param == "published sums":
        return reference.from_published_sums()
    return reference.FROM_USERS[request.param]()
