"""What keeps the program running: health, numbers, logs, workers' signs of life, doctor, backup and its proof."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import pathlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import yaml
from alembic import command
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import inspect

from engine import SYSTEM, Engine, JobQuery
from engine.storage import database as storage
from engine.storage import tables as t
from tasks.registros import Documento, Persona, Prospecto
from tests.engine.models import model, user_task
from tests.engine.models import service_task as service
from web import backup, create_engine, doctor, health, logs, schema
from web.cli import main
from web.retention import sweep_files
from web.server import Worker
from web.settings import Settings

ROOT = pathlib.Path(__file__).parents[2]
PASO = model("paso", user_task("uno"), flows="inicio > uno > fin")


@pytest.fixture
def settings(tmp_path: pathlib.Path) -> Settings:
    found = Settings(
        var=tmp_path / "var", database_url=f"sqlite:///{tmp_path / 'var' / 'cauce.db'}", secret_key="s1e2c3r4" * 8
    )
    found.var.mkdir()
    schema.upgrade(found)
    return found


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings)
    engine.deploy({"bpmn/paso.bpmn": PASO}, by=SYSTEM)
    engine.start("paso", "PRO-2027-0001", by=SYSTEM)
    yield engine
    engine.close()


@pytest.fixture
def cauce(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAUCE_VAR", str(settings.var))
    monkeypatch.setenv("CAUCE_SECRET_KEY", settings.secret_key)
    monkeypatch.delenv("CAUCE_DATABASE_URL", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


# --- health


def test_alive_without_anything(app: Flask) -> None:
    app.extensions["engine"].close()
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"alive": True})


def test_ready_says_by_name_what_is_missing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, client = app.extensions["engine"], app.test_client()
    schema.stamp(engine.database)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {
        "stays": True, "database": True, "tables": True, "worker": False, "disk": True, "files": True, "on_time": True,
    }  # fmt: skip
    engine.beat("uno")
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "LEAST_FREE", 2**80)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["disk"]) == (503, False)


def test_numbers_only_for_this_machine(app: Flask) -> None:
    engine, client = app.extensions["engine"], app.test_client()
    engine.deploy({"bpmn/paso.bpmn": PASO}, by=SYSTEM)
    engine.start("paso", "PRO-2027-0001", by=SYSTEM)
    engine.beat("uno", ran=3)
    lines = client.get("/metrics").text.splitlines()
    assert 'cauce_jobs{state="due"} 0' in lines
    assert 'cauce_worker_jobs_total{worker="uno"} 3' in lines
    again = client.get("/metrics").text
    assert re.search(r'cauce_request_seconds_count\{route="health.metrics",status="2xx"\} \d+', again)
    alerts = yaml.safe_load((ROOT / "docs" / "alerts.yaml").read_text())
    for rule in alerts["groups"][0]["rules"]:
        for name in re.findall(r"cauce_\w+", rule["expr"]):
            assert name in again, f"{rule['alert']}: there is no {name}"
    assert "cauce_backup_age_seconds +Inf" in lines
    assert any(line.startswith('cauce_instances_running{process="paso",version="1"') for line in lines)
    assert "PRO-2027" not in "".join(lines)
    for line in lines:
        assert line.startswith("# ") or len(line.rsplit(" ", 1)) == 2, line
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404


def test_logs_are_json_with_request_and_matter(app: Flask) -> None:
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    schema.stamp(app.extensions["engine"].database)
    app.extensions["engine"].beat("uno")
    try:
        logs.configure({"CAUCE_LOG": "json"}, stream)
        assert app.test_client().get("/readyz").status_code == 200  # Asked every few seconds: it says nothing.
        app.test_client().get("/asuntos/PRO-2027-0001", headers={"X-Request-ID": "abcdefgh-1"})
        app.test_client().get("/asuntos/PRO-2027-0002", headers={"X-Request-ID": "no {well} formed"})
        engine = app.extensions["engine"]
        engine.deploy({"bpmn/m.bpmn": model("m", service("x", "correo.enviar"), flows="inicio > x > fin")}, by=SYSTEM)
        engine.start("m", "PRO-2027-0003", {"plantilla": 7}, by=SYSTEM)
        engine.run_due_jobs()
        (job,) = engine.jobs(JobQuery(business_key="PRO-2027-0003"), by=SYSTEM).items
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    first, second, *_others = lines
    (third,) = [one for one in lines if one.get("job") == job.id]
    assert (first["event"], first["request_id"], first["matter"]) == ("request", "abcdefgh-1", "PRO-2027-0001")
    assert first["status"] == 302
    assert "{" not in second["request_id"]
    assert (third["matter"], third["topic"]) == ("PRO-2027-0003", "correo.enviar")
    assert (third["level"], third["logger"]) == ("warning", "engine.worker")


# --- workers


def test_a_worker_shows_that_it_lives_and_says_goodbye(engine: Engine) -> None:
    worker = Worker(engine, "uno")
    assert worker._round() == 0
    (sign,) = engine.workload(by=SYSTEM).workers
    assert (sign.name, sign.alive) == ("uno", True)
    worker.stop()
    worker.run()
    assert engine.workload(by=SYSTEM).workers == ()


def test_a_worker_sweeps_files_that_nothing_refers_to_once_a_day(engine: Engine, settings: Settings) -> None:
    kept, orphan, fresh = (engine.files.put(text) for text in (b"de un documento", b"de nadie", b"reciente"))
    for digest in (kept, orphan):
        os.utime(next(settings.var.rglob(digest)), (1_700_000_000, 1_700_000_000))
    with engine.transaction(SYSTEM) as tx:
        person = Persona(nombre="Ana Cruz")
        tx.session.add(person)
        tx.session.flush()
        prospect = Prospecto(folio="PRO-2026-0900", persona_id=person.id, canal="web", descripcion="x")
        tx.session.add(prospect)
        tx.session.flush()
        tx.session.add(Documento(prospecto_id=prospect.id, rubro="INE", nombre="ine.pdf", sha256=kept))
    worker = Worker(engine, "uno", daily=sweep_files)
    worker._round()
    assert orphan in engine.files.hashes(), "not in the first hour"
    worker._done = float("-inf")
    worker._round()
    assert sorted(engine.files.hashes()) == sorted([kept, fresh])
    orphan = engine.files.put(b"de nadie")
    os.utime(next(settings.var.rglob(orphan)), (1_700_000_000, 1_700_000_000))
    worker._round()
    assert orphan in engine.files.hashes(), "once a day"


def test_retention_lists_whose_time_is_over_and_takes_them_out_when_told_so(cauce, engine: Engine) -> None:
    now = datetime.now(UTC)
    with engine.transaction(SYSTEM) as tx:
        for number, closed in ((901, now - timedelta(days=800)), (902, now - timedelta(days=30)), (903, None)):
            person = Persona(nombre=f"Persona {number}", telefono="5512345678")
            tx.session.add(person)
            tx.session.flush()
            state = "no_interesado" if closed else "en_contacto"
            tx.session.add(
                Prospecto(
                    folio=f"PRO-2024-0{number}", persona_id=person.id, canal="web", descripcion="x", estado=state,
                    cerrado=closed,
                )
            )  # fmt: skip
    listed = cauce("retention")
    assert listed.exit_code == 0, listed.output
    assert "PRO-2024-0901" in listed.output
    assert "1 prospects, 0 matters" in listed.output
    with engine.reading(SYSTEM) as tx:
        assert tx.session.query(Persona).filter_by(nombre="Persona 901").count() == 1, "nothing is touched"
    assert "Anonymised: 1 prospects, 0 matters." in cauce("retention", "--apply").output
    with engine.reading(SYSTEM) as tx:
        names = {person.nombre for person in tx.session.query(Persona).filter(Persona.nombre.like("Persona %"))}
    assert names == {"Persona 902", "Persona 903"}
    assert "0 prospects, 0 matters" in cauce("retention").output


# --- doctor, backup


def test_doctor_names_what_is_wrong(cauce, settings: Settings, engine: Engine) -> None:
    result = cauce("doctor")
    assert "warn  workers" in result.output
    assert "warn  backup" in result.output
    assert "ok  instances" in result.output
    assert "ok  time zone" in result.output
    (settings.var / "secret").write_text("x" * 64)
    (settings.var / "secret").chmod(0o644)
    result = cauce("doctor")
    assert result.exit_code == 1
    assert "FAIL  secret" in result.output
    assert "chmod 600" in result.output


def test_a_backup_comes_back_as_it_was(cauce, settings: Settings, engine: Engine, tmp_path: pathlib.Path) -> None:
    digest = engine.files.put(b"un documento")
    result = cauce("backup")
    assert result.exit_code == 0, result.output
    found = backup.latest(settings.var / "backups")
    assert found is not None
    assert (found.counts["process_instance"], found.counts["operation"]) == (1, 1)
    assert cauce("restore", "--check", str(found.path)).exit_code == 0
    refused = cauce("restore", str(found.path))
    assert refused.exit_code == 1
    assert "is there already" in refused.output

    elsewhere = Settings(
        var=tmp_path / "new", database_url=f"sqlite:///{tmp_path / 'new' / 'cauce.db'}", secret_key=settings.secret_key
    )
    backup.restore(elsewhere, found.path)
    again = create_engine(elsewhere)
    (task,) = again.user_tasks(by=SYSTEM).items
    again.complete(task.id, {}, by=SYSTEM)
    assert [one.action for one in again.operations(by=SYSTEM).items] == ["deploy"]
    assert again.files.read(digest) == b"un documento"
    again.close()


@pytest.mark.parametrize("damage", ["database", "file", "missing", "manifest"])
def test_a_damaged_backup_is_found_out(settings: Settings, engine: Engine, damage: str) -> None:
    engine.files.put(b"un documento")
    made = backup.make(settings)
    (file,) = (made.path / "files").rglob("?" * 64)
    if damage == "database":
        with (made.path / made.database).open("r+b") as copy:
            copy.seek(9000)
            copy.write(b"?" * 100)
    elif damage == "file":
        file.write_bytes(b"otra historia"[:12])
    elif damage == "missing":
        file.unlink()
    else:
        (made.path / "manifest.json").write_text("{")
    with pytest.raises(backup.BadBackup):
        backup.check(made.path)


def test_a_backup_that_fails_leaves_nothing(settings: Settings, engine: Engine) -> None:
    """One night after the other, it must not be what fills the disk."""
    (settings.var / "other.db").write_bytes(b"no database" * 1000)
    for name, said in (("none.db", "run: cauce upgrade"), ("other.db", "cannot read other.db")):
        elsewhere = replace(settings, database_url=f"sqlite:///{settings.var / name}")
        with pytest.raises(backup.BadBackup, match=said):
            backup.make(elsewhere)
    assert list((settings.var / "backups").iterdir()) == []


def test_a_backup_taken_while_people_work_is_whole(settings: Settings, engine: Engine) -> None:
    import threading

    stop = threading.Event()

    def work() -> None:
        number = 10
        while not stop.is_set():
            number += 1
            engine.start("paso", f"PRO-2027-{number}", by=SYSTEM)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        made = [backup.make(settings) for _ in range(3)]
    finally:
        stop.set()
        worker.join()
    for one in made:
        found = backup.check(one.path)
        assert found.counts["user_task"] == found.counts["process_instance"]
    place = replace(settings, var=settings.var / "again", database_url=f"sqlite:///{settings.var / 'again.db'}")
    backup.restore(place, found.path)
    again = create_engine(place)
    assert list(doctor.unproven(again)) == []
    assert again.counts(by=SYSTEM)["running"] == min(found.counts["process_instance"], 1000)
    again.close()


def test_migrate_from_the_command_line(cauce, engine: Engine) -> None:
    assert "can go on" in cauce("migrate", "--check").output
    source = engine.deployments(by=SYSTEM)[0].id
    later = model("paso", user_task("una"), flows="inicio > una > fin")
    target = engine.deploy({"bpmn/paso.bpmn": later}, by=SYSTEM).id
    assert "cannot: Está en «uno»" in cauce("migrate", source[:12], target[:12]).output
    result = cauce("migrate", source[:12], target[:12], "--map", "uno=una", "--apply", "versión nueva")
    assert "1 of 1 moved." in result.output
    (task,) = engine.user_tasks(by=SYSTEM).items
    assert task.element_id == "una"


def test_before_a_new_version_every_instance_is_proved(cauce, settings: Settings, engine: Engine) -> None:
    """A state that it does not read, a row that stands for nothing, a handler that it has not any more."""
    engine.start("paso", "PRO-2027-0002", by=SYSTEM)
    engine.start("paso", "PRO-2027-0003", by=SYSTEM)
    later = model("paso", service("manda", "ya.no.existe"), user_task("uno"), flows="inicio > manda > uno > fin")
    engine.service_handlers["ya.no.existe"] = next(iter(engine.service_handlers.values()))
    engine.deploy({"bpmn/paso.bpmn": later}, by=SYSTEM)
    engine.start("paso", "PRO-2027-0004", by=SYSTEM)
    with engine.transaction(SYSTEM) as tx:
        first, second = t.process_instance.c.business_key == "PRO-2027-0001", t.user_task.c.business_key
        tx.execute(t.process_instance.update().where(first).values(blob=b"CAU\xff"))
        tx.execute(t.user_task.update().where(second == "PRO-2027-0002").values(wait_id="otra"))
    result = cauce("migrate", "--check")
    assert result.exit_code == 1
    assert "PRO-2027-0001: its state cannot be read" in result.output
    assert "PRO-2027-0002: it would wait for 1 things that have no row" in result.output
    assert "PRO-2027-0003" not in result.output
    assert "Nadie atiende el tema «ya.no.existe»" in result.output
    # The same of a backup, whose tables are older than this program.
    made = backup.make(settings)
    copy = storage.connect(f"sqlite:///{made.path / made.database}")
    with storage.writing(copy) as connection:
        older = schema._configuration()
        older.attributes["connection"] = connection
        command.downgrade(older, "0002")
    with storage.reading(copy) as connection:
        names = set(inspect(connection).get_table_names())
    copy.dispose()
    _write_manifest(made.path, names)
    again = cauce("migrate", "--check", "--backup", str(made.path))
    assert again.output == result.output


def _write_manifest(folder: pathlib.Path, tables: set[str]) -> None:
    """As the older program would have written it."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["digest"] = hashlib.sha256((folder / manifest["database"]).read_bytes()).hexdigest()
    manifest["counts"] = {name: count for name, count in manifest["counts"].items() if name in tables}
    (folder / "manifest.json").write_text(json.dumps(manifest))
