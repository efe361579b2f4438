from datetime import date
from pathlib import Path

import pytest

from law.loader import LAW_FOLDER, LawError, load

LAW_FILES = sorted(str(path.relative_to(LAW_FOLDER)) for path in LAW_FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("name", LAW_FILES)
def test_every_shipped_rule_names_its_source_and_a_past_review(name: str) -> None:
    file = load(name)
    assert file.version >= 1
    for rule in file.rules.values():
        assert len(rule.source) > 3
        assert date(2026, 1, 1) <= rule.reviewed <= date.today()  # noqa: DTZ011


BAD = {
    "no source": ("version: 1\nrules:\n  FR: {age: 15, reviewed: 2026-11-23}\n", "FR", "`source`"),
    "blank source": (
        "version: 1\nrules:\n  FR: {age: 15, source: ' ', reviewed: 2026-11-23}\n",
        "FR",
        "`source`",
    ),
    "no review": ("version: 1\nrules:\n  FR: {age: 15, source: loi}\n", "FR", "`reviewed`"),
    "review is text": (
        "version: 1\nrules:\n  FR: {age: 15, source: loi, reviewed: lately}\n",
        "FR",
        "`reviewed`",
    ),
    "unknown confidence": (
        "version: 1\nrules:\n  FR: {source: loi, reviewed: 2026-11-23, confidence: total}\n",
        "FR",
        "total",
    ),
    "rule is a number": ("version: 1\nrules:\n  FR: 15\n", "FR", "not a mapping"),
    "key twice": ("version: 1\nrules:\n  FR: {a: 1}\n  FR: {a: 2}\n", "line 4", "twice"),
    "Norway read as false": ("version: 1\nrules:\n  NO: {a: 1}\n", "line 3", "quotes"),
    "no rules": ("version: 1\n", "law/x.yaml", "`rules`"),
    "empty rules": ("version: 1\nrules: {}\n", "law/x.yaml", "`rules`"),
    "no version": (
        "rules:\n  FR: {source: loi, reviewed: 2026-11-23}\n",
        "version",
        "not a number",
    ),
    "no YAML": ("version: 1\nrules: [", "law/x.yaml", "not YAML"),
}


@pytest.mark.parametrize(("text", "where", "what"), BAD.values(), ids=BAD.keys())
def test_a_damaged_file_is_refused_with_file_and_key(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LawError) as caught:
        load("x.yaml", tmp_path)
    assert "law/x.yaml" in caught.value.where
    assert where in caught.value.where
    assert what in str(caught.value)
    assert caught.value.remedy


def test_a_missing_file_is_named() -> None:
    with pytest.raises(LawError, match=r"law/nothing\.yaml: there is no such file"):
        load("nothing.yaml")


@pytest.mark.parametrize("value", ["sixteen", "true", "1.5", "null"])
def test_an_entry_of_the_wrong_type_is_refused(tmp_path: Path, value: str) -> None:
    rule = f"version: 1\nrules:\n  FR: {{age: {value}, source: loi, reviewed: 2026-11-23}}\n"
    (tmp_path / "x.yaml").write_text(rule, encoding="utf-8")
    file = load("x.yaml", tmp_path)
    with pytest.raises(LawError, match=r"law/x\.yaml, FR\.age"):
        file.entry(file.rules["FR"], "age", int)
