"""Commands for whoever keeps Cauce running: doctor, backup, restore, migrate."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import click

from engine import SYSTEM, Actor, Engine
from web import backup as backups
from web import doctor as doctors
from web import schema
from web.settings import Settings

CONSOLE = Actor("consola", frozenset({"operador"}))
"""Who acts, for the history, when somebody at the machine's terminal does."""
MARKS = {"good": "  ok", "warning": "warn", "bad": "FAIL"}


@click.command()
def doctor() -> None:
    """Look at everything that Cauce stands on. Exit code 1 when something is bad.

    Example: cauce doctor
    """
    from web import create_engine

    settings = Settings.from_environment()
    # Also of a database whose tables are not current: that is one of the things that it says.
    engine = create_engine(settings)
    bad = False
    for name, answer in doctors.examine(settings, engine):
        bad = bad or answer.grade == "bad"
        click.echo(f"{MARKS[answer.grade]}  {name:<11} {answer.said}")
        if answer.grade != "good" and answer.remedy:
            click.echo(f"                  {answer.remedy}")
    engine.close()
    sys.exit(1 if bad else 0)


@click.command()
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Say what was made as JSON.")
def backup(folder: Path | None, as_json: bool) -> None:
    """Copy database and files into a new folder below FOLDER (default: var/backups), while people work.

    Example: cauce backup /mnt/backups
    """
    made = backups.make(Settings.from_environment(), folder)
    if as_json:
        click.echo(json.dumps(backups.as_json(made)))
    else:
        click.echo(f"{made.path}: {sum(made.counts.values())} rows, {len(made.files)} files.")


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Prove that it is complete; touch nothing.")
def restore(path: Path, only_check: bool) -> None:
    """Bring a backup back into an empty database and data folder; it is checked first.

    Example: cauce restore --check var/backups/20270111T030000000000Z
    """
    if only_check:
        found = backups.check(path)
        click.echo(f"Complete: {sum(found.counts.values())} rows, {len(found.files)} files, made {found.made}.")
        return
    settings = Settings.from_environment()
    backups.restore(settings, path)
    click.echo(f"Restored into {settings.shown_database}. Then run: cauce upgrade")


@click.command()
@click.argument("source", required=False)
@click.argument("target", required=False)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Prove that every instance under way can go on with this program; run it before switching to a new version.",
)
@click.option(
    "--backup",
    "copy",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --check: look at this backup, its tables brought up to this program in a copy; touches nothing else.",
)
@click.option(
    "--into",
    metavar="URL",
    help="With --backup of PostgreSQL: the empty database for that copy. Without it the command says how to make one.",
)
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="An element that has another id now.")
@click.option("--apply", "reason", metavar="REASON", help="Migrate every instance that can be, for this reason.")
def migrate(
    source: str | None,
    target: str | None,
    only_check: bool,
    copy: Path | None,
    into: str | None,
    pairs: tuple[str, ...],
    reason: str | None,
) -> None:
    """Move instances from one deployment to another (ids, or their beginnings); without --apply only say what would be.

    Example: cauce migrate 3fa1 77c0 --map ut_revisar=ut_estudiar

    Before a new version is switched on: cauce migrate --check --backup var/backups/20270111T030000000000Z
    """
    settings = Settings.from_environment()
    if only_check:
        _prove(settings, copy, into)
    engine = _engine(settings)
    if source is None or target is None:
        raise click.UsageError("Name two deployments, or say --check.")
    mapping = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    plan = engine.plan_migration(_deployment(engine, source), _deployment(engine, target), mapping, by=SYSTEM)
    for verdict in plan.verdicts:
        said = "can move" if verdict.possible else "cannot: " + " ".join(verdict.reasons)
        click.echo(f"{verdict.business_key}: {said}")
    if reason:
        chosen = [one.instance_id for one in plan.verdicts if one.possible]
        outcomes = engine.migrate(plan, chosen, reason=reason, by=CONSOLE)
        click.echo(f"{sum(one.done for one in outcomes)} of {len(plan.verdicts)} moved.")


def _prove(settings: Settings, copy: Path | None, into: str | None) -> NoReturn:
    """Say what cannot go on with this program, here or in a backup, and end."""
    with TemporaryDirectory() as folder:
        if copy is not None:
            settings = backups.unpacked(settings, copy, Path(folder), into)
            schema.upgrade(settings)
        engine = _engine(settings)
        broken = list(doctors.unproven(engine))
        engine.close()
    for name, why in broken:
        click.echo(f"{name}: {why}", err=True)
    said = f"{len(broken)} cannot go on" if broken else "Everything under way can go on"
    click.echo(f"{said} with this program.")
    sys.exit(1 if broken else 0)


def _deployment(engine: Engine, beginning: str) -> str:
    found = [one.id for one in engine.deployments(by=SYSTEM) if one.id.startswith(beginning)]
    if len(found) != 1:
        raise click.UsageError(f"{len(found)} deployments begin with {beginning!r}.")
    return found[0]


def _engine(settings: Settings) -> Engine:
    from web import create_engine

    schema.require_current(settings)
    return create_engine(settings)


COMMANDS = (doctor, backup, restore, migrate)
