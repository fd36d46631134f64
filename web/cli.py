"""The command line: `cauce …`, also `python -m web …`. Every command has `--help` with an example."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

import tasks
from engine import SYSTEM, DeployRejected, Engine, EngineError
from engine.decisions import DecisionError, Decisions
from engine.feel import FeelError, Functions, check_value, format_value, parse
from engine.handler import FeelFunction
from engine.storage.database import reading, writing
from tasks.registros import Colaborador
from web import create_app, create_engine, logs, operations, publishing, schema, seed
from web.bench.command import bench
from web.export import export
from web.publishing import print_findings
from web.retention import retention, sweep_files
from web.scenarios.command import scenario
from web.settings import Settings
from web.texts import ZONE

F = TypeVar("F", bound=Callable[..., Any])


class Commands(click.Group):
    """Failures that a person can do something about are one line and exit code 1, never a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DeployRejected as rejected:
            print_findings(rejected.findings)
            sys.exit(1)
        except (EngineError, FeelError, DecisionError, ValueError, OSError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cauce")
def main() -> None:
    """Cauce runs a law firm's process from its BPMN diagram."""


main.add_command(scenario)
main.add_command(bench)
main.add_command(retention)
main.add_command(export)
for command in (*publishing.COMMANDS, *operations.COMMANDS):
    main.add_command(command)


# --- running


@main.command()
@click.option(
    "--demo", is_flag=True, help="Serve the demo firm: accounts are printed, the business clock can be moved."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True, help="Requests served at the same time.")
@click.option("--clock", metavar="ISO", help="Where the business clock of a new demo begins, e.g. 2027-01-11T09:00.")
def serve(demo: bool, host: str, port: int, threads: int, clock: str | None) -> None:
    """Serve the pages, with a worker in the same process.

    Example: cauce serve --demo
    """
    from web import server

    settings = Settings.from_environment(demo=demo, clock=_moment(clock))
    if "CAUCE_BASE_URL" not in os.environ:
        # Links in mails then lead to where it is served.
        settings = replace(settings, base_url=f"http://{host}:{port}")
    _say(f"Database: {settings.shown_database}")
    if settings.demo:
        schema.upgrade(settings)
    schema.require_current(settings)
    logs.configure()
    engine = create_engine(settings)
    app = create_app(settings, engine)
    if settings.demo:
        _say("Filling the demo …")
        with app.app_context():
            _print_accounts(seed.demo(engine, settings.processes, _say, story=settings.clock is None))
    _say(f"\nCauce is at http://{host}:{port}  (Ctrl+C stops it)")
    server.serve(app, engine, host=host, port=port, threads=threads, daily=sweep_files)


@main.command()
@click.option("--once", is_flag=True, help="Run what is due now, then end.")
def worker(once: bool) -> None:
    """Run jobs without serving pages; any number of these share one PostgreSQL database.

    Example: cauce worker
    """
    from web import server

    settings = Settings.from_environment()
    schema.require_current(settings)
    engine = create_engine(settings)
    if once:
        _say(f"{engine.run_due_jobs(10_000)} jobs done.")
        return
    logs.configure()
    server.work(engine, daily=sweep_files)


@main.command()
def upgrade() -> None:
    """Bring the database's tables up to this program.

    Example: cauce upgrade
    """
    settings = Settings.from_environment()
    schema.upgrade(settings)
    _say(f"The tables are current: {settings.shown_database}")


# --- rules


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("decision")
@click.option("--input", "given", default="{}", metavar="JSON", help="The inputs, as a JSON object.")
def decide(file: Path, decision: str, given: str) -> None:
    """Evaluate a decision of a DMN file.

    Example: cauce decide processes/procedimiento_legal/dmn/esquema_pago.dmn esquema_pago
    --input '{"tipo_cliente": "nuevo", "tipo_procedimiento": "juicio"}'
    """
    result = Decisions.parse(file.read_bytes(), functions=_functions()).decide(decision, _context(given))
    _say(format_value(result.outputs))
    if result.matched:
        _say(f"Rules: {', '.join(map(str, result.matched))}")


@main.command()
@click.argument("expression")
@click.option("--context", "given", default="{}", metavar="JSON", help="The variables, as a JSON object.")
def feel(expression: str, given: str) -> None:
    """Evaluate a FEEL expression. One that calls the firm's functions (`vence`, `ajuste`, …) reads its database.

    Example: cauce feel 'monto * 1.16' --context '{"monto": 100}'
    """
    parsed, context = parse(expression, functions=_functions()), _context(given)
    if parsed.functions & _functions().names:
        found = _engine().evaluate(expression, context, by=SYSTEM)
    else:
        found = parsed.evaluate(context, now=datetime.now(ZONE))
    _say(format_value(found))


# --- people


@main.group()
def users() -> None:
    """Accounts of the firm's people."""


@users.command("list")
def list_users() -> None:
    """Example: cauce users list"""
    engine = _engine()
    with reading(engine.database) as connection, Session(connection) as session:
        for person in session.query(Colaborador).order_by(Colaborador.usuario):
            state = "" if person.activo else "(inactive) "
            _say(f"{person.usuario:<16}{state}{person.nombre}: {', '.join(person.grupos)}")


@users.command("add")
@click.argument("usuario")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--group", "grupos", multiple=True, required=True, help="Repeat it for several.")
def add_user(usuario: str, name: str, email: str, grupos: tuple[str, ...]) -> None:
    """Add a person with an account; the temporary password is printed once.

    Example: cauce users add mrojas --name "María Rojas" --email mrojas@despacho.mx --group admin
    """
    from web import accounts, people

    unknown = set(grupos) - set(people.GROUPS)
    if unknown:
        raise click.ClickException(f"No such group: {', '.join(unknown)}. There are: {', '.join(people.GROUPS)}.")
    engine, app = _engine_and_app()
    with app.app_context(), writing(engine.database) as connection, Session(connection) as session:
        if session.get(Colaborador, usuario):
            raise click.ClickException(f"«{usuario}» is there already; see: cauce users list")
        password = people.new_password()
        session.add(Colaborador(usuario=usuario, nombre=name, correo=email, grupos=list(grupos)))
        accounts.create(session, usuario, password)
        session.flush()
    _say(f"{usuario}: {password}  (to be changed at the first sign-in)")


@users.command("password")
@click.argument("usuario")
def reset_password(usuario: str) -> None:
    """Give a person a new temporary password; their sessions end.

    Example: cauce users password mrojas
    """
    from web import accounts, people

    engine, app = _engine_and_app()
    with app.app_context(), writing(engine.database) as connection, Session(connection) as session:
        if session.get(Colaborador, usuario) is None:
            raise click.ClickException(f"There is no «{usuario}»; see: cauce users list")
        password = people.new_password()
        accounts.set_temporary_password(session, usuario, password)
        session.flush()
    _say(f"{usuario}: {password}  (to be changed at the first sign-in)")


# --- what the commands share


def _engine() -> Engine:
    settings = Settings.from_environment()
    schema.require_current(settings)
    return create_engine(settings)


def _engine_and_app() -> tuple[Engine, Any]:
    settings = Settings.from_environment()
    schema.require_current(settings)
    engine = create_engine(settings)
    return engine, create_app(settings, engine)


def _functions() -> Functions:
    return Functions(item for item in tasks.HANDLERS if isinstance(item, FeelFunction))


def _context(text: str) -> dict[str, Any]:
    """JSON as FEEL values: numbers are exact decimals."""
    found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(found, dict):
        raise click.ClickException("Write a JSON object, e.g. '{\"monto\": 100}'.")
    return {name: check_value(value) for name, value in found.items()}


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _print_accounts(people: list[tuple[str, str, list[str]]]) -> None:
    _say("\n  user        password                  groups")
    for usuario, password, grupos in people:
        _say(f"  {usuario:<12}{password:<26}{', '.join(grupos)}")


def _say(text: str) -> None:
    click.echo(text)
