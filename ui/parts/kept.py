"""Markup of figures, built once for all who read the same figures alike."""

import pickle
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from metrics import formatting
from ui import access, filters

Given = ParamSpec("Given")
Made = TypeVar("Made")


def kept(build: Callable[Given, Made]) -> Callable[Given, Made]:
    """Keep what a function makes under all that it is made of.

    That is every argument by its content, the locale in use, and what links depend on: the reader's roles,
    and the choices that they take along. The function must depend on nothing else.
    """

    @wraps(build)
    def found(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        linked = (sorted(access.reader().roles), sorted(filters.carried().items()))
        about = (build.__module__, build.__qualname__, formatting.in_use(), linked)
        name = blake2b(pickle.dumps((about, args, kwargs))).hexdigest()
        made: Made = _made(name, build, args, kwargs)
        return made

    return found


@st.cache_data(max_entries=128, show_spinner=False)
def _made(name: str, _build: Callable[..., Any], _args: tuple[Any, ...], _kwargs: Mapping[str, Any]) -> Any:
    return _build(*_args, **_kwargs)
