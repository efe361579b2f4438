import datetime as dt
from pathlib import Path

import pytest

from jobs.config.load import load
from jobs.problems import WorkspaceError

WORKSPACE = """\
name: Northlight Retail
currency: EUR
timezone: Europe/Dublin
as_of: 2026-09-30
tables:
  customers: data/customers.parquet
  assignments: data/assignments.parquet
  order_lines: data/order_lines/*.parquet
metrics: metrics.yaml
experiments: experiments.yaml
journeys: journeys.yaml
policy: policy.yaml
"""
METRICS = """\
revenue: {kind: mean, table: order_lines, value: revenue, window_days: 28, covariate_days: 28, money: true}
orders: {kind: mean, table: order_lines, value: order_id, aggregate: count_distinct, window_days: 28}
aov: {kind: ratio, numerator: revenue, denominator: orders}
churn: {kind: survival, table: order_lines, inactive_days: 60, horizon: 90}
"""
EXPERIMENTS = """\
- id: cart-2026q3
  journey: cart
  control: holdout
  allocation: {holdout: 0.2, personalised: 0.8}
  starts: 2026-07-01
  ends: 2026-09-30
  primary: revenue
  guardrails: {churn: {harm_if: higher, margin: 0.01}}
  metrics: [revenue, aov]
  segments: [country]
  purposes: [personalize.content.profiled]
"""
JOURNEYS = "- {id: cart, name: Cart recovery, owner: crm, rollout: personalised}\n"
POLICY = "version: 3\nconsent_validity_days: {default: 183, US: 730}\nchildren: {ages: {IE: 17}}\n"


def write(folder: Path, **files: str) -> Path:
    texts = {
        "workspace": WORKSPACE,
        "metrics": METRICS,
        "experiments": EXPERIMENTS,
        "journeys": JOURNEYS,
        "policy": POLICY,
    } | files
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_sound_workspace_loads(tmp_path: Path) -> None:
    workspace = load(write(tmp_path))
    assert workspace.as_of_end == dt.datetime(2026, 9, 30, 23)  # noqa: DTZ001 - naive UTC is the house's form
    assert workspace.experiments[0].variants == ("personalised",)
    assert workspace.experiments[0].all_metrics == ("revenue", "aov", "churn")
    assert workspace.store_url == f"sqlite:///{tmp_path}/liftgate.db"
    assert workspace.sources["order_lines"].patterns == (f"{tmp_path}/data/order_lines/*.parquet",)


def test_as_of_left_out_is_yesterday(tmp_path: Path) -> None:
    folder = write(tmp_path, workspace=WORKSPACE.replace("as_of: 2026-09-30\n", ""))
    assert load(folder, today=dt.date(2026, 11, 23)).as_of == dt.date(2026, 11, 22)


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFTGATE_STORE", "sqlite:///elsewhere.db")
    assert load(write(tmp_path)).store_url.endswith("/elsewhere.db")


CASES = [
    pytest.param(
        "workspace", "currency: EUR", "curency: EUR", "workspace.yaml, line 2", "currency", id="typo"
    ),
    pytest.param(
        "workspace", "name: Northlight Retail", "", "workspace.yaml", "'name' is missing", id="missing"
    ),
    pytest.param("workspace", "  customers:", "  custmers:", "line 6", "'customers'", id="unknown-table"),
    pytest.param("workspace", "Europe/Dublin", "Dublin", "line 3", "not a time zone", id="zone"),
    pytest.param("workspace", "2026-09-30", "soon", "line 4", "date", id="as-of"),
    pytest.param("workspace", "EUR", "euro", "line 2", "'currency'", id="currency"),
    pytest.param("workspace", "metrics.yaml", "metric.yaml", "line 9", "does not exist", id="no-file"),
    pytest.param(
        "workspace", "name:", "disclosure: {minimum_people: 5}\nname:", "line 1", "10", id="k-below-10"
    ),
    pytest.param(
        "metrics", "value: revenue,", "valu: revenue,", "metrics.yaml, line 1", "'value'", id="metric-typo"
    ),
    pytest.param("metrics", "kind: mean", "kind: average", "metrics.yaml, line 1", "mean", id="kind"),
    pytest.param("metrics", ", window_days: 28}", "}", "metrics.yaml, line 2", "window_days", id="no-window"),
    pytest.param(
        "metrics", "denominator: orders", "denominator: order", "line 3", "'orders'", id="ratio-part"
    ),
    pytest.param(
        "metrics",
        "table: order_lines, value: r",
        "table: unit_outcomes, value: r",
        "line 1",
        "covariate_days",
        id="covariate-days",
    ),
    pytest.param(
        "metrics", "revenue: {", "orders: {", "metrics.yaml, line 2", "given twice", id="duplicate-key"
    ),
    pytest.param("workspace", "2026-09-30", "9999-12-31", "line 4", "2200-12-31", id="as-of-far"),
    pytest.param("workspace", "2026-09-30", "2026-09-30T12:00:00Z", "line 4", "'2026-09-30T12", id="instant"),
    pytest.param("experiments", "ends: 2026-09-30", "ends: 9999-12-31", "line", "2200-12-31", id="ends-far"),
    pytest.param(
        "experiments", "margin: 0.01", "margin: .inf", "experiments.yaml, line", "finite", id="infinite"
    ),
    pytest.param(
        "journeys", "id: cart", "id: '*all*'", "journeys.yaml, line", "several rows together", id="reserved"
    ),
    pytest.param(
        "workspace", "name: Northlight", f"name: {'N' * 200}", "line 1", "at most 200", id="long-name"
    ),
    pytest.param("metrics", "revenue: {", "revenue: {{", "metrics.yaml, line", "not valid YAML", id="syntax"),
    pytest.param(
        "experiments", "control: holdout", "control: none", "experiments.yaml, line", "'none'", id="control"
    ),
    pytest.param("experiments", "primary: revenue", "primary: revenu", "line 7", "'revenue'", id="primary"),
    pytest.param(
        "experiments", "starts: 2026-07-01", "starts: 2026-12-01", "experiments.yaml", "before", id="dates"
    ),
    pytest.param(
        "experiments",
        "  purposes: [personalize.content.profiled]\n",
        "",
        "experiments.yaml",
        "`purposes`",
        id="consent-to-nothing",
    ),
    pytest.param("experiments", "holdout: 0.2", "holdout: 0", "line 4", "positive", id="weight"),
    pytest.param("experiments", "journey: cart", "journey: carts", "line 2", "'cart'", id="journey"),
    pytest.param("experiments", "control: holdout", "control: off", "line 3", "quotes", id="yaml-boolean"),
    pytest.param(
        "experiments", "{holdout: 0.2", "{off: 0.2", "line 4", "in 'allocation' as text", id="boolean-key"
    ),
    pytest.param("experiments", "2026-09-30", "2026-09-31", "experiments.yaml, line 6", "does not", id="day"),
    pytest.param("experiments", "cart-2026q3", "''", "line 1", "'id' should have at least", id="empty-id"),
    pytest.param("experiments", "harm_if: higher", "harm_if: up", "line 8", "higher", id="harm-if"),
    pytest.param(
        "journeys", "rollout: personalised", "rollout: all", "journeys.yaml, line 1", "'all'", id="rollout"
    ),
    pytest.param("policy", "{IE: 17}", "{IE: 13}", "policy.yaml, line 3", "16", id="age-lowered"),
    pytest.param("policy", "US: 730", "US: 0", "policy.yaml, line 2", "at least 1", id="validity"),
    pytest.param(
        "policy",
        "version: 3",
        "version: 3\nchecks: [{id: a, figure: lift, op: '=>', threshold: 0}]",
        "policy.yaml, line 2",
        "'op'",
        id="operator",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "where", "says"), CASES)
def test_each_fault_names_its_place_and_remedy(
    tmp_path: Path, file: str, old: str, new: str, where: str, says: str
) -> None:
    sound = {"workspace": WORKSPACE, "metrics": METRICS, "experiments": EXPERIMENTS, "journeys": JOURNEYS,
             "policy": POLICY}[file]  # fmt: skip
    assert old in sound
    with pytest.raises(WorkspaceError) as caught:
        load(write(tmp_path, **{file: sound.replace(old, new, 1)}))
    texts = [str(problem) for problem in caught.value.problems]
    assert any(where in text and says in text for text in texts), texts
    assert all(problem.remedy for problem in caught.value.problems)


BILLION = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))


@pytest.mark.parametrize(
    "written",
    ["- &a [*a]\n", "- &a {id: x, name: *a}\n", "[" * 3_000 + "]" * 3_000, f"a0: &a0 [x]\n{BILLION}"],
    ids=["in-itself", "in-its-own-key", "deep", "billion"],
)
def test_a_file_without_an_end_is_refused_at_once(tmp_path: Path, written: str) -> None:
    with pytest.raises(WorkspaceError, match=r"journeys.yaml, line \d+: The file goes deeper than 40 levels"):
        load(write(tmp_path, journeys=written))


def test_values_may_be_shared_within_a_file(tmp_path: Path) -> None:
    shared = "- {id: cart, purposes: &all [a, b]}\n- {id: homepage, purposes: *all}\n"
    assert load(write(tmp_path, journeys=shared)).journeys["homepage"].purposes == ["a", "b"]


def test_a_forbidden_character_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"journeys.yaml, line 2: The character U\+0007"):
        load(write(tmp_path, journeys="- id: cart_recovery\n  name: a\abell\n"))


@pytest.mark.parametrize("escaped", [r"\0", r"\e[31m", r"\u202e"])
def test_a_text_that_turns_or_hides_others_is_refused(tmp_path: Path, escaped: str) -> None:
    with pytest.raises(WorkspaceError, match=r"journeys.yaml, line 2: The character U\+"):
        load(write(tmp_path, journeys=f'- id: cart_recovery\n  name: "a{escaped}b"\n'))
    with pytest.raises(WorkspaceError, match=r"metrics.yaml, line \d+: The character U\+"):
        load(write(tmp_path, metrics=f'{METRICS}"a{escaped}b": {{kind: mean}}\n'))


@pytest.mark.parametrize(
    "name",
    ["unit", "variant", "time", "reason", "people", "age_unknown", "erased", "withdrew", "cell",
     "segment__tier", "counted__28_days", "value__visits", "revenue__before", "revenue__cap", "aov__sum__0"],
)  # fmt: skip
def test_a_metric_may_not_take_the_name_of_a_column_that_figures_rest_on(tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkspaceError, match=f"metrics.yaml, line 4.*'{name}'.*another name"):
        load(write(tmp_path, metrics=METRICS.replace("churn:", f"{name}:")))


def test_a_file_of_another_shape_says_what_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"metrics.yaml, line 1.*The file should be keys with values"):
        load(write(tmp_path, metrics="- revenue\n"))


def test_a_metric_given_twice_is_one_problem(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        load(write(tmp_path, metrics=METRICS + METRICS.splitlines(keepends=True)[0]))
    assert len(caught.value.problems) == 1


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        load(
            write(
                tmp_path, metrics="a: {kind: mean}\n", policy="version: 1\nchildren: {unknown_age: maybe}\n"
            )
        )
    files = {problem.where.split(",")[0] for problem in caught.value.problems}
    assert files == {"metrics.yaml", "policy.yaml"}


def test_a_folder_without_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="python -m jobs demo"):
        load(tmp_path)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "metrics.yaml").write_bytes(b"caf\xe9: {}\n")
    with pytest.raises(WorkspaceError, match=r"metrics\.yaml: The file is not UTF-8"):
        load(folder)
