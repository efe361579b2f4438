"""Every page of the app, one line each: address, file, place in the menu, and the roles it is for.

To add a page, add its line here and a file in `pages/` that begins with `access.require("<address>")`. The
router, the menu, links, the return after sign-in and the tests read this list; a page without a line, or a
line without roles, fails a test. What the page loads is allowed per role in `policy.roles.TABLES`.
"""

from typing import Literal, NamedTuple

from policy.roles import ADMIN, EXECUTIVE, MARKETER, PRIVACY, ROLES

Filter = Literal["quarter", "journey", "scale"]


EVERYWHERE: tuple[Filter, ...] = ("quarter", "journey", "scale")


class Screen(NamedTuple):
    """One page.

    Attributes:
        path: its address below the app's; empty for the first page.
        file: the file in pages/ that shows it, without ending.
        title: for people.
        section: heading of its place in the menu; empty for a page that the menu does not list.
        roles: who may open it.
        filters: the choices that span pages and that it makes use of; it keeps the others for later. A page
            without `quarter` shows the visible run.
        below: address of the page in whose place in the menu it stands.
    """

    path: str
    file: str
    title: str
    section: str
    roles: frozenset[str]
    filters: tuple[Filter, ...] = ()
    below: str = ""


def _for(*roles: str) -> frozenset[str]:
    return frozenset(roles)


SCREENS = (
    Screen("", "board", "Board", "Overview", _for(EXECUTIVE), ("quarter",)),
    Screen("journeys", "journey_list", "Journeys", "Overview", _for(EXECUTIVE, MARKETER), EVERYWHERE),
    Screen("experiments", "experiment_list", "Experiments", "Growth", _for(MARKETER), EVERYWHERE),
    Screen(
        "experiment", "experiment_results", "Experiment", "", _for(MARKETER), ("quarter", "scale"),
        "experiments",
    ),
    Screen("sku-lift", "product_lift", "SKU lift", "Growth", _for(MARKETER), ("quarter",)),
    Screen("churn", "staying", "Churn", "Growth", _for(MARKETER), ("quarter",)),
    Screen("consent", "consent", "Consent", "Privacy", _for(PRIVACY), ("quarter", "journey")),
    Screen("requests", "requests", "Requests", "Privacy", _for(PRIVACY), ("quarter",)),
    Screen("data-use", "data_use", "Data use", "Privacy", _for(PRIVACY), ("quarter", "journey")),
    Screen(
        "inference-cost", "inference_cost", "Inference cost", "Privacy", _for(MARKETER, PRIVACY),
        ("quarter", "journey"),
    ),
    Screen("gates", "gates", "Gates", "Governance", _for(EXECUTIVE, MARKETER, PRIVACY), ("journey",)),
    Screen("audit", "audit_log", "Audit", "Governance", _for(PRIVACY, ADMIN)),
    Screen("annotations", "annotations", "Annotations", "Data", _for(EXECUTIVE, MARKETER, PRIVACY)),
    Screen("exports", "exports", "Exports", "Data", _for(EXECUTIVE, MARKETER, PRIVACY), ("quarter",)),
    Screen("status", "data_status", "Status", "Data", ROLES),
    Screen("methods", "methods", "Methods", "Data", ROLES),
)  # fmt: skip
"""In the order of the menu."""

BY_PATH = {screen.path: screen for screen in SCREENS}
