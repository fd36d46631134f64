"""`cauce export`: what is published, as the folder of files that `cauce deploy` reads back, e.g. to keep it in git."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from engine import SYSTEM, load_folder
from web import create_engine, schema
from web.settings import Settings
from web.studio.draft import saved_scenarios


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--deployment", "deployment_id", metavar="ID", help="An earlier publication; the latest without it.")
@click.option("--delete", is_flag=True, help="Delete the folder's files that are not published (any more).")
def export(folder: Path, deployment_id: str | None, delete: bool) -> None:
    """Write the published files to a folder, and the scenarios saved in the studio; `cauce deploy` reads them back.

    Files that a deployment does not hold (README, .git, …) are left alone.

    Example: cauce export ../process-of-the-firm
    """
    settings = Settings.from_environment()
    schema.require_current(settings)
    engine = create_engine(settings)
    try:
        files = engine.resources(deployment_id, by=SYSTEM)
        with engine.reading(SYSTEM) as tx:
            scenarios = saved_scenarios(tx)
    finally:
        engine.close()
    gone = sorted(set(load_folder(folder)) - set(files)) if folder.is_dir() else []
    if gone and not delete:
        raise click.ClickException(
            f"Not published, and would be deployed with the rest: {', '.join(gone)}. Delete them with --delete."
        )
    for name in gone:
        (folder / name).unlink()
    written = _write(folder, {**scenarios, **files})
    click.echo(f"{len(files)} published files, {len(scenarios)} scenarios of the studio: {folder}")
    click.echo(f"{written} written, {len(gone)} deleted, the others were the same.")


def _write(folder: Path, files: Mapping[str, bytes]) -> int:
    """How many were not there with this content. Raises ValueError for a name that would leave the folder."""
    root = folder.resolve()
    written = 0
    for name, data in files.items():
        target = (root / name).resolve()
        if not target.is_relative_to(root):
            raise ValueError(f"«{name}» lies outside of the folder.")
        if target.is_file() and target.read_bytes() == data:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        written += 1
    return written
