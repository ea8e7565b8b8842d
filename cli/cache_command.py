"""``mmfeat cache``: look after stored features."""

import typer

from .cache_changing import compact, merge, rm_stale
from .cache_exchange_command import export_features, import_features
from .cache_showing import diff, info, verify

cache_app = typer.Typer(
    help="Look after stored features: show, check, merge, compare, tidy, export, import.",
    no_args_is_help=True,
)

cache_app.command()(info)
cache_app.command()(verify)
cache_app.command()(merge)
cache_app.command()(diff)
cache_app.command()(compact)
cache_app.command("rm-stale")(rm_stale)
cache_app.command("export")(export_features)
cache_app.command("import")(import_features)
