"""Placeholder, replaced by its owner."""

import typer

encoders_app = typer.Typer(help="Not there yet.")


@encoders_app.command("show")
def show() -> None:
    """Not there yet."""
    raise SystemExit(1)
