"""Markup of figures, built once for all who read the same figures alike."""

import pickle
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from metrics import formatting
from ui import access

Given = ParamSpec("Given")
Made = TypeVar("Made")


def kept(build: Callable[Given, Made]) -> Callable[Given, Made]:
    """Keep what a function makes under all that it is made of.

    That is every argument by its content, the locale in use, and the reader's roles, which decide on links;
    the function must depend on nothing else.
    """

    @wraps(build)
    def found(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        about = (build.__module__, build.__qualname__, formatting.in_use(), sorted(access.reader().roles))
        name = blake2b(pickle.dumps((about, args, kwargs))).hexdigest()
        made: Made = _made(name, build, args, kwargs)
        return made

    return found


@st.cache_data(max_entries=128, show_spinner=False)
def _made(name: str, _build: Callable[..., Any], _args: tuple[Any, ...], _kwargs: Mapping[str, Any]) -> Any:
    return _build(*_args, **_kwargs)
