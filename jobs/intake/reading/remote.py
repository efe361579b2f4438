"""Files in an object store: s3:// and its like, reached with the credentials of the environment."""

import warnings
from pathlib import Path

import polars as pl

from jobs.intake.reading.stored import UNREADABLE, StoredFile, csv_file, parquet_file
from jobs.problems import Problem, WorkspaceError


def is_remote(pattern: str) -> bool:
    """Whether a path is an address of an object store."""
    return "://" in pattern


def remote_files(pattern: str, where: str, scratch: Path) -> list[StoredFile]:
    """The files that an address or a glob stands for; CSV is copied to `scratch` first.

    Raises:
        WorkspaceError: nothing is there, or the environment has no credentials for it.
    """
    is_text = pattern.lower().endswith(".csv")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*region.*", category=UserWarning)
        try:
            addresses = _addresses(pattern, is_text=is_text)
        except UNREADABLE as error:
            raise WorkspaceError([_out_of_reach(pattern, where, error)]) from None
        if is_text:
            return [csv_file(_copied(address, scratch), address) for address in addresses]
        return [parquet_file(address, address) for address in addresses]


def _addresses(pattern: str, *, is_text: bool) -> list[str]:
    if is_text:
        rows = pl.scan_lines(pattern, include_file_paths="file")
    else:
        rows = pl.scan_parquet(
            pattern, include_file_paths="file", missing_columns="insert", extra_columns="ignore"
        )
    found = rows.select(pl.col("file").unique()).collect()["file"].sort().to_list()
    if not found:
        raise FileNotFoundError(pattern)
    return found


def _copied(address: str, scratch: Path) -> Path:
    copy = scratch / f"{len(list(scratch.iterdir())):05}.csv"
    pl.scan_lines(address).sink_csv(copy, include_header=False, quote_style="never")
    return copy


def _out_of_reach(pattern: str, where: str, error: BaseException) -> Problem:
    if isinstance(error, FileNotFoundError) or "expanded paths were empty" in str(error):
        return Problem(where, f"Nothing with rows is at '{pattern}'.", "Correct the address.")
    if isinstance(error, OSError):
        what = f"'{pattern}' is out of reach: no credentials, no permission or no network."
        remedy = "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or give the machine a role."
        if not pattern.startswith("s3"):
            remedy = "Check the address and the permissions, or copy the file into the workspace."
        return Problem(where, what, remedy)
    return Problem(where, f"A file at '{pattern}' is not a Parquet file, or damaged.", "Export it again.")
