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
        answers: the question that it answers, as the rest of a sentence.
        named: what its address names beside the choices that its controls bind.
    """

    path: str
    file: str
    title: str
    section: str
    roles: frozenset[str]
    filters: tuple[Filter, ...] = ()
    below: str = ""
    answers: str = ""
    named: tuple[str, ...] = ()


def _for(*roles: str) -> frozenset[str]:
    return frozenset(roles)


SCREENS = (
    Screen("", "board", "Board", "Overview", _for(EXECUTIVE), ("quarter",),
           answers="how the quarter went, journey by journey and for the whole company"),
    Screen("journeys", "journey_list", "Journeys", "Overview", _for(EXECUTIVE, MARKETER), EVERYWHERE,
           answers="what each journey earns, how sure that is, and what to do next"),
    Screen("experiments", "experiment_list", "Experiments", "Growth", _for(MARKETER), EVERYWHERE,
           answers="which experiments ask for an act, and what each one found"),
    Screen("experiment", "experiment_results", "Experiment", "", _for(MARKETER), ("quarter", "scale"),
           below="experiments", answers="what one change did, how sure that is, and for whom",
           named=("experiment",)),
    Screen("sku-lift", "product_lift", "SKU lift", "Growth", _for(MARKETER), ("quarter",),
           answers="which products an experiment sells more or less of"),
    Screen("churn", "staying", "Churn", "Growth", _for(MARKETER), ("quarter",),
           answers="who stayed, and for how much longer"),
    Screen("consent", "consent", "Consent", "Privacy", _for(PRIVACY), ("quarter", "journey"),
           answers="who was personalised without consent, how far consent reaches, and where it changed"),
    Screen("requests", "requests", "Requests", "Privacy", _for(PRIVACY), ("quarter",),
           answers="what people asked for, what is due, and how good the service is"),
    Screen("data-use", "data_use", "Data use", "Privacy", _for(PRIVACY), ("quarter", "journey"),
           answers="which data are justified, what is kept too long, and who may have them"),
    Screen("inference-cost", "inference_cost", "Inference cost", "Privacy", _for(MARKETER, PRIVACY),
           ("quarter", "journey"),
           answers="what recommending costs, how long it takes, and what is left of the gain"),
    Screen("gates", "gates", "Gates", "Governance", _for(EXECUTIVE, MARKETER, PRIVACY), ("journey",),
           answers="which journeys may roll out further, and what stands against the others",
           named=("check",)),
    Screen("audit", "audit_log", "Audit", "Governance", _for(PRIVACY, ADMIN),
           answers="what was done, by whom, and whether the record of it can be trusted",
           named=("entry", "sheet")),
    Screen("annotations", "annotations", "Annotations", "Data", _for(EXECUTIVE, MARKETER, PRIVACY),
           answers="what happened when, as colleagues noted it"),
    Screen("exports", "exports", "Exports", "Data", _for(EXECUTIVE, MARKETER, PRIVACY), ("quarter",),
           answers="which files of a quarter there are, for whom, and what their columns say"),
    Screen("status", "data_status", "Status", "Data", ROLES,
           answers="how fresh the figures are, and which rows were set aside"),
    Screen("methods", "methods", "Methods", "Data", ROLES, answers="what every figure means"),
)  # fmt: skip
"""In the order of the menu."""

BY_PATH = {screen.path: screen for screen in SCREENS}
