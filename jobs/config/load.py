"""From a workspace folder to one checked, frozen object; every problem is reported, not just the first."""

import datetime as dt
import difflib
import os
from pathlib import Path
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from jobs.clock import local_midnight
from jobs.config import crosscheck
from jobs.config.models import (
    TABLES,
    Experiment,
    Journey,
    Metric,
    Segment,
    Settings,
    SqlTable,
)
from jobs.config.workspace import Workspace
from jobs.config.yaml_lines import Document, KeyPath, read
from jobs.intake.sources import TableSource
from jobs.problems import Problem, WorkspaceError
from policy.model import Policy

FILES: dict[str, Any] = {
    "metrics": dict[str, Metric],
    "experiments": list[Experiment],
    "journeys": list[Journey],
    "policy": Policy,
    "segments": list[Segment],
}


def load(folder: Path, *, today: dt.date | None = None) -> Workspace:
    """Read and check a workspace's configuration.

    `today` is the local date used when `as_of` is left out (then: yesterday).

    Raises:
        WorkspaceError: with every problem found, each with file and line.
    """
    folder = folder.resolve()
    if not (folder / "workspace.yaml").is_file():
        remedy = "Give the folder that holds workspace.yaml, or make a demo: python -m jobs demo DIR."
        raise WorkspaceError([Problem(str(folder), "There is no workspace.yaml in this folder.", remedy)])
    main = read(folder / "workspace.yaml")
    problems: list[Problem] = []
    settings = _validated(main, Settings, problems)
    if settings is None:
        raise WorkspaceError(problems)
    documents: dict[str, Document] = {"workspace": main}
    parts: dict[str, Any] = {}
    for key, shape in FILES.items():
        name = getattr(settings, key)
        if name is None:
            continue
        try:
            documents[key] = read(_file(folder, name, main, key))
        except WorkspaceError as error:
            problems.extend(error.problems)
            continue
        parts[key] = _validated(documents[key], shape, problems)
    zone = _zone(settings, main, problems)
    _store(settings, main, problems)
    if problems:
        raise WorkspaceError(problems)
    as_of = settings.as_of or (today or dt.datetime.now(zone).date()) - dt.timedelta(days=1)
    workspace = Workspace(
        folder=folder,
        settings=settings,
        metrics=parts.get("metrics") or {},
        experiments=tuple(parts.get("experiments") or ()),
        journeys={journey.id: journey for journey in parts.get("journeys") or ()},
        policy=parts.get("policy") or Policy(),
        segments=tuple(parts.get("segments") or ()),
        sources=_sources(folder, settings, main),
        zone=zone,
        as_of=as_of,
        as_of_end=local_midnight(as_of + dt.timedelta(days=1), zone),
        documents=documents,
    )
    problems = crosscheck.problems(workspace, parts)
    if problems:
        raise WorkspaceError(problems)
    return workspace


def _file(folder: Path, name: str, main: Document, key: str) -> Path:
    file = folder / name
    if not file.is_file():
        what = f"`{key}` names the file '{name}', which does not exist."
        raise WorkspaceError([Problem(main.where((key,)), what, "Create it or correct the name.")])
    return file


def _zone(settings: Settings, main: Document, problems: list[Problem]) -> ZoneInfo:
    try:
        return ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        what = f"'{settings.timezone}' is not a time zone."
        remedy = "Use an IANA name such as Europe/Dublin."
        problems.append(Problem(main.where(("timezone",)), what, remedy))
        return ZoneInfo("UTC")


def _store(settings: Settings, main: Document, problems: list[Problem]) -> None:
    try:
        make_url(os.environ.get("LIFTGATE_STORE") or settings.store)
    except ArgumentError:
        where = (
            "environment variable LIFTGATE_STORE"
            if os.environ.get("LIFTGATE_STORE")
            else main.where(("store",))
        )
        remedy = "Use a SQLAlchemy URL such as sqlite:///liftgate.db."
        problems.append(Problem(where, "The store's URL cannot be read.", remedy))


def _sources(folder: Path, settings: Settings, main: Document) -> dict[str, TableSource]:
    sources: dict[str, TableSource] = {}
    for name, value in settings.tables.items():
        where = main.where(("tables", name))
        if isinstance(value, SqlTable):
            sources[name] = TableSource(name, (), value.url, value.query, where)
        else:
            patterns = [value] if isinstance(value, str) else value
            absolute = tuple(p if "://" in p else str(folder / p) for p in patterns)
            sources[name] = TableSource(name, absolute, None, None, where)
    return sources


def _validated(document: Document, shape: Any, problems: list[Problem]) -> Any:
    data = document.data
    if data is None:
        data = [] if get_origin(shape) is list else {}
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as error:
        problems.extend(_problem(document, shape, dict(detail)) for detail in error.errors())
        return None


_SHAPES = {
    "dict_type": "should be keys with values, as in {key: value}",
    "model_type": "should be keys with values, as in {key: value}",
    "list_type": "should be a list, as in [first, second]",
}


def _problem(document: Document, shape: Any, detail: dict[str, Any]) -> Problem:
    path = _path_in(document, detail["loc"])
    where = document.where(path)
    key = path[-1] if path else ""
    if detail["type"] == "extra_forbidden":
        near = _nearest_key(document, shape, path)
        return Problem(where, f"Unknown key '{key}'.", f"The nearest known key is '{near}'.")
    if detail["loc"][-1:] == ("[key]",):
        return _wrong_key(where, path, detail)
    if detail["type"] == "missing":
        return Problem(where, f"The key '{detail['loc'][-1]}' is missing.", "Add it.")
    if detail["type"] == "value_error":
        return Problem(where, f"Not possible: {detail['ctx']['error']}.", "Correct this entry.")
    shown = detail["input"]
    shown = shown.isoformat() if isinstance(shown, dt.date) else shown
    given = f" Given: {shown!r}." if isinstance(shown, str | int | float | bool) else ""
    rule = _SHAPES.get(detail["type"], "should be " + detail["msg"].removeprefix("Input should be "))
    if rule.startswith("should be String should "):
        rule = rule.removeprefix("should be String ")
    remedy = "Put quotes around it." if detail["type"] == "string_type" else "Correct the value."
    subject = f"'{key}'" if path else "The file"
    return Problem(where, f"{subject} {rule}.{given}", remedy)


def _wrong_key(where: str, path: KeyPath, detail: dict[str, Any]) -> Problem:
    """A key that names no table, or that YAML does not read as text (off, 1, 2026-01-01)."""
    if path[:1] == ("tables",):
        near = difflib.get_close_matches(str(path[-1]), TABLES, n=1, cutoff=0.0)[0]
        return Problem(where, f"Unknown table '{path[-1]}'.", f"The nearest known table is '{near}'.")
    owner = f" in '{path[-1]}'" if path else ""
    what = f"YAML does not read a key{owner} as text, but as {detail['input']!r}."
    return Problem(where, what, "Put quotes around it.")


def _path_in(document: Document, location: tuple[str | int, ...]) -> KeyPath:
    """The location as it stands in the file: without the tags that the validator adds for unions."""
    path: KeyPath = ()
    for part in location:
        if (*path, part) in document.lines:
            path = (*path, part)
    return path


def _nearest_key(document: Document, shape: Any, path: KeyPath) -> str:
    """The known key most like an unknown one, in the model that its siblings belong to."""
    unknown = str(path[-1])
    siblings = {str(key[-1]) for key in document.lines if key[:-1] == path[:-1] and key} - {unknown}
    owner = max(_models(shape), key=lambda model: len(siblings & set(model.model_fields)))
    return difflib.get_close_matches(unknown, list(owner.model_fields), n=1, cutoff=0.0)[0]


def _models(shape: Any) -> list[type[BaseModel]]:
    """Every model that a shape can hold, itself first."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        fields = [field.annotation for field in shape.model_fields.values()]
        return [shape, *(model for field in fields for model in _models(field))]
    return [model for part in get_args(shape) for model in _models(part)]
