"""`cauce scenario run`: plays scenario files on a database of their own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from engine import load_folder
from web.settings import Settings


@click.group()
def scenario() -> None:
    """Cases told as data: play them, and see which flows they take."""


@scenario.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--restart", is_flag=True, help="Read everything anew from storage before every step.")
@click.option("--coverage", is_flag=True, help="List the sequence flows that no scenario takes.")
@click.option("--verbose", is_flag=True, help="Print every step.")
@click.option("--database", metavar="URL", help="An empty database to play on. Default: a SQLite file, thrown away.")
def run_(paths: tuple[Path, ...], restart: bool, coverage: bool, verbose: bool, database: str | None) -> None:
    """Play scenarios: files, or folders of them. Ends with 1 when one does not go as told.

    Example: cauce scenario run processes/procedimiento_legal/scenarios --restart
    """
    from web.scenarios import ScenarioError, load, run
    from web.scenarios.coverage import Coverage, all_flows, never_taken
    from web.scenarios.firm import ScenarioFirm

    failed, taken, excused, folder = 0, Coverage(), set[str](), Path()
    for path in _files(paths):
        try:
            told = load(path)
        except ScenarioError as error:
            raise click.ClickException(str(error)) from error
        folder = path.resolve().parent.parent
        excused |= set(told.excused)
        with _place(folder, database) as settings:
            ScenarioFirm.prepared(settings).close()
            report = run(
                told,
                lambda settings=settings: ScenarioFirm.open(settings),  # type: ignore[misc]
                restart=restart,
                tell=click.echo if verbose else lambda line: None,
            )
        taken |= report.taken
        failed += report.failure is not None
        click.echo(f"{'FAIL' if report.failure else 'ok  '}  {path.name}  {told.name}  ({report.steps} steps)")
        if report.failure:
            click.echo(str(report.failure))
    if coverage:
        flows = all_flows(load_folder(folder))
        missing = never_taken(flows, taken, excused)
        click.echo(f"{len(flows) - len(missing)} of {len(flows)} sequence flows taken or excused; never taken:")
        click.echo("\n".join(f"  {flow}" for flow in missing) or "  none")
    sys.exit(1 if failed else 0)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    return [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]


@contextmanager
def _place(processes: Path, database: str | None) -> Iterator[Settings]:
    """Settings of a program of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cauce-scenario-") as folder:
        url = database or f"sqlite:///{folder}/cauce.db"
        yield Settings(var=Path(folder), database_url=url, secret_key="s" * 40, demo=True, processes=processes)
