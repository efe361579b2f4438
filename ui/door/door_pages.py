"""The few pages that need no Streamlit: sign in, no role, and what went wrong. They name nothing inside."""

from functools import cache
from pathlib import Path

from ui.parts.markup import Html, tag, text
from ui.parts.style import variables

ASSETS = Path(__file__).parents[1] / "assets"
MARK, SHEET = ASSETS / "mark.svg", ASSETS / "door.css"
SIGN_IN, SIGN_OUT = "/sign-in", "/auth/logout"


def sign_in(*, ended: bool = False) -> str:
    """What somebody sees who is not signed in.

    Args:
        ended: they were, and that sign-in holds no longer.
    """
    why = "Your session has ended. Sign in again to go on where you were." if ended else ""
    return _page("Sign in", why or "Sign in with your company's account to go on.", _act("Sign in", SIGN_IN))


def no_role(name: str) -> str:
    """What somebody sees whom the sign-in gives no role."""
    said = (
        f"You are signed in as {name}, and your account has no role in Liftgate. Whoever gives out roles in "
        "your company's sign-in can change that; sign out and in again afterwards."
    )
    return _page("No access yet", said, _act("Sign out", SIGN_OUT))


def failed() -> str:
    """What somebody sees whose sign-in came to nothing."""
    said = "The sign-in was not completed: it was refused, or took too long. The log has the reason."
    return _page("Sign-in did not work", said, _act("Try again", SIGN_IN))


def too_large() -> str:
    """What somebody sees whose identity is too large for their browser's connection to the app."""
    said = (
        "Your company's sign-in says more about you than a connection can carry, most often a long list of "
        "groups. Whoever runs Liftgate finds in its documentation what to do."
    )
    return _page("Sign-in did not work", said, _act("Try again", SIGN_IN))


def unreadable() -> str:
    """What everybody sees while sign-outs cannot be read: nobody is let in on trust."""
    said = "The store cannot be read, so nobody can be let in. The log has the reason."
    return _page("Not available", said, Html(""))


def _act(label: str, address: str) -> Html:
    return tag("a", text(label), href=address, class_="act")


def _page(title: str, said: str, act: Html) -> str:
    mark = Html(MARK.read_text(encoding="utf-8"))
    name = tag("p", Html(f"{mark}<span>Liftgate</span>"), class_="name")
    body = tag("main", Html(f"{name}{tag('h1', text(title))}{tag('p', text(said))}{act}"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{text(title)} · Liftgate</title><link rel="icon" href="/favicon.png">'
        f"<style>{_style()}</style></head><body>{body}</body></html>"
    )


@cache
def _style() -> str:
    return f":root {{ {variables()} }}\n{SHEET.read_text(encoding='utf-8')}"
