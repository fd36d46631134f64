"""User tasks: who may do what, forms and handlers, drafts, files, lists."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine import SYSTEM, Actor, Conflict, Files, Invalid, NotAllowed, NotFound, UserTaskQuery, attachment
from engine.storage import tables as t

from .cases import (
    ANA,
    BETO,
    NINE,
    assert_rows_equal_waits,
    frozen,
    how_many,
    kinds,
    new_engine,
    only_task,
    open_elements,
    record_ids,
)
from .models import boundary, model, user_task

CARLA = Actor("carla", frozenset({"contabilidad"}))
CLIENT = Actor("cliente:P-1", frozenset({"cliente"}), business_key="P-1")

SOLICITUD = {
    "id": "solicitud",
    "type": "default",
    "components": [
        {"type": "textfield", "key": "nombre", "label": "Nombre", "validate": {"required": True}},
        {"type": "number", "key": "monto", "label": "Monto", "decimalDigits": 2},
    ],
}
CON_FORMA = model("forma", user_task("pedir", form="solicitud"), flows="inicio > pedir > fin")
DE_DOS = model(
    "dos",
    user_task("contestar", groups="cliente"),
    user_task("archivar", groups="ventas, almacen", priority="=70"),
    boundary("tarde", "archivar", timer="PT1H", interrupting=False),
    user_task("apurar"),
    flows="""
    inicio > contestar > archivar > fin
    tarde > apurar > fin_tarde
    """,
)


def test_claim_release_assign(database_url: str) -> None:
    engine = new_engine(database_url, clock=frozen())
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    assert engine.claim(task.id, by=ANA).assignee == "ana"
    assert engine.claim(task.id, by=ANA).assignee == "ana"
    with pytest.raises(Conflict) as refused:
        engine.claim(task.id, by=BETO)
    assert refused.value.details == {"who": "ana", "when": NINE, "reason": "claimed"}
    with pytest.raises(NotAllowed):
        engine.complete(task.id, {}, by=BETO)
    with pytest.raises(NotAllowed):
        engine.release(task.id, by=BETO)
    assert engine.release(task.id, by=ANA).assignee is None
    with pytest.raises(NotAllowed):
        engine.claim(task.id, by=CARLA)
    with pytest.raises(NotAllowed):
        engine.complete(task.id, {}, by=CARLA)
    seen = engine.form(task.id, by=BETO)
    assert engine.assign(task.id, "beto", by=ANA).assignee == "beto"
    with pytest.raises(Conflict) as stale:
        engine.complete(task.id, {}, revision=seen.revision, by=BETO)
    assert stale.value.details["reason"] == "stale"
    engine.complete(task.id, {}, revision=engine.form(task.id, by=BETO).revision, by=BETO)
    found = [kind for kind in kinds(engine, instance.id) if kind.startswith("user_task.")]
    assert found[:5] == [
        "user_task.created",
        "user_task.claimed",
        "user_task.released",
        "user_task.assigned",
        "user_task.completed",
    ]
    engine.close()


def test_a_form_judges_what_comes_in(database_url: str) -> None:
    engine = new_engine(database_url)
    files = {"bpmn/1.bpmn": CON_FORMA, "forms/solicitud.form": json.dumps(SOLICITUD).encode()}
    engine.deploy(files, by=ANA)
    instance = engine.start("forma", "F-1", by=BETO)
    task = only_task(engine, "F-1")
    form = engine.form(task.id, by=ANA).form
    assert form is not None
    assert form.id == "solicitud"
    with pytest.raises(Invalid) as refused:
        engine.complete(task.id, {"nombre": [""], "monto": ["mucho"]}, raw=True, by=ANA)
    assert set(refused.value.fields) == {"nombre", "monto"}
    with pytest.raises(Invalid):
        engine.complete(task.id, {"nombre": ["Luz"], "otra": ["x"]}, raw=True, by=ANA)
    engine.complete(task.id, {"nombre": ["Luz"], "monto": ["12.50"]}, raw=True, by=ANA)
    assert engine.variables(instance.id, by=ANA) == {"nombre": "Luz", "monto": Decimal("12.50")}
    engine.close()


def test_what_a_handler_refuses_leaves_nothing_behind(database_url: str) -> None:
    engine = new_engine(database_url)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=ANA)
    task = only_task(engine, "P-1")
    before, lines = record_ids(engine), how_many(engine, t.history)
    with pytest.raises(Invalid) as refused:
        engine.complete(task.id, {"recibe": "nadie"}, by=ANA)
    assert refused.value.fields == {"recibe": "Alguien tiene que recibir."}
    assert (record_ids(engine), how_many(engine, t.history)) == (before, lines)
    engine.complete(task.id, {"recibe": "Luz"}, by=ANA)
    assert "entrega:P-1" in record_ids(engine)
    engine.close()


def test_a_client_sees_its_own_tasks_only(database_url: str) -> None:
    engine = new_engine(database_url, DE_DOS)
    engine.start("dos", "P-1", by=BETO)
    engine.start("dos", "P-1/2", by=BETO)
    engine.start("dos", "P-2", by=BETO)
    found = engine.user_tasks(UserTaskQuery(), by=CLIENT).items
    assert sorted(task.business_key for task in found) == ["P-1", "P-1/2"]
    task = only_task(engine, "P-1", by=CLIENT)
    foreign = only_task(engine, "P-2")
    for verb in (engine.user_task, engine.form, engine.claim):
        with pytest.raises(NotFound):
            verb(foreign.id, by=CLIENT)
    with pytest.raises(NotFound):
        engine.complete(foreign.id, {}, by=CLIENT)
    with pytest.raises(NotFound):
        engine.instance(foreign.instance_id, by=CLIENT)
    done = engine.complete(task.id, {"ok": True}, by=CLIENT)
    assert done.next_task is None  # The next one is not for the client.
    assert engine.user_tasks(UserTaskQuery(business_key="P-1"), by=CLIENT).items == ()
    with pytest.raises(NotFound):
        engine.user_task(only_task(engine, "P-1").id, by=CLIENT)
    engine.close()


def test_a_draft_is_kept_until_the_task_is_completed(database_url: str) -> None:
    engine = new_engine(database_url)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    engine.draft(task.id, {"nombre": ["Lu"], "_filas": ["2"]}, by=ANA)
    assert engine.form(task.id, by=BETO).draft == {"nombre": ["Lu"], "_filas": ["2"]}
    with pytest.raises(NotAllowed):
        engine.draft(task.id, {}, by=CARLA)
    engine.complete(task.id, {}, by=ANA)
    with pytest.raises(Conflict):
        engine.draft(task.id, {"nombre": ["Luz"]}, by=ANA)
    engine.close()


def test_a_non_interrupting_timer_adds_a_task(database_url: str) -> None:
    engine = new_engine(database_url, DE_DOS, clock=frozen())
    engine.start("dos", "P-1", by=BETO)
    engine.complete(only_task(engine, "P-1").id, {}, by=CLIENT)
    engine.move_clock(NINE + timedelta(hours=2), by=ANA)
    assert open_elements(engine, "P-1") == ["apurar", "archivar"]
    found = engine.user_tasks(UserTaskQuery(business_key="P-1", sort="priority"), by=ANA).items
    assert [task.priority for task in found] == [70, 50]
    assert_rows_equal_waits(engine)
    engine.close()


def test_an_assignment_that_fails_is_an_incident_that_can_be_mended(database_url: str) -> None:
    broken = model("roto", user_task("ver", assignee="=encargado.nombre + 1"), flows="inicio > ver > fin")
    engine = new_engine(database_url, broken)
    engine.start("roto", "X-1", {"encargado": {"nombre": 4}}, by=BETO)
    (incident,) = engine.incidents(by=ANA).items
    assert incident.element_id == "ver"
    assert "no se puede asignar" in incident.message
    assert_rows_equal_waits(engine)
    engine.resolve(incident.id, {"encargado": {"nombre": "x"}}, by=ANA)
    task = only_task(engine, "X-1")
    assert task.element_id == "ver"
    assert_rows_equal_waits(engine)
    engine.close()


def _docx() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return buffer.getvalue()


def test_files_are_kept_by_content_and_judged_by_it(database_url: str, tmp_path: Path) -> None:
    files = Files.in_folder(f"{tmp_path}/files", most_bytes=2000)
    engine = new_engine(database_url, files=files)
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    pdf = b"%PDF-1.7 contrato"
    first = engine.attach(task.id, "archivo", io.BytesIO(pdf), "../../Contrato\u202e ñ.PDF", by=ANA)
    again = engine.attach(task.id, "archivo", io.BytesIO(pdf), "otro.pdf", by=ANA)
    assert (first.filename, first.type, first.size) == ("Contrato ñ.PDF", "application/pdf", len(pdf))
    assert first.hash == again.hash
    assert files.hashes() == [first.hash]
    assert files.read(first.hash) == pdf
    assert engine.attach(task.id, "archivo", io.BytesIO(_docx()), "carta.docx", by=ANA).type.endswith("document")
    for name, data in {
        "disfraz.pdf": b"\x89PNG\r\n\x1a\n" + b"0" * 50,
        "pagina.html": b"<html>",
        "programa.docx": b"MZ" + b"0" * 50,
        "hoja.xlsx": _docx(),
        "vacio.pdf": b"",
        "grande.pdf": pdf + b"0" * 2000,
        "binario.txt": b"a\0b",
    }.items():
        with pytest.raises(Invalid) as refused:
            engine.attach(task.id, "archivo", io.BytesIO(data), name, by=ANA)
        assert set(refused.value.fields) == {"archivo"}, name
    with pytest.raises(NotFound):
        engine.attachment(first.id, by=Actor("cliente:P-2", frozenset({"cliente"}), business_key="P-2"))
    with pytest.raises(NotAllowed):
        engine.attach(task.id, "archivo", io.BytesIO(pdf), "x.pdf", by=CARLA)
    assert [one.id for one in engine.form(task.id, by=ANA).attachments][0] == first.id
    engine.close()


def test_files_that_were_taken_out_leave_room_for_others(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachment, "FILES_PER_TASK", 2)
    monkeypatch.setattr(attachment, "STORED_PER_TASK", 4)
    engine = new_engine(database_url, files=Files.in_folder(f"{tmp_path}/files"))
    engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")

    def add(name: str) -> str:
        return engine.attach(task.id, "archivo", io.BytesIO(b"%PDF-1.7 " + name.encode()), f"{name}.pdf", by=ANA).id

    kept = [add("a"), add("b")]
    with pytest.raises(Invalid, match="más de 2"):
        add("c")
    engine.draft(task.id, {"archivo": kept[:1]}, by=ANA)
    kept = [kept[0], add("c")]
    engine.draft(task.id, {"archivo": kept}, by=ANA)
    with pytest.raises(Invalid):
        add("d")
    engine.draft(task.id, {"archivo": []}, by=ANA)
    add("d")
    with pytest.raises(Invalid):
        add("e")
    engine.close()


def test_pages_of_the_inbox_hold_everything_once_and_in_order(database_url: str) -> None:
    shop = model(
        "tienda",
        user_task("vender", groups="ventas", due="=limite", priority="=prioridad"),
        flows="inicio > vender > fin",
    )
    both = model("ambos", user_task("contar", groups="ventas,almacen", due="=limite"), flows="inicio > contar > fin")
    engine = new_engine(database_url, shop, both, clock=frozen())
    for number in range(14):
        limit = None if number % 5 == 0 else NINE + timedelta(hours=number % 4)
        process = "ambos" if number % 3 == 0 else "tienda"
        engine.start(process, f"P-{number:02}", {"limite": limit, "prioridad": number % 4 * 10}, by=SYSTEM)
    for task in engine.user_tasks(UserTaskQuery(search="P-0"), by=ANA).items[:4]:
        engine.claim(task.id, by=ANA)
    for sort in ("due", "priority", "created"):
        for query in (UserTaskQuery(sort=sort), UserTaskQuery(mine=True, groups=True, sort=sort)):  # type: ignore[arg-type]
            found, page = [], None
            while True:
                answer = engine.user_tasks(query, page, 3, by=ANA)
                found += answer.items
                page = answer.next
                if page is None:
                    break
            assert len({task.id for task in found}) == len(found) == 14, sort
            if sort == "due":
                dues = [task.due for task in found if task.due]
                assert dues == sorted(dues)
                assert all(task.due is None for task in found[len(dues) :])
            elif sort == "priority":
                assert [task.priority for task in found] == sorted((task.priority for task in found), reverse=True)
    assert len(engine.user_tasks(UserTaskQuery(mine=True), by=ANA).items) == 4
    assert len(engine.user_tasks(UserTaskQuery(groups=True), by=ANA).items) == 10
    assert len(engine.user_tasks(UserTaskQuery(groups=True), by=CARLA).items) == 0
    assert len(engine.user_tasks(UserTaskQuery(assignee="ana"), by=BETO).items) == 4
    early = engine.user_tasks(UserTaskQuery(due_before=NINE + timedelta(hours=1)), by=ANA).items
    assert early
    assert all(task.due == NINE for task in early)
    assert {task.name for task in engine.user_tasks(UserTaskQuery(search="CÓNT"), by=ANA).items} == {"contar"}
    assert [task.business_key for task in engine.user_tasks(UserTaskQuery(search="p-13"), by=ANA).items] == ["P-13"]
    counts = engine.counts(by=ANA)
    assert (counts["mine"], counts["groups"], counts["running"]) == (4, 10, 14)
    engine.move_clock(NINE + timedelta(hours=1, minutes=1), by=ANA)
    assert engine.counts(by=ANA)["overdue"] == sum(
        task.due is not None and task.due <= NINE + timedelta(hours=1) for task in found
    )
    engine.close()


def test_a_wide_search_gives_the_same_as_a_narrow_one(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine import inbox

    engine = new_engine(database_url, clock=frozen())
    for number in range(6):
        engine.start("pedido", f"P-{number}", {"piezas": 7}, by=BETO)
    query = UserTaskQuery(groups=True, search="revi")
    narrow = engine.user_tasks(query, by=BETO)
    monkeypatch.setattr(inbox, "FEW", 2)
    assert engine.user_tasks(query, by=BETO) == narrow
    assert len(narrow.items) == 6
    engine.close()


def test_a_task_cannot_be_done_in_a_suspended_instance(database_url: str) -> None:
    engine = new_engine(database_url)
    instance = engine.start("pedido", "P-1", {"piezas": 7}, by=BETO)
    task = only_task(engine, "P-1")
    engine.suspend(instance.id, reason="revisión", by=ANA)
    with pytest.raises(Conflict) as refused:
        engine.complete(task.id, {}, by=ANA)
    assert refused.value.details["reason"] == "suspended"
    engine.cancel(instance.id, reason="ya no", by=ANA)
    assert engine.user_task(task.id, by=ANA).state == "cancelled"
    assert_rows_equal_waits(engine)
    engine.close()


def test_abandoned_files_are_swept(database_url: str, tmp_path: Path) -> None:
    files = Files.in_folder(tmp_path / "files")
    engine = new_engine(database_url, clock=frozen(), files=files)
    for number in (1, 2):
        engine.start("pedido", f"P-{number}", {"piezas": 7}, by=BETO)
    kept, left = only_task(engine, "P-1"), only_task(engine, "P-2")
    submitted = engine.attach(kept.id, "f", io.BytesIO(b"%PDF-1.7 a"), "a.pdf", by=ANA)
    engine.complete(kept.id, {"f": [submitted.id]}, by=ANA)
    draft = engine.attach(left.id, "f", io.BytesIO(b"%PDF-1.7 b"), "b.pdf", by=ANA)
    for name in ("de un registro", "de nadie"):
        files.put(name.encode())
    mine = hashlib.sha256(b"de un registro").hexdigest()
    assert engine.sweep_files([mine], by=ANA) == 0  # Just stored: their rows may be under way.
    for path in (tmp_path / "files").rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    again = files.put(b"de nadie")  # Stored anew: whoever did it is about to write a row.
    assert engine.sweep_files([mine], by=ANA) == 0
    os.utime(next((tmp_path / "files").rglob(again)), (1_700_000_000, 1_700_000_000))
    assert engine.sweep_files([mine], by=ANA) == 1
    assert sorted(files.hashes()) == sorted([submitted.hash, draft.hash, mine])
    engine.move_clock(NINE + timedelta(days=31), by=ANA)
    assert engine.sweep_files([mine], by=ANA) == 1
    with pytest.raises(NotFound):
        engine.attachment(draft.id, by=ANA)
    assert files.read(submitted.hash) == b"%PDF-1.7 a"
    engine.close()


def test_what_no_column_holds_is_refused_alike_on_both_databases(database_url: str, tmp_path: Path) -> None:
    engine = new_engine(database_url, files=Files.in_folder(tmp_path / "files"))
    engine.start("pedido", "P-1", {"piezas": 7, "nota": "a\0b"}, by=BETO)
    task = only_task(engine, "P-1")
    long, control = "x" * 300, "a\0b"
    for bad in (long, control):
        with pytest.raises(Invalid):
            engine.start("pedido", bad, by=BETO)
        with pytest.raises(Invalid):
            engine.start("pedido", "P-2", request_id=bad, by=BETO)
        with pytest.raises(Invalid):
            engine.complete(task.id, {}, request_id=bad, by=ANA)
        with pytest.raises(Invalid):
            engine.correlate(bad, business_key="P-1", by=ANA)
        with pytest.raises(Invalid):
            engine.attach(task.id, bad, io.BytesIO(b"%PDF-1.7 a"), "a.pdf", by=ANA)
        assert engine.user_tasks(UserTaskQuery(search=bad), by=ANA).items == ()
    with contextlib.suppress(Invalid, NotFound):  # SQLite looks for it and finds nothing.
        engine.user_task(control, by=ANA)
    with pytest.raises(Invalid):
        engine.draft(task.id, {"nota": ["x" * 300_000]}, by=ANA)
    engine.draft(task.id, {"nota": [control]}, by=ANA)
    assert engine.form(task.id, by=ANA).draft == {"nota": [control]}
    engine.complete(task.id, {"otra": control}, by=ANA)
    assert open_elements(engine, "P-1") == ["entregar"]
    engine.close()


def test_names_that_are_too_long_are_incidents(database_url: str) -> None:
    long = model("largo", user_task("ver", assignee="=quien", name="n" * 400), flows="inicio > ver > fin")
    engine = new_engine(database_url, long)
    engine.start("largo", "X-1", {"quien": "x" * 300}, by=BETO)
    (incident,) = engine.incidents(by=ANA).items
    engine.resolve(incident.id, {"quien": "ana"}, by=ANA)
    assert only_task(engine, "X-1").name == "n" * 255
    assert_rows_equal_waits(engine)
    engine.close()


def test_a_handler_gives_no_variable_that_it_does_not_declare(database_url):
    counting = model("conteo", user_task("contar", handler="almacen.contar"), flows="inicio > contar > fin")
    with contextlib.closing(new_engine(database_url, counting)) as engine:
        engine.start("conteo", "C-1", by=ANA)
        task = only_task(engine, "C-1")
        with pytest.raises(TypeError, match="almacen.contar"):
            engine.complete(task.id, {"otra": 1}, by=ANA)
        assert only_task(engine, "C-1").id == task.id
        engine.complete(task.id, {"contadas": 1}, by=ANA)
        assert engine.variables(task.instance_id, by=SYSTEM)["contadas"] == 1
