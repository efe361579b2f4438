"""`python -m benchmarks [name …]`: every benchmark, or those named, as one table."""

import importlib
import sys
from pathlib import Path

HELPERS = {"__init__", "__main__", "large_store", "measure"}


def main(names: list[str]) -> None:
    """Print each benchmark's rows: name, value, unit."""
    found = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in HELPERS)
    unknown = set(names) - set(found)
    if unknown:
        sys.exit(f"Unknown benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(found)}.")
    for name in names or found:
        print(f"\n{name}")
        for label, value, unit in importlib.import_module(f"benchmarks.{name}").run():
            print(f"  {label:<44} {value:>12,.3f} {unit}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
