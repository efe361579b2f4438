"""Transfers of personal data out of the EU and EEA: where an adequacy decision carries them."""

from datetime import date
from typing import Literal

from law.loader import load
from law.regimes import regime_of

Adequacy = Literal["inside", "adequate", "certified_only", "none"]


def adequacy(country: str, on: date) -> Adequacy:
    """What carries a transfer from the EU or EEA to a country (ISO 3166) on a day, by GDPR Art 44-45.

    `inside` = no transfer, the country lies in the EU or EEA; `adequate` = a decision covers it;
    `certified_only` = a decision covers recipients certified under the Data Privacy Framework; `none` = other
    safeguards are needed, which is also the answer for a country that the law data does not know.

    Raises:
        LawError: law/adequacy.yaml is damaged.
    """
    if regime_of(country) == "GDPR":
        return "inside"
    file = load("adequacy.yaml")
    rule = file.rules.get(country.strip().upper().split("-", maxsplit=1)[0])
    if rule is None or on < file.entry(rule, "since", date):
        return "none"
    if "until" in rule.values and on > file.entry(rule, "until", date):
        return "none"
    certified_only = "certified_only" in rule.values and file.entry(rule, "certified_only", bool)
    return "certified_only" if certified_only else "adequate"
