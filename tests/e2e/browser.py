"""Finds a Chromium for the browser tests; as a script it installs Debian's where that is possible."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str | None:
    """The path of an installed Chromium; None where there is none."""
    named = os.environ.get("LIFTGATE_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> str | None:
    """Install Debian's Chromium if this machine lets us; the path, or None."""
    apt = shutil.which("apt-get")
    if found() or not apt or os.geteuid() != 0:
        return found()
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        subprocess.run([apt, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return found()


if __name__ == "__main__":
    path = install()
    told = path or "No browser here and none could be installed: the browser tests will be skipped."
    sys.stdout.write(f"{told}\n")
