"""`python -m jobs`: the command line."""

from jobs.cli import app

if __name__ == "__main__":
    app()
