"""The inbox and the page of a user task: what a person sees, types, gets wrong, and finishes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Engine, UserTaskQuery
from engine.values import Actor
from tasks.registros import Colaborador
from tests.web.conftest import KEY, PASSWORD, token
from tests.web.two_steps import PDF, RESOURCES
from web import accounts
from web.texts import ZONE

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def engine(app: Flask) -> Engine:
    """The app's engine, with one instance of the small process and a second person in Ventas."""
    found: Engine = app.extensions["engine"]
    with app.app_context(), found.transaction(SYSTEM) as tx:
        tx.session.add(Colaborador(usuario="pmora", nombre="Pablo Mora", correo="p@ejemplo.mx", grupos=["ventas"]))
        accounts.create(tx.session, "pmora", PASSWORD, temporary=False)
    found.deploy(RESOURCES, by=SYSTEM)
    found.start("two_steps", "PRO-2027-0001", by=SYSTEM)
    return found


@pytest.fixture
def path(engine: Engine) -> str:
    """The page of the open user task."""
    (task,) = engine.user_tasks(UserTaskQuery(business_key="PRO-2027-0001"), by=SYSTEM).items
    return f"/tareas/{task.id}"


def form(client: FlaskClient, path: str, **values: str | list[str]) -> dict[str, str | list[str]]:
    """What the page's form sends: its hidden inputs, and these values."""
    text = client.get(path).text
    hidden = dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)">', text))
    return {"csrf_token": token(client, path), **hidden, **values}


def test_the_inbox_shows_what_waits_for_the_group(sign_in: SignIn, path: str) -> None:
    page = sign_in("lvega").get("/bandeja")
    assert "Anotar lo que pasó" in page.text
    assert path in page.text
    assert "Anotar lo que pasó" not in sign_in("abarrera").get("/bandeja").text


def test_the_inbox_finds_by_the_beginning_of_name_or_folio(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    assert path in client.get("/bandeja?q=anotar").text
    assert path in client.get("/bandeja?q=PRO-2027").text
    assert path not in client.get("/bandeja?q=revisar").text


def test_the_page_shows_form_and_what_comes_next(sign_in: SignIn, path: str) -> None:
    text = sign_in("lvega").get(path).text
    assert "<strong>todo</strong>" in text
    assert "Qué cuenta la persona" in text
    assert "Revisar lo anotado" in text
    assert 'name="titulo"' in text
    assert 'name="motivo"' not in text


def test_the_page_says_when_the_task_is_due_and_when_it_was(sign_in: SignIn, engine: Engine, path: str) -> None:
    client = sign_in("lvega")
    assert ">Vence vie 15 ene, 18:00<" in client.get(path).text
    engine.move_clock(datetime(2027, 1, 18, 9, tzinfo=ZONE), by=SYSTEM)
    assert ">Venció hace 3 días<" in client.get(path).text


def test_completing_leads_on_and_only_counts_once(sign_in: SignIn, engine: Engine, path: str) -> None:
    client = sign_in("lvega")
    data = form(client, path, titulo="Despido", urge="no", monto="$1,234.50")
    first, again = client.post(path, data=data), client.post(path, data=data)
    assert (first.status_code, again.status_code) == (302, 302)
    assert "Terminada: «Anotar lo que pasó»." in client.get(first.location).text
    (now,) = engine.user_tasks(UserTaskQuery(business_key="PRO-2027-0001"), by=SYSTEM).items
    assert now.element_id == "ut_revisar"


def test_wrong_values_come_back_with_what_was_typed(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    answer = client.post(path, data=form(client, path, titulo="", urge="si", motivo="Mañana vence", monto="mucho"))
    assert answer.status_code == 422
    assert "Hay 2 datos por corregir" in answer.text
    assert '<a href="#f-titulo">Título</a>' in answer.text
    assert "Mañana vence" in answer.text
    assert 'value="mucho"' in answer.text


def test_a_forged_field_is_refused(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    answer = client.post(path, data=form(client, path, titulo="x", urge="no", aprobado="true"))
    assert answer.status_code == 422


def test_a_hidden_field_is_dropped(sign_in: SignIn, engine: Engine, path: str) -> None:
    client = sign_in("lvega")
    client.post(path, data=form(client, path, titulo="x", urge="no", motivo="escondido"))
    (instance,) = engine.instances(by=SYSTEM).items
    assert "motivo" not in engine.variables(instance.id, by=SYSTEM)


def test_whoever_comes_second_is_told_who_was_first(sign_in: SignIn, path: str) -> None:
    first, second = sign_in("lvega"), sign_in("pmora")
    late = form(second, path, titulo="Otro", urge="no")
    first.post(path, data=form(first, path, titulo="Primero", urge="no"))
    answer = second.post(path, data=late)
    assert answer.status_code == 409
    assert "Esta tarea ya fue terminada por Laura Vega" in answer.text


def test_a_matter_that_is_stopped_meanwhile_loses_nothing(sign_in: SignIn, engine: Engine, path: str) -> None:
    client = sign_in("lvega")
    typed = form(client, path, titulo="Lo que ya escribí", urge="no")
    (instance,) = engine.instances(by=SYSTEM).items
    engine.suspend(instance.id, reason="revisión", by=SYSTEM)
    answer = client.post(path, data=typed)
    assert answer.status_code == 409
    assert "El asunto está detenido por" in answer.text
    assert "Lo que escribió sigue aquí" in answer.text
    assert 'value="Lo que ya escribí"' in answer.text
    engine.resume(instance.id, reason="listo", by=SYSTEM)
    assert client.post(path, data=form(client, path, titulo="Lo que ya escribí", urge="no")).status_code == 302


def test_rows_are_added_and_taken_out_without_a_script(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    page = client.post(f"{path}/campos", data=form(client, path, titulo="Caso", urge="no", _add="testigos"))
    assert 'name="testigos.0.nombre"' in page.text
    assert 'value="Caso"' in page.text
    rows = {"testigos.0._row": "1", "testigos.0.nombre": "Ana", "testigos.1._row": "1", "testigos.1.nombre": "Beto"}
    page = client.post(f"{path}/campos", data={**form(client, path, titulo="Caso"), **rows, "_remove": "testigos:0"})
    assert "Beto" in page.text
    assert 'value="Ana"' not in page.text


def test_the_focus_goes_on_where_the_form_has_changed(sign_in: SignIn, path: str) -> None:
    """Without a mouse: to the new row, to the button that adds another, to the summary of what is wrong."""
    client = sign_in("lvega")
    rows = {"testigos.0._row": "1", "testigos.0.nombre": "Ana"}

    def focused(**pressed: str) -> list[str]:
        page = client.post(f"{path}/campos", data={**form(client, path, titulo="Caso"), **rows, **pressed})
        return [tag for tag in re.findall(r"<\w+[^>]*>", page.text) if " autofocus" in tag]

    (field,) = focused(_add="testigos")
    assert 'id="f-testigos-1-nombre"' in field
    (button,) = focused(_remove="testigos:0")
    assert 'id="f-testigos-add"' in button
    (file,) = focused(_drop="pruebas:0")
    assert 'id="f-pruebas-0"' in file
    assert focused(_add="nada") == []
    (summary,) = re.findall(r"<\w+[^>]* autofocus[^>]*>", client.post(path, data=form(client, path, titulo="")).text)
    assert 'id="problemas"' in summary


def test_rows_and_their_buttons_are_told_apart_by_name(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    rows = {"testigos.0._row": "1", "testigos.1._row": "1"}
    page = client.post(f"{path}/campos", data={**form(client, path, titulo="Caso"), **rows}).text
    assert re.findall(r'role="group" aria-label="(.*?)"', page) == ["Testigos 1", "Testigos 2"]
    said = re.sub(r"<[^>]+>", "", page)
    for button in ("Quitar: Testigos 1", "Quitar: Testigos 2", "Agregar: Testigos"):
        assert said.count(button) == 1
    assert '<span id="f-monto-unit">$</span>' in page
    assert 'aria-describedby="f-monto-unit"' in page


def test_the_title_begins_with_what_was_done(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    answer = client.post(path, data=form(client, path, titulo="Caso", urge="no"), follow_redirects=True)
    assert "<title>Terminada: «Anotar lo que pasó»." in answer.text
    assert 'role="status"' in answer.text
    assert "<title>Para mí · Bandeja" in client.get("/bandeja").text


def test_a_change_shows_the_fields_that_depend_on_it(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    part = client.post(f"{path}/campos", data=form(client, path, urge="si"), headers={"HX-Request": "true"})
    assert 'name="motivo"' in part.text
    assert "<html" not in part.text


def test_a_refused_form_is_judged_again_with_each_change(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    sent = form(client, path, titulo="", urge="no", monto="mucho")
    refused = client.post(path, data=sent).text
    assert re.findall('name="_judged" value="(.*?)"', refused) == ["titulo", "monto"]
    assert "Hay 2 datos por corregir" in refused
    changed = {**sent, "_judged": ["titulo", "monto"], "titulo": "Embargo", "urge": "si"}
    part = client.post(f"{path}/campos", data=changed, headers={"HX-Request": "true"}).text
    assert "Hay un dato por corregir" in part
    assert "obligatorio." not in part
    assert part.count("Escriba un número") == 2
    fresh = client.post(f"{path}/campos", data=sent, headers={"HX-Request": "true"}).text
    assert "Hay un dato" not in fresh
    assert 'class="error"' not in fresh


def test_files_are_kept_at_once_and_survive_an_error(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    data = {**form(client, path, titulo="", urge="no"), "pruebas": (io.BytesIO(PDF), "acta.pdf")}
    answer = client.post(path, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "acta.pdf" in answer.text
    (kept,) = re.findall(r'<input type="hidden" name="pruebas" value="(\w+)">', answer.text)
    done = client.post(path, data=form(client, path, titulo="x", urge="no", pruebas=kept))
    assert done.status_code == 302
    file = sign_in("abarrera").get(f"{path}/archivos/{kept}")
    assert file.data == PDF, file.text
    assert "script-src" not in file.headers["Content-Security-Policy"]


def test_a_disguised_file_is_refused_at_its_field(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    data = {**form(client, path, titulo="x", urge="no"), "pruebas": (io.BytesIO(b"MZ\x90\x00 program"), "acta.pdf")}
    answer = client.post(path, data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert 'href="#f-pruebas-0"' in answer.text


def test_a_draft_comes_back_after_claiming(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    assert client.post(f"{path}/tomar", data=form(client, path)).status_code == 302
    client.post(f"{path}/borrador", data=form(client, path, titulo="A medias", urge="si"))
    text = client.get(path).text
    assert 'value="A medias"' in text
    assert "Aquí está su borrador" in text


def test_a_claimed_task_is_not_in_the_others_inbox_until_released(sign_in: SignIn, path: str) -> None:
    mine, other = sign_in("lvega"), sign_in("pmora")
    mine.post(f"{path}/tomar", data=form(mine, path))
    assert path not in other.get("/bandeja").text
    mine.post(f"{path}/soltar", data=form(mine, path))
    assert path in other.get("/bandeja").text


def test_a_task_of_another_group_cannot_be_completed(sign_in: SignIn, path: str) -> None:
    client = sign_in("abarrera")
    answer = client.post(path, data={"csrf_token": token(client, "/bandeja"), "titulo": "x", "urge": "no"})
    assert answer.status_code == 403


def test_an_ended_task_says_so(sign_in: SignIn, path: str) -> None:
    client = sign_in("lvega")
    client.post(path, data=form(client, path, titulo="x", urge="no"))
    assert "Esta tarea ya fue terminada" in client.get(path).text


def test_what_comes_next_is_said_when_it_belongs_to_another_matter(sign_in: SignIn, engine: Engine, path: str) -> None:
    engine.start("two_steps", "PRO-2027-0002", by=SYSTEM)
    (other,) = engine.user_tasks(UserTaskQuery(business_key="PRO-2027-0002"), by=SYSTEM).items
    engine.claim(other.id, by=Actor("lvega", frozenset({"ventas"})))
    client = sign_in("lvega")
    page = client.post(path, data=form(client, path, titulo="Caso", urge="no"), follow_redirects=True)
    assert page.request.path == f"/tareas/{other.id}"
    assert "Lo que ve ahora es de otro asunto: PRO-2027-0002." in page.text


def test_the_next_follow_up_is_left_for_its_day(busy_app: Flask, busy: SignIn) -> None:
    """What comes next is the same task again: the person goes back to the inbox, and is told when it is due."""
    engine: Engine = busy_app.extensions["engine"]
    [task] = engine.user_tasks(UserTaskQuery(business_key=KEY), by=SYSTEM).items
    sofia, page = busy("sluna"), f"/tareas/{task.id}"
    done = sofia.post(
        page,
        data=form(
            sofia,
            page,
            tipo_seguimiento="interno",
            accion="continuar",
            fecha="2027-01-22",
            actuacion="gestion",
            nota_interna="Se habló.",
            avance_pct="0",
        ),
    )
    assert (done.status_code, done.location) == (302, "/bandeja"), done.text
    [following] = engine.user_tasks(UserTaskQuery(business_key=KEY), by=SYSTEM).items
    assert (following.element_id, following.assignee, following.id != task.id) == (task.element_id, "sluna", True)
    inbox = sofia.get("/bandeja").text
    assert "La siguiente ya está en su bandeja (vence lun 8 feb, 18:00)." in inbox
    assert f'href="/tareas/{following.id}"' in inbox


def test_a_form_sent_after_the_session_ended_says_where_its_text_is(app: Flask, sign_in: SignIn, path: str) -> None:
    late = form(sign_in("lvega"), path, titulo="Caso", urge="no")
    answer = app.test_client().post(path, data=late)
    assert answer.status_code == 400
    assert "Lo que escribió sigue en la página anterior" in answer.text


def test_a_refused_refresh_leaves_the_form_as_it_was_typed(app: Flask, sign_in: SignIn, path: str) -> None:
    """In another tab the task was finished meanwhile; in the staff's contact form the session has ended."""
    client = sign_in("lvega")
    late = form(client, path, titulo="Caso", urge="no")
    assert '<div id="fallo"></div>' in client.get(path).text
    assert client.post(path, data=late).status_code == 302
    contact = app.test_client().post("/nuevo-contacto?campos=1", headers={"HX-Request": "true"})
    for answer, said in (
        (client.post(f"{path}/campos", data=late, headers={"HX-Request": "true"}), "Esta tarea ya fue terminada"),
        (contact, "Lo que escribió sigue en la página anterior"),
    ):
        assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#fallo", "innerHTML")
        assert said in answer.text
        assert "<html" not in answer.text
