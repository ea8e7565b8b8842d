"""Placeholder, replaced by its owner."""

import typer

config_app = typer.Typer(help="Not there yet.")


@config_app.command("show")
def show() -> None:
    """Not there yet."""
    raise SystemExit(1)
