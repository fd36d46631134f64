"""`cauce retention`: whose data have been kept long enough, and taking them out (legal-process.md §5.5)."""

from __future__ import annotations

import click

from engine import SYSTEM, Engine
from tasks import retencion
from web import create_engine, schema
from web.settings import Settings


@click.command()
@click.option("--apply", "really", is_flag=True, help="Anonymise them. This cannot be undone; make a backup first.")
def retention(really: bool) -> None:
    """List closed prospects and archived matters whose time is over; touch nothing without --apply.

    Files to which nothing refers any more are deleted by the worker, once a day.

    Example: cauce retention
    """
    settings = Settings.from_environment()
    schema.require_current(settings)
    engine = create_engine(settings)
    try:
        with engine.reading(SYSTEM) as tx:
            prospects = retencion.prospectos_vencidos(tx.session, tx.now)
            matters = retencion.asuntos_vencidos(tx.session, tx.now)
            for prospect in prospects:
                click.echo(f"prospect  {prospect.folio}  closed {(prospect.cerrado or prospect.actualizado):%Y-%m-%d}")
            for matter in matters:
                click.echo(f"matter    {matter.folio}  archived {matter.archivo}")
        if not really:
            click.echo(
                f"{len(prospects)} prospects, {len(matters)} matters. To anonymise them: cauce retention --apply"
            )
            return
        with engine.transaction(SYSTEM) as tx:
            done = retencion.aplicar(tx, asuntos=True)
        while engine.run_due_jobs():
            pass
        click.echo(f"Anonymised: {done[0]} prospects, {done[1]} matters.")
    finally:
        engine.close()


def sweep_files(engine: Engine) -> int:
    """Delete stored files to which neither the engine nor a record of the firm refers; answers how many."""
    with engine.reading(SYSTEM) as tx:
        used = retencion.archivos_en_uso(tx.session)
    return engine.sweep_files(used, by=SYSTEM)
