"""Which addresses are this computer's own."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Whether an address or host name means this very computer.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "192.168.1.7", None)]
    [True, True, True, False, False, False]
    """
    if not host:
        return False
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
