"""Which files a session was offered: the links that its own connection carried, and no others."""

from collections import OrderedDict
from collections.abc import Iterator

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui.door.sessions import Session

MEDIA = "/media/"
MOST_SESSIONS, MOST_LINKS = 2_000, 5_000
Key = tuple[str, str]


class Links:
    """Links to files by session; the oldest are forgotten first, and what is forgotten is refused."""

    def __init__(self) -> None:
        self._by_session: OrderedDict[Key, OrderedDict[str, None]] = OrderedDict()

    def note(self, session: Session, frame: bytes | None) -> None:
        """Remember the links in a message to a session's browser."""
        if not frame or MEDIA.encode() not in frame:
            return
        known = self._by_session.setdefault(_key(session), OrderedDict())
        self._by_session.move_to_end(_key(session))
        for link in offered(frame):
            known[link] = None
            known.move_to_end(link)
        _forget(known, MOST_LINKS)
        _forget(self._by_session, MOST_SESSIONS)

    def offered(self, session: Session, path: str) -> bool:
        """Whether a session was offered the file at a path."""
        return path in self._by_session.get(_key(session), ())


def offered(frame: bytes) -> Iterator[str]:
    """Paths of the files that a message of Streamlit's offers; what people have typed is none of them."""
    message = ForwardMsg.FromString(frame)
    element = message.delta.new_element
    found = [
        element.download_button.url,
        *(image.url for image in element.imgs.imgs),
        message.backend_operation_response.deferred_file.url,
        message.logo.image,
        message.logo.icon_image,
        message.page_config_changed.favicon,
    ]
    yield from (link for link in found if link.startswith(MEDIA))


def _key(session: Session) -> Key:
    return session.subject, session.started_at.isoformat()


def _forget(known: OrderedDict[Key, OrderedDict[str, None]] | OrderedDict[str, None], most: int) -> None:
    while len(known) > most:
        known.popitem(last=False)
