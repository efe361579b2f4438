"""Who may import whom, and who may open the disclosure door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("law", "experiments", "metrics", "policy", "storage", "reports", "jobs", "ui", "pages")
ALLOWED = {
    "law": (),
    "experiments": (),
    "metrics": ("experiments", "law"),
    "policy": ("metrics", "experiments.verdict", "law"),
    "storage": ("metrics.catalogue", "metrics.published"),
    "reports": ("storage", "policy", "metrics", "law.loader", "law.children", "law.opt_out_signals"),
    "jobs": ("law", "experiments", "metrics", "policy", "storage", "reports"),
    "ui": ("reports", "storage", "policy", "metrics.catalogue", "metrics.formatting"),
    "pages": ("ui",),
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, allowed: tuple[str, ...]) -> bool:
    return any(
        name == prefix or name.startswith(f"{prefix}.") or prefix.startswith(f"{name}.") for prefix in allowed
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    for file in modules(package):
        for name in imports(file):
            if name.split(".")[0] in PACKAGES and name.split(".")[0] != package:
                assert within(name, ALLOWED[package]), f"{file.relative_to(ROOT)} imports {name}"


def test_statistics_know_no_frames() -> None:
    for file in modules("experiments"):
        outside = {name.split(".")[0] for name in imports(file)} & {
            "polars",
            "pandas",
            "narwhals",
            "streamlit",
        }
        assert not outside, file


def test_only_the_app_knows_streamlit() -> None:
    for package in set(PACKAGES) - {"ui", "pages"}:
        for file in modules(package):
            assert "streamlit" not in {name.split(".")[0] for name in imports(file)}, file


def test_the_jobs_that_decide_who_counts_name_no_engine() -> None:
    for name in ("jobs/population.py", "metrics/outcomes.py"):
        assert "polars" not in set(imports(ROOT / name)), name


def test_only_the_door_marks_figures_as_published() -> None:
    for package in PACKAGES:
        for file in modules(package):
            made = [
                node
                for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Published"
            ]
            assert not made or file == ROOT / "policy" / "disclosure.py", file


def test_only_jobs_call_the_door() -> None:
    for package in set(PACKAGES) - {"jobs", "policy"}:
        for file in modules(package):
            assert not any(name.startswith("policy.disclosure") for name in imports(file)), file


def test_package_init_files_are_empty() -> None:
    for package in PACKAGES:
        for file in (ROOT / package).rglob("__init__.py"):
            assert not file.read_text(encoding="utf-8").strip() or file.parent.name == "demo", file


def test_files_stay_readable() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for package in (*PACKAGES, "tests", "benchmarks")
        for file in modules(package)
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long
