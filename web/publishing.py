"""`cauce check` and `cauce deploy`: a process folder, with the rules of the studio's publication."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

import tasks
from engine import SYSTEM, DeployRejected, Engine, Finding, load_folder
from engine.definitions import check as check_models
from engine.feel import Functions
from engine.form_keys import keys_of
from engine.handler import FeelFunction, ServiceTaskHandler, UserTaskHandler, given_by
from tasks import ajustes
from tasks.adapters import Adapters
from web import create_engine, schema
from web.settings import Settings
from web.studio import catalogue, letters


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--add", is_flag=True, help="Add the folder's files to what is published.")
@click.option("--replace", "whole", is_flag=True, help="Publish the folder alone, though it leaves out processes.")
def deploy(folder: Path, add: bool, whole: bool) -> None:
    """Publish a process folder; the same content again changes nothing.

    A publication is everything that the firm runs. A folder that leaves out a process which is published is refused:
    say --add to keep the others, or --replace.

    Example: cauce deploy processes/procedimiento_legal
    """
    settings = Settings.from_environment()
    schema.require_current(settings)
    engine, files = create_engine(settings), load_folder(folder)
    published = engine.resources(by=SYSTEM) if engine.deployments(by=SYSTEM) else {}
    if add:
        files = {**published, **files}
    elif not whole:
        _refuse_leaving_out(engine, files)
    with engine.reading(SYSTEM) as tx:
        firm, now = ajustes.despacho(tx.session), tx.now
    changed = [path for path, data in files.items() if published.get(path) != data]
    broken = letters.problems(files, changed, firm, now, engine.adapters)
    if broken:
        raise DeployRejected(tuple(broken))
    deployment = engine.deploy(files, name=folder.name, by=SYSTEM)
    print_findings(deployment.findings)
    click.echo("Published." if deployment.created else "This content is published already.")
    for definition in deployment.definitions:
        click.echo(f"  {definition.key}  version {definition.version}  {definition.name}")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folder: Path) -> None:
    """Say everything that is wrong with a process folder. Exit code 1 when something forbids its deployment.

    Example: cauce check processes/procedimiento_legal
    """
    files = load_folder(folder)
    findings = [*_letters(files), *_models(files, tasks.HANDLERS)]
    print_findings(findings)
    errors = sum(finding.severity == "error" for finding in findings)
    click.echo(f"{errors} errors, {len(findings) - errors} warnings.")
    sys.exit(1 if errors else 0)


COMMANDS = (deploy, check)


def _models(files: Mapping[str, bytes], known: Collection[Any]) -> list[Finding]:
    """As `Engine.check`, without a database."""
    service = {item.topic: given_by(item) for item in known if isinstance(item, ServiceTaskHandler)}
    user = {item.topic: given_by(item) for item in known if isinstance(item, UserTaskHandler)}
    return check_models(
        files,
        topics=service,
        handlers=user,
        functions=Functions(item for item in known if isinstance(item, FeelFunction)),
        gives=service,
        tasks_give=user,
        form_keys={item.topic: keys_of(item) for item in known if isinstance(item, UserTaskHandler)},
        given=tasks.DADAS,
    )


def _letters(files: Mapping[str, bytes]) -> list[Finding]:
    """Mails and documents that cannot be composed."""
    adapters = Adapters.from_settings(Settings.from_environment())
    try:
        return letters.problems(files, files, ajustes.despacho_de_fabrica(), datetime.now(UTC), adapters)
    finally:
        adapters.close()


def print_findings(findings: Collection[Finding]) -> None:
    for finding in findings:
        click.echo(f"{finding.severity}: {finding}", err=True)


def _refuse_leaving_out(engine: Engine, files: Mapping[str, bytes]) -> None:
    """Raises ClickException when a published process would no longer be offered."""
    coming = {process.id for process in catalogue.processes(files)}
    lost = [one.key for one in engine.definitions(by=SYSTEM) if one.key not in coming]
    if lost:
        raise click.ClickException(
            f"This would leave out what is published: {', '.join(lost)}. "
            "Keep it with --add, or publish the folder alone with --replace."
        )
