"""What consent, requests, data use and vendors of a journey show the gate."""

from dataclasses import replace
from difflib import get_close_matches

import polars as pl

from metrics import formatting
from policy.gates import NO_EVIDENCE, Evidence, EvidenceStatus
from reports.gates.evidence.source import Source
from reports.wording import privacy_requests as requests
from reports.wording.privacy_words import counted

IN_FORCE = ("valid", "expiring")
_WITHOUT: dict[str, EvidenceStatus] = {"not_testable": "not_applicable", "suppressed": "suppressed"}


def privacy(source: Source) -> dict[str, Evidence]:
    """Evidence by figure from the tables on privacy."""
    return _consent(source) | _requests(source) | _data_use(source) | _vendors(source) | _disclosure(source)


def _consent(source: Source) -> dict[str, Evidence]:
    known = {"consent_known": _consent_known(source)}
    names = ("leakage_events", "consent_coverage", "server_share", "one_source_share", "age_unknown_share")
    total = source.snapshot.frames["consent"].filter(
        pl.col("journey") == source.journey.journey,
        pl.col("period") == source.period,
        pl.col("jurisdiction") == "*all*",
    )
    status = source.journey.consent
    if status != "ok":
        note = (total["note"].first() if total.height else None) or "no event of the journey in the quarter"
        return known | dict.fromkeys(
            names, Evidence(status=_WITHOUT.get(status, "no_evidence"), note=str(note))
        )
    events = source.journey.figures.get("events_needing_consent")
    tables = ("journey_events", "consent_events")
    shown = {
        name: source.figure(name, *tables, n=events, counted="events", lower=f"{name}_low")
        for name in names
        if name != "age_unknown_share"
    }
    if (aside := source.set_aside(*tables)) and shown["leakage_events"].value == 0:
        rows = f"{formatting.count(aside)} {'row' if aside == 1 else 'rows'} set aside not counted"
        shown["leakage_events"] = replace(shown["leakage_events"], note=rows)
    return known | shown | {"age_unknown_share": _age_unknown(source, total)}


def _consent_known(source: Source) -> Evidence:
    """Whether consent, age and objections could be looked up for whoever the experiment counted."""
    experiment = source.journey.experiment
    checks = experiment.checks if experiment else ()
    found = next((check for check in checks if check.check == "consent"), None)
    if found is not None:
        value = {"pass": True, "warn": True, "fail": False}.get(found.status)
        if value is None:
            return replace(NO_EVIDENCE, note=found.note)
        return Evidence(value=value, measured_at=source.known_until("consent_events"), note=found.note)
    if source.journey.consent in ("ok", "not_testable"):
        return Evidence(value=True, period=source.period, measured_at=source.known_until("consent_events"))
    return replace(NO_EVIDENCE, note="nobody's consent could be looked up")


def _age_unknown(source: Source, total: pl.DataFrame) -> Evidence:
    """Customers of unknown age as a share of all known customers with an event.

    Of too few to be shown the most that they can be: no check may pass on less than that.
    """
    shown = total.select("customers", "age_unknown", "age_unknown_most").row(0) if total.height else ()
    if not shown or shown[0] is None or shown[2] is None:
        why = next(iter(total["note"].drop_nulls()), "")
        note = "the customers of the journey are not known, or hidden"
        return replace(NO_EVIDENCE, note=f"{note}: {why}" if why else note)
    met, exact, most = shown
    hidden = f"of {formatting.count(most)} at the most: how many exactly is hidden" if exact is None else ""
    return Evidence(
        value=most / met if met else None,
        n=met,
        counted="customers",
        period=source.period,
        measured_at=source.known_until("journey_events"),
        note=hidden,
    )


def _requests(source: Source) -> dict[str, Evidence]:
    rows = source.snapshot.frames["dsr_sla"].filter(pl.col("period") == source.period)
    received, due = (
        int(sum(rows[name].sum() for name in names))
        for names in (("received",), ("on_time", "late", "overdue"))
    )
    rate = source.figure("dsr_sla_rate", "dsr_requests", n=due, counted="requests", lower="dsr_sla_low")
    overdue = source.figure("dsr_overdue", "dsr_requests", n=received, counted="requests")
    logged = overdue.value is not None
    if overdue.value == 0:
        overdue = _none_overdue(source, overdue)
    if rate.value is None and logged:
        unknown = requests.none_due_unknown(rows, source.set_aside("dsr_requests"))
        rate = Evidence(
            status="no_evidence" if unknown else "not_applicable",
            period=source.period,
            note=unknown or "no request has fallen due in the quarter",
        )
    return {"dsr_sla_rate": rate, "dsr_overdue": overdue}


def _none_overdue(source: Source, found: Evidence) -> Evidence:
    """Nothing overdue is claimed of a whole log only, and beside it stands what has no clock."""
    if not source.whole("dsr_requests"):
        return replace(
            NO_EVIDENCE, note="requests were set aside, so that none overdue is not known; see `check`"
        )
    waiting = requests.unclocked(source.snapshot.frames["dsr_sla"], waiting_only=True)
    return replace(found, note=f"{waiting} without a known clock not counted") if waiting else found


def _data_use(source: Source) -> dict[str, Evidence]:
    rows = source.snapshot.frames["minimization"].filter(
        pl.col("system") == "*all*", pl.col("journey") == source.journey.journey
    )
    fields = rows["fields"].first() if rows.height else None
    n = fields if isinstance(fields, int) else None
    found = {
        name: source.figure(name, "data_inventory", n=n, counted="fields")
        for name in ("minimization_score", "excess_load", "fields_past_retention")
    }
    if found["fields_past_retention"].value == 0:
        found["fields_past_retention"] = _none_past_retention(source, rows, found["fields_past_retention"])
    return found


def _none_past_retention(source: Source, rows: pl.DataFrame, found: Evidence) -> Evidence:
    """That no field is past its retention is claimed only where the retention of every field can be told."""
    if not source.whole("data_inventory"):
        return _spoilt("inventory")
    untold = int(rows["failing_retention"].sum()) - int(rows["retention_overdue"].sum())
    if not untold:
        return found
    note = f"retention or oldest record not recorded for {counted(untold, 'field')}"
    return replace(NO_EVIDENCE, note=note)


def _vendors(source: Source) -> dict[str, Evidence]:
    live, protected = (
        source.journey.figures.get(name) for name in ("vendors_live", "vendors_with_protections")
    )
    exposed = source.figure("events_to_unprotected_recipients", "vendors", "journey_events")
    names = ("vendors_without_contract", "vendors_without_protections", "transfers_without_mechanism")
    if live is None or protected is None:
        missing = replace(NO_EVIDENCE, note="there is no register of vendors")
        return dict.fromkeys(names, missing) | {"events_to_unprotected_recipients": exposed}
    serving = source.snapshot.frames["vendors"].filter(
        pl.col("journeys").str.split(";").list.contains(source.journey.journey)
    )
    if near := _misspelt(source):
        meant = f"the register names {', '.join(near)}, which is no journey; if this one is meant, correct it"
        return dict.fromkeys((*names, "events_to_unprotected_recipients"), replace(NO_EVIDENCE, note=meant))
    bound = pl.col("contract_status").is_in(IN_FORCE) & pl.col("dpa_ok").fill_null(value=True)
    unbound = serving.filter(~bound)
    unlawful = serving.filter(pl.col("transfer_ok").fill_null(value=False).not_())
    unplaced = unlawful.height > 0 and bool(unlawful["transfer_ok"].is_null().all())
    return {
        "vendors_without_contract": _vendors_of(source, serving, unbound),
        "vendors_without_protections": _vendors_of(source, serving, live - protected),
        "transfers_without_mechanism": replace(NO_EVIDENCE, note=f"country not recorded: {_named(unlawful)}")
        if unplaced
        else _vendors_of(source, serving, unlawful),
        "events_to_unprotected_recipients": exposed,
    }


def _misspelt(source: Source) -> list[str]:
    """What vendors are said to serve that is no journey, but is written much like this one."""
    served = source.snapshot.frames["vendors"]["journeys"].drop_nulls().str.split(";").explode().unique()
    known = {item["id"] for item in source.snapshot.run.workspace.get("journeys", [])}
    strangers = {str(name) for name in served} - known
    return sorted(
        name
        for name in strangers
        if get_close_matches(name.casefold(), [source.journey.journey.casefold()], cutoff=0.8)
    )


def _vendors_of(source: Source, serving: pl.DataFrame, wrong: pl.DataFrame | int) -> Evidence:
    """A count of vendors; none wrong is not claimed of a register from which rows were set aside."""
    value = wrong if isinstance(wrong, int) else wrong.height
    if not value and not source.whole("vendors"):
        return _spoilt("register")
    return Evidence(
        value=value,
        n=serving.height,
        counted="vendors",
        measured_at=source.known_until("vendors"),
        note="" if isinstance(wrong, int) else _named(wrong),
    )


def _spoilt(what: str) -> Evidence:
    return replace(NO_EVIDENCE, note=f"rows of the {what} were set aside, so that none wrong is not known")


def _named(vendors: pl.DataFrame) -> str:
    return ", ".join(vendors["vendor"].to_list())


def _disclosure(source: Source) -> dict[str, Evidence]:
    return {"minimum_people": Evidence(value=source.snapshot.minimum_people)}
