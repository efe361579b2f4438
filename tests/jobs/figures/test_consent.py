"""Consent from the retailer's files to consent.csv and journeys.csv, for small shops written by hand."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pytest

from jobs.config.models import Journey
from jobs.demo.people.tcf import encode
from jobs.figures.consent_counts import basis_of
from jobs.refresh import refresh
from tests.jobs.figures.desk import figures

STATES = ("granted", "refused", "withdrawn", "expired", "undecided")


def rows_of(frame: pl.DataFrame) -> dict[tuple[str, ...], dict[str, Any]]:
    return {(row["journey"], row["jurisdiction"], row["purpose"]): row for row in frame.iter_rows(named=True)}


JOURNEYS = "- {id: home, purposes: [content, measured]}\n"
PEOPLE = 40
Lines = list[str]


def shop(
    folder: Path,
    journeys: str = JOURNEYS,
    yaml: Mapping[str, str] = MappingProxyType({}),
    *,
    zone: str = "UTC",
    **tables: Lines,
) -> Path:
    """A workspace of CSV tables and YAML files, refreshed; k is 10."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"journeys": journeys, **yaml}
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    named = "".join(f"{name}: {name}.yaml\n" for name in files)
    listed = "".join(f"\n  {name}: {name}.csv" for name in tables)
    (folder / "workspace.yaml").write_text(
        f"name: Shop\ncurrency: EUR\ntimezone: {zone}\nas_of: 2026-09-30\n"
        "disclosure: {minimum_people: 10}\n"
        f"{named}tables:{listed}\n",
        encoding="utf-8",
    )
    refresh(folder)
    return folder


def customers(*places: str, birth: str = "1990-01-01") -> Lines:
    """Forty customers in each place: IE-0, IE-1, …"""
    rows = [f"{place}-{i},{place},{birth}" for place in places for i in range(PEOPLE)]
    return ["customer_id,jurisdiction,birth_date", *rows]


def visits(
    *ids: str, at: str = "2026-08-01T10:00Z", journey: str = "home", personalised: str = "true"
) -> Lines:
    return [f"{journey},{customer},{at},server,{personalised}" for customer in ids]


def everyone(*places: str) -> list[str]:
    return [f"{place}-{i}" for place in places for i in range(PEOPLE)]


def says(
    purpose: str, state: str, ids: Iterable[str], at: str = "2026-07-01T10:00Z", tail: str = "cmp,"
) -> Lines:
    return [f"{customer},{purpose},{state},{at},{tail}" for customer in ids]


EVENTS = "journey,customer_id,occurred_at,collection,personalised"
CONSENT = "customer_id,purpose,state,occurred_at,source,tc_string"


def joint_of(folder: Path, journey: str = "home", place: str = "*all*") -> dict[str, Any]:
    (table,) = figures(folder, "consent")
    return rows_of(table)[journey, place, "*joint*"]


def test_only_jurisdictions_based_on_consent_count(tmp_path: Path) -> None:
    journeys = (
        "- {id: home, purposes: [content], lawful_basis: {IE: consent, US: contract, default: consent}}"
    )
    who = everyone("IE", "US-TX", "FR")
    folder = shop(
        tmp_path, journeys, customers=customers("IE", "US-TX", "FR"),
        journey_events=[EVENTS, *visits(*who)],
        consent_events=[CONSENT, *says("content", "granted", everyone("IE"))],
    )  # fmt: skip
    (table,) = figures(folder, "consent")
    rows = rows_of(table)
    total = joint_of(folder)

    assert (total["eligible"], total["granted"], total["leakage_events"]) == (80, 40, 40)
    assert (rows["home", "IE", "content"]["granted"], rows["home", "FR", "content"]["undecided"]) == (40, 40)
    other = rows["home", "US-TX", "*joint*"]
    assert (other["status"], other["eligible"]) == ("not_testable", None)
    assert "basis is contract" in other["note"]
    assert ("home", "US-TX", "content") not in rows


@pytest.mark.parametrize(
    ("basis", "jurisdiction", "expected"),
    [
        ("consent", None, "consent"),
        ("contract", "IE", "contract"),
        ({"US": "contract"}, "US-TX", "contract"),
        ({"US": "contract", "US-CA": "consent"}, "US-CA", "consent"),
        ({"US": "contract"}, "IE", "consent"),
        ({"US": "contract", "default": "contract"}, "IE", "contract"),
        ({"US": "contract", "default": "contract"}, None, "contract"),
        ({"IE": "consent", "default": "contract"}, None, "consent"),
        ({"US": "contract"}, None, "consent"),
    ],
)
def test_the_basis_of_a_journey(basis: str | dict[str, str], jurisdiction: str | None, expected: str) -> None:
    journey = Journey.model_validate({"id": "home", "lawful_basis": basis})

    assert basis_of(journey, jurisdiction) == expected


def test_without_consent_events_nobody_is_eligible(tmp_path: Path) -> None:
    folder = shop(tmp_path, customers=customers("IE"), journey_events=[EVENTS, *visits(*everyone("IE"))])
    (journeys,) = figures(folder, "journeys")

    assert joint_of(folder)["status"] == "no_evidence"
    assert journeys.select("consent_coverage", "leakage_events").row(0) == (None, None)


@pytest.mark.parametrize(
    ("journeys", "status", "note"),
    [
        ("- {id: home}", "no_evidence", "names no purposes"),
        (
            "- {id: home, purposes: [content], lawful_basis: {US: legitimate_interests, default: contract}}",
            "not_testable",
            "the lawful basis is contract or legitimate interests: consent is not needed",
        ),
        ("- {id: home, purposes: [content]}\n- {id: cart, purposes: [content]}", "no_evidence", "no event"),
    ],
)
def test_what_cannot_be_measured_says_why(tmp_path: Path, journeys: str, status: str, note: str) -> None:
    folder = shop(
        tmp_path, journeys, customers=customers("IE"), journey_events=[EVENTS, *visits(*everyone("IE"))],
        consent_events=[CONSENT, *says("content", "granted", everyone("IE"))],
    )  # fmt: skip
    row = joint_of(folder, "cart" if "cart" in journeys else "home")

    assert (row["status"], row["coverage"], row["leakage_events"]) == (status, None, None)
    assert note in row["note"]


def test_without_events_there_is_nothing_to_say(tmp_path: Path) -> None:
    folder = shop(tmp_path, customers=customers("IE"),
                  consent_events=[CONSENT, *says("content", "granted", everyone("IE"))])  # fmt: skip
    consent, journeys = figures(folder, "consent", "journeys")

    assert consent.is_empty()
    assert journeys["consent_coverage"].item() is None


def test_customers_known_from_events_alone_are_undecided(tmp_path: Path) -> None:
    strangers = [f"s-{i}" for i in range(30)]
    folder = shop(
        tmp_path, customers=customers("IE"),
        journey_events=[EVENTS, *visits(*strangers, *everyone("IE"), "", "")],
        consent_events=[CONSENT, *says("content", "granted", everyone("IE")),
                        *says("measured", "granted", everyone("IE"))],
    )  # fmt: skip
    (table,) = figures(folder, "consent")
    rows = rows_of(table)

    assert rows["home", "(unknown)", "content"]["undecided"] == 30
    assert (joint_of(folder)["eligible"], joint_of(folder)["granted"]) == (72, 40)
    assert joint_of(folder)["age_unknown"] == 30


def test_children_and_people_of_unknown_age(tmp_path: Path) -> None:
    young = customers("IE", birth="2010-08-01")
    old = [line.replace("IE-", "FR-").replace("IE,2010-08-01", "FR,") for line in young[1:]]
    folder = shop(
        tmp_path, customers=[*young, *old],
        consent_events=[CONSENT, *says("content", "granted", everyone("IE"))],
        journey_events=[EVENTS, *visits(*everyone("IE")[:20], at="2026-07-31T10:00Z"),
                        *visits(*everyone("IE")[20:]), *visits(*everyone("FR"))],
    )  # fmt: skip
    (journeys,) = figures(folder, "journeys")

    assert journeys.select("children_excluded", "age_unknown").row(0) == (20, 40)


@pytest.mark.parametrize(
    ("zone", "at", "children"),
    [
        ("America/Los_Angeles", "2026-08-02T06:59:59Z", 40),
        ("America/Los_Angeles", "2026-08-02T07:00:00Z", 0),
        ("Pacific/Auckland", "2026-08-01T11:59:59Z", 40),
        ("Pacific/Auckland", "2026-08-01T12:00:00Z", 0),
    ],
)
def test_a_child_grows_up_on_the_birthday_as_the_shop_s_clock_has_it(
    tmp_path: Path, zone: str, at: str, children: int
) -> None:
    folder = shop(
        tmp_path, customers=customers("IE", birth="2010-08-02"), zone=zone,
        consent_events=[CONSENT, *says("content", "granted", everyone("IE"))],
        journey_events=[EVENTS, *visits(*everyone("IE"), at=at)],
    )  # fmt: skip
    (journeys,) = figures(folder, "journeys")

    assert journeys["children_excluded"].item() == children


def test_events_where_another_basis_holds_are_not_said_to_be_missing(tmp_path: Path) -> None:
    journeys = "- {id: home, purposes: [content], lawful_basis: {IE: consent, default: contract}}\n"
    folder = shop(
        tmp_path, journeys, customers=customers("DE"),
        consent_events=[CONSENT, *says("content", "granted", everyone("DE"))],
        journey_events=[EVENTS, *visits(*everyone("DE"))],
    )  # fmt: skip
    joint = joint_of(folder)

    assert (joint["status"], joint["leakage_events"]) == ("no_evidence", None)
    assert joint["note"] == "no event in the period where the basis is consent"


@pytest.mark.parametrize(
    ("unknown", "shown", "most"),
    [(0, 0, 0), (1, None, 9), (9, None, 9), (10, 10, 10), (71, 71, 71), (72, None, 81), (80, None, 81)],
)
def test_of_customers_too_few_to_show_the_most_that_they_can_be_is_said(
    tmp_path: Path, unknown: int, shown: int | None, most: int
) -> None:
    header, *known = customers("IE", "FR")
    ageless = [line.replace("1990-01-01", "") for line in known[:unknown]]
    small = [f"CH-{i},CH,1990-01-01" for i in range(4)]
    folder = shop(
        tmp_path, customers=[header, *ageless, *known[unknown:], *small],
        consent_events=[CONSENT, *says("content", "granted", everyone("IE", "FR"))],
        journey_events=[EVENTS, *visits(*everyone("IE", "FR"), "CH-0")],
    )  # fmt: skip
    joint = joint_of(folder)

    assert (joint["customers"], joint["age_unknown"], joint["age_unknown_most"]) == (81, shown, most)


def test_the_erased_are_in_no_figure(tmp_path: Path) -> None:
    gone = everyone("IE")[:15]
    requests = [f"r{i},{who},delete,IE,2026-08-10,2026-08-20,complied" for i, who in enumerate(gone)]
    folder = shop(
        tmp_path, customers=customers("IE"), journey_events=[EVENTS, *visits(*everyone("IE"))],
        consent_events=[CONSENT, *says("content", "granted", everyone("IE"))],
        dsr_requests=["request_id,customer_id,kind,jurisdiction,received_at,closed_at,outcome", *requests],
    )  # fmt: skip

    assert joint_of(folder)["eligible"] == 25


def test_a_small_jurisdiction_takes_the_next_with_it(tmp_path: Path) -> None:
    few = customers("IE", "DE", "FR")
    few = [line for line in few if not line.startswith("DE-") or int(line.split(",")[0][3:]) < 5]
    who = [line.split(",")[0] for line in few[1:]]
    folder = shop(
        tmp_path, customers=few, journey_events=[EVENTS, *visits(*who)],
        consent_events=[CONSENT, *says("content", "granted", who), *says("measured", "granted", who)],
    )  # fmt: skip
    (table,) = figures(folder, "consent")
    suppressed = table.filter(pl.col("status") == "suppressed")

    assert set(suppressed["jurisdiction"]) == {"DE", "FR"}
    assert (
        suppressed.select("eligible", "granted", "coverage", "leakage_events").null_count().row(0) == (6,) * 4
    )
    assert joint_of(folder)["coverage"] == 1


EXPERIMENT = {
    "experiments": "- {id: e, journey: home, control: a, allocation: {a: 1, b: 1}, primary: m, "
    "lawful_basis: contract}",
    "metrics": "m: {kind: mean, table: unit_outcomes, value: m}",
}


def test_jurisdictions_keep_their_figures_until_each_has_moved_by_enough(tmp_path: Path) -> None:
    """France alone anew, less the total anew, would give the three who joined in Ireland."""
    both = everyone("IE", "FR")

    def measured(*who: str) -> dict[tuple[str, ...], dict[str, Any]]:
        folder = shop(
            tmp_path, JOURNEYS, EXPERIMENT, customers=customers("IE", "FR"),
            assignments=["experiment,unit_id,variant", *(f"e,{c},{'ab'[i % 2]}" for i, c in enumerate(both))],
            unit_outcomes=["experiment,unit_id,m", *(f"e,{c},1" for c in both)],
            consent_events=[CONSENT, *says("content", "granted", both), *says("measured", "granted", both)],
            journey_events=[EVENTS, *visits(*who)],
        )  # fmt: skip
        return rows_of(figures(folder, "consent")[0])

    measured(*everyone("IE")[:30], *everyone("FR")[:20])
    rows = measured(*everyone("IE")[:33], *everyone("FR"))
    kept = {key: (row["eligible"], row["as_of_run"]) for key, row in rows.items()}

    assert kept["home", "IE", "content"] == kept["home", "IE", "*joint*"] == (30, 1)
    assert kept["home", "FR", "content"] == kept["home", "FR", "*joint*"] == (20, 1)
    assert kept["home", "*all*", "*joint*"] == (73, 2)

    rows = measured(*everyone("IE"), *everyone("FR"))
    assert {row["as_of_run"] for row in rows.values()} == {3}
    assert rows["home", "IE", "content"]["eligible"] == 40


def test_hidden_states_do_not_follow_from_the_next_run(tmp_path: Path) -> None:
    """Seventeen had declined, of whom twelve are still withdrawn: the five who had refused would be left."""
    who = everyone("IE")

    def measured(refused: int) -> dict[str, Any]:
        said = [
            ("withdrawn", who[:12]),
            ("refused", who[12 : 12 + refused]),
            ("granted", who[12 + refused :]),
        ]
        events = [line for state, ids in said for line in says("content", state, ids)]
        folder = shop(
            tmp_path, "- {id: home, purposes: [content]}\n", customers=customers("IE"),
            consent_events=[CONSENT, *events], journey_events=[EVENTS, *visits(*who)],
        )  # fmt: skip
        return rows_of(figures(folder, "consent")[0])["home", "IE", "content"]

    first, second = measured(5), measured(16)
    for row in (first, second):
        assert (row["refused"], row["withdrawn"], row["consent_rate"]) == (None, None, row["consent_rate"])
    assert (first["granted"], second["granted"]) == (23, 12)


# Bad input


def test_bad_consent_events_grant_nothing(tmp_path: Path) -> None:
    who = everyone("IE")
    another_version = "B" + encode(dt.date(2026, 7, 1), (1, 5, 6, 8))[1:]
    together = "2026-07-02T10:00:00.000001Z"
    folder = shop(
        tmp_path, "- {id: home, purposes: [personalize.content.profiled]}", customers=customers("IE"),
        journey_events=[EVENTS, *visits(*who)],
        consent_events=[
            CONSENT,
            *says("personalize.content.profiled", "withdrawn", who[:10], together),
            *says("personalize.content.profiled", "granted", who[:10], together),
            *says("personalize.content.profiled", "granted", who[10:20], tail=f"tcf,{another_version}"),
            *says("personalize.everything", "granted", who[20:30]),
            *says("personalize.content.profiled", "granted", who[30:]),
        ],
    )  # fmt: skip
    consent, quarantine, signals = figures(folder, "consent", "quarantine", "consent_signals")
    row = rows_of(consent)["home", "IE", "personalize.content.profiled"]

    assert [row[state] for state in STATES] == [10, 10, 10, 0, 10]
    assert quarantine.select("rule", "rows").rows() == [("unknown_purpose", 10)]
    assert signals.select("signal", "finding", "reason", "rows").rows() == [
        ("tcf", "undecodable", "this is version #.", 10)
    ]


def test_a_browser_s_signal_refuses_until_a_later_grant(tmp_path: Path) -> None:
    purpose = "marketing.advertising.third_party.targeted"
    who = everyone("US-CA", "IE")
    folder = shop(
        tmp_path, f"- {{id: home, purposes: [{purpose}]}}\n- {{id: cart, purposes: [content]}}",
        {"policy": "consent_validity_days: {default: 183, US: 730}"},
        customers=customers("US-CA", "IE"), journey_events=[EVENTS, *visits(*who)],
        consent_events=[
            CONSENT,
            *says(purpose, "granted", who, "2026-06-01T10:00Z"),
            *says("content", "refused", who, "2026-06-02T10:00Z", "gpc,"),
            *says(purpose, "granted", who[:20], "2026-06-03T10:00Z"),
        ],
    )  # fmt: skip
    rows = rows_of(figures(folder, "consent")[0])

    assert (rows["home", "US-CA", purpose]["granted"], rows["home", "US-CA", purpose]["refused"]) == (20, 20)
    assert rows["home", "IE", purpose]["granted"] == 40
