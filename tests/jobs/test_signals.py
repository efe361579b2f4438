"""What a consent event says once the signal behind it is read."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.config.load import load
from jobs.demo.people.tcf import encode
from jobs.signals import KEPT, Normalised, Vocabulary, normalise, vocabulary

CONTENT, MEASURED, EMAIL = (
    "personalize.content.profiled",
    "analytics.reporting.content_performance",
    "marketing.communications.email",
)
TARGETED = "marketing.advertising.third_party.targeted"
DECLARED = frozenset({CONTENT, MEASURED, EMAIL, TARGETED})
NUMBERS = {CONTENT: frozenset({1, 5, 6}), MEASURED: frozenset({8}), TARGETED: frozenset({4})}
WORDS = Vocabulary(DECLARED, NUMBERS)
AT = dt.datetime(2026, 5, 4, 10)  # noqa: DTZ001
DAY = AT.date()
ALL = encode(DAY, (1, 4, 5, 6, 8))
MEASURED_ONLY = encode(DAY, (1, 8))
NO_VENDORS = ALL.split(".", maxsplit=1)[0]
SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("customer_id", "purpose", "state", "source", "tc_string"), pl.String()),
    "occurred_at": pl.Datetime("us"),
}
Event = Mapping[str, Any]


def event(purpose: str = CONTENT, state: str = "granted", **values: Any) -> Event:
    return {"customer_id": "c1", "purpose": purpose, "state": state, "occurred_at": AT, **values}


def read(
    folder: Path, *events: Event, words: Vocabulary = WORDS, homes: Mapping[str, str] | None = None
) -> Normalised:
    """Events normalised; every customer lives in Ireland unless `homes` says otherwise."""
    folder.mkdir(exist_ok=True)
    pl.DataFrame(list(events), schema=SCHEMA).write_parquet(folder / "events.parquet")
    people = {e["customer_id"]: "IE" for e in events} | dict(homes or {})
    customers = {"customer_id": list(people), "jurisdiction": list(people.values())}
    pl.DataFrame(customers).write_parquet(folder / "customers.parquet")
    return normalise([folder / "events.parquet"], [folder / "customers.parquet"], words, folder)


def states(normalised: Normalised) -> dict[str, str]:
    rows = pl.read_parquet(normalised.file)
    return dict(zip(rows["purpose"].to_list(), rows["state"].to_list(), strict=True))


def findings(normalised: Normalised) -> dict[tuple[str, str], int]:
    return {(row["signal"], row["finding"]): row["rows"] for row in normalised.findings.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("purpose", "recorded", "text", "state", "finding"),
    [
        (CONTENT, "refused", ALL, "granted", "granted"),
        (CONTENT, "granted", MEASURED_ONLY, "refused", "refused"),
        (CONTENT, "withdrawn", MEASURED_ONLY, "withdrawn", "refused"),
        (MEASURED, "refused", MEASURED_ONLY, "granted", "granted"),
        (EMAIL, "granted", MEASURED_ONLY, "granted", "silent"),
        (EMAIL, "refused", ALL, "refused", "silent"),
        (CONTENT, "granted", ALL[:21], "refused", "undecodable"),
        (EMAIL, "granted", ALL[:21], "refused", "undecodable"),
        (CONTENT, "granted", "", "refused", "undecodable"),
        (CONTENT, "granted", "D" + ALL[1:], "refused", "undecodable"),
        (CONTENT, "granted", NO_VENDORS, "refused", "invalid"),
        (CONTENT, "granted", encode(DAY + dt.timedelta(1), (1, 5, 6)), "refused", "invalid"),
    ],
)
def test_a_string_decides_for_the_purposes_it_names(
    tmp_path: Path, purpose: str, recorded: str, text: str, state: str, finding: str
) -> None:
    found = read(tmp_path, event(purpose, recorded, source="tcf", tc_string=text))

    assert states(found) == {purpose: state}
    assert findings(found) == {("tcf", finding): 1}


def test_reasons_are_counted_and_repeat_no_string(tmp_path: Path) -> None:
    events = [
        event(tc_string=ALL[:21]),
        event(tc_string=ALL[:21], customer_id="c2"),
        event(tc_string=NO_VENDORS),
        event(tc_string=NO_VENDORS, purpose=MEASURED),
        event(tc_string="!" + ALL),
    ]
    rows = read(tmp_path, *events).findings

    assert rows.select("finding", "rows", "people").rows() == [
        ("invalid", 2, 1),
        ("undecodable", 1, 1),
        ("undecodable", 2, 2),
    ]
    assert rows["reason"][1] == "# is not a base64url letter."
    assert rows["reason"][0].startswith("The Disclosed Vendors segment is missing")


def test_no_string_survives(tmp_path: Path) -> None:
    found = read(tmp_path, event(tc_string=ALL), event(source="gpc", state="refused", tc_string=ALL))

    assert pl.read_parquet(found.file).columns == list(KEPT)


class TestNumbers:
    def test_become_the_purposes_they_are_part_of(self, tmp_path: Path) -> None:
        found = read(tmp_path, event("8"), event("4", "refused"))

        assert states(found) == {MEASURED: "granted", TARGETED: "refused"}

    def test_one_of_several_grants_nothing_but_refuses(self, tmp_path: Path) -> None:
        granted = read(tmp_path / "a", event("5"))
        refused = read(tmp_path / "b", event("5", "withdrawn"))

        assert (states(granted), findings(granted)) == ({}, {("tcf_number", "granted_in_part"): 1})
        assert states(refused) == {CONTENT: "withdrawn"}

    def test_with_a_string_all_of_them_are_known(self, tmp_path: Path) -> None:
        assert states(read(tmp_path, event("5", "refused", tc_string=ALL))) == {CONTENT: "granted"}

    def test_nobody_needs_are_left_out_and_counted(self, tmp_path: Path) -> None:
        found = read(tmp_path, event("7"), event("8"))

        assert (states(found), findings(found)) == ({MEASURED: "granted"}, {("tcf_number", "not_needed"): 1})


class TestGlobalPrivacyControl:
    def test_refuses_all_targeting_where_it_is_law(self, tmp_path: Path) -> None:
        found = read(tmp_path, event(state="refused", source="gpc"), homes={"c1": "US-CA"})

        assert states(found) == {CONTENT: "refused", TARGETED: "refused"}
        assert findings(found) == {("gpc", "binding"): 1}

    @pytest.mark.parametrize("home", ["IE", "US-VA", "GB"])
    def test_elsewhere_is_what_its_row_says(self, tmp_path: Path, home: str) -> None:
        found = read(tmp_path, event(state="refused", source="gpc"), homes={"c1": home})

        assert states(found) == {CONTENT: "refused"}
        assert findings(found) == {("gpc", "as_recorded"): 1}

    def test_binds_from_the_law_s_day_on(self, tmp_path: Path) -> None:
        before = dt.datetime(2025, 12, 31, 23, 59)  # noqa: DTZ001
        signal = event(state="refused", source="gpc")
        early = read(tmp_path / "a", {**signal, "occurred_at": before}, homes={"c1": "US-OR"})
        late = read(tmp_path / "b", signal, homes={"c1": "US-OR"})

        assert TARGETED not in states(early)
        assert states(late)[TARGETED] == "refused"

    @pytest.mark.parametrize("purpose", ["4", "2", "sale", CONTENT])
    def test_refuses_whatever_its_row_calls_it(self, tmp_path: Path, purpose: str) -> None:
        found = read(tmp_path, event(purpose, "refused", source="gpc"), homes={"c1": "US-CA"})

        assert states(found)[TARGETED] == "refused"
        assert set(states(found)) <= DECLARED

    def test_without_a_known_home_the_strictest_rule_holds(self, tmp_path: Path) -> None:
        signal = event(state="refused", source="gpc")
        read(tmp_path, signal)
        found = normalise([tmp_path / "events.parquet"], [], WORDS, tmp_path)

        assert states(found)[TARGETED] == "refused"

    def test_a_string_cannot_turn_it_into_a_grant(self, tmp_path: Path) -> None:
        found = read(tmp_path, event(state="refused", source="gpc", tc_string=ALL))

        assert states(found) == {CONTENT: "refused"}


class TestVocabulary:
    def workspace(self, folder: Path, journeys: str) -> Vocabulary:
        settings = "name: Shop\ncurrency: EUR\njourneys: journeys.yaml\n"
        (folder / "workspace.yaml").write_text(settings, encoding="utf-8")
        (folder / "journeys.yaml").write_text(journeys, encoding="utf-8")
        return vocabulary(load(folder))

    def test_comes_from_fideslang_unless_a_journey_says_otherwise(self, tmp_path: Path) -> None:
        journeys = (
            f"- {{id: home, purposes: [{CONTENT}, {MEASURED}], tcf_purposes: {{1: {CONTENT}, 6: {CONTENT}}}}}"
        )
        words = self.workspace(tmp_path, journeys)

        assert words.declared == {CONTENT, MEASURED}
        assert words.numbers == {CONTENT: {1, 6}, MEASURED: {8}}

    def test_a_number_may_be_declared_itself(self, tmp_path: Path) -> None:
        words = self.workspace(tmp_path, "- {id: home, purposes: ['6', '8']}")
        events = [event("6", "refused", tc_string=ALL), event("8")]

        assert states(read(tmp_path / "a", *events, words=words)) == {"6": "granted", "8": "granted"}

    def test_without_declared_purposes_every_name_stands(self, tmp_path: Path) -> None:
        words = self.workspace(tmp_path, "- {id: home, lawful_basis: contract}")

        assert states(read(tmp_path / "a", event("anything"), words=words)) == {"anything": "granted"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdwxyz0189-_.", max_size=120))
def test_only_a_string_that_decodes_can_grant(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, event(tc_string=text))

    ((signal, finding),) = findings(found)
    assert (signal, finding) == ("tcf", "undecodable")
    assert states(found) == {CONTENT: "refused"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, len(ALL) - 1))
def test_a_string_cut_off_grants_nothing(tmp_path: Path, cut: int) -> None:
    assert states(read(tmp_path, event(tc_string=ALL[:cut]))) == {CONTENT: "refused"}
