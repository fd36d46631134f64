"""An absence: the substitute sees and gets what the person would, the trace names both, and it ends by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import SYSTEM, Actor, Engine, UserTaskQuery
from tasks.registros import Colaborador, Correo
from tests.web.conftest import KEY, token
from web.texts import ZONE

SignIn = Callable[..., FlaskClient]
PAGE = "/ausencias"


def register(client: FlaskClient, **values: str):
    return client.post(PAGE, data={"csrf_token": token(client, PAGE), **values})


def open_tasks(engine: Engine) -> dict[str, str | None]:
    with engine.reading(SYSTEM) as tx:
        return {one.element_id: one.assignee for one in tx.user_tasks(UserTaskQuery(business_key=KEY)).items}


def move(engine: Engine, *moment: int) -> None:
    engine.move_clock(datetime(*moment, tzinfo=ZONE), by=SYSTEM)  # type: ignore[misc]


def test_the_substitute_works_until_the_person_is_back(busy_app: Flask, busy: SignIn) -> None:
    """sluna, advisor of the matter, is away from 25 January to 5 February; rcampos stands in."""
    engine: Engine = busy_app.extensions["engine"]
    sofia, raul = busy("sluna"), busy("rcampos")
    assert register(sofia, suplente="rcampos", desde="2027-01-25", hasta="2027-02-05").status_code == 302
    assert open_tasks(engine) == {"ut_10_dar_seguimiento": "sluna"}
    assert raul.get(f"/asuntos/{KEY}").status_code == 404
    move(engine, 2027, 1, 25, 9)
    assert open_tasks(engine) == {"ut_10_dar_seguimiento": "rcampos"}
    assert raul.get(f"/asuntos/{KEY}/documentos").status_code == 200
    inbox = raul.get("/bandeja").text
    assert "Usted suple a Sofía Luna hasta el vie 5 feb 2027" in inbox
    assert "Dar seguimiento" in inbox
    assert "Ausente hasta el vie 5 feb 2027" in busy("abarrera").get("/personas").text
    load = busy("hruiz").get("/carga").text
    assert load.count("Ausente hasta el vie 5 feb 2027") == 1
    assert "le suple Raúl Campos" in sofia.get("/bandeja").text
    with engine.reading(SYSTEM) as tx:
        alerts = select(Correo.destinatario_nombre).where(Correo.plantilla == "cor_00_escalamiento")
        assert {"Sofía Luna", "Raúl Campos"} <= set(tx.session.scalars(alerts))
        [task] = tx.user_tasks(UserTaskQuery(business_key=KEY)).items
    values = {"actuacion": "gestion", "nota_interna": "Se habló con el juzgado."}
    engine.complete(task.id, values, by=Actor("rcampos", frozenset({"asesor"})))
    # The next one comes up in the absence, and falls to the substitute at once.
    assert open_tasks(engine) == {"ut_10_dar_seguimiento": "rcampos"}
    move(engine, 2027, 2, 5, 23)
    assert raul.get(f"/asuntos/{KEY}").status_code == 200
    move(engine, 2027, 2, 6, 0)
    assert raul.get(f"/asuntos/{KEY}").status_code == 404
    assert open_tasks(engine) == {"ut_10_dar_seguimiento": "sluna"}
    assert "Usted suple" not in raul.get("/bandeja").text
    history = sofia.get(f"/asuntos/{KEY}/historia").text
    assert "Raúl Campos en ausencia de Sofía Luna terminó «Dar seguimiento»" in history
    assert "El sistema asignó «Dar seguimiento» a Raúl Campos" in history
    assert "Regreso de Sofía Luna" in history


def test_it_ends_when_the_person_comes_back_earlier(busy_app: Flask, busy: SignIn) -> None:
    engine: Engine = busy_app.extensions["engine"]
    direction = busy("abarrera")
    answer = register(direction, ausente="sluna", suplente="hruiz", hasta="2027-03-01")
    assert answer.status_code == 302
    assert open_tasks(engine) == {"ut_10_dar_seguimiento": "hruiz"}
    page = direction.get(PAGE).text
    end = page.split(f'action="{PAGE}/', 1)[1].split('"', 1)[0]
    assert busy("dpaz").post(f"{PAGE}/{end}").status_code in (400, 403)
    assert direction.post(f"{PAGE}/{end}", data={"csrf_token": token(direction, PAGE)}).status_code == 302
    assert open_tasks(engine) == {"ut_10_dar_seguimiento": "sluna"}
    assert direction.post(f"{PAGE}/{end}", data={"csrf_token": token(direction, PAGE)}).status_code == 409


WRONG: list[tuple[dict[str, str], str]] = [
    ({"suplente": "sluna", "hasta": "2027-02-05"}, "suplente"),
    ({"suplente": "lvega", "hasta": "2027-02-05"}, "suplente"),
    ({"suplente": "", "hasta": "2027-02-05"}, "suplente"),
    ({"suplente": "rcampos", "hasta": ""}, "hasta"),
    ({"suplente": "rcampos", "hasta": "ayer"}, "hasta"),
    ({"suplente": "rcampos", "hasta": "2027-01-01"}, "hasta"),
    ({"suplente": "rcampos", "hasta": "2029-01-01"}, "hasta"),
    ({"suplente": "rcampos", "desde": "2026-12-01", "hasta": "2027-02-05"}, "desde"),
]


def test_what_cannot_be_is_said_at_its_field(sign_in: SignIn) -> None:
    sofia = sign_in("sluna")
    for values, field in WRONG:
        answer = register(sofia, **values)
        assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True), values
    assert "Nadie está ausente" in sofia.get(PAGE).text


def test_a_substitute_works_for_the_groups_of_the_absent_person(sign_in: SignIn) -> None:
    """Somebody who stands in for the only person of a group gets what waits for the group, and no system rights."""
    hector, ana = sign_in("hruiz"), sign_in("abarrera")
    assert hector.get("/cartera").status_code == 403
    assert register(ana, ausente="msoto", suplente="hruiz", hasta="2027-01-15").status_code == 302
    assert hector.get("/cartera").status_code == 200
    # Nobody gives rights to themselves, and those of Dirección are not another's to lend.
    assert register(hector, ausente="lvega", suplente="hruiz", hasta="2027-01-15").status_code == 403
    assert register(hector, ausente="abarrera", suplente="hruiz", hasta="2027-01-15").status_code == 403
    assert register(hector, ausente="sluna", suplente="dpaz", hasta="2027-01-15").status_code == 302


def offered(page: str) -> tuple[list[str], str]:
    """User names to choose from as substitutes, and the chosen one."""
    field = page.split('id="suplente"', 1)[1].split("</select>", 1)[0]
    chosen = re.search(r'value="(\w*)" selected', field)
    return re.findall(r'<option value="(\w+)"', field), chosen[1] if chosen else ""


def test_the_usual_substitute_of_whoever_is_away_is_filled_in(app: Flask, sign_in: SignIn) -> None:
    engine: Engine = app.extensions["engine"]
    with engine.transaction(SYSTEM) as tx:
        usual = {"sluna": "rcampos", "dpaz": "hruiz", "hruiz": "abarrera"}
        for usuario, substitute in usual.items():
            tx.session.get_one(Colaborador, usuario).suplente = substitute
    hector = sign_in("hruiz")
    assert offered(hector.get(PAGE).text)[1] == "abarrera"
    people, chosen = offered(hector.get(PAGE, query_string={"ausente": "sluna"}).text)
    assert (chosen, "sluna" in people, "lvega" in people) == ("rcampos", False, False)
    # Nobody names themselves for somebody else, except Dirección.
    assert "hruiz" not in people
    assert offered(hector.get(PAGE, query_string={"ausente": "dpaz"}).text)[1] == ""
    assert offered(sign_in("abarrera").get(PAGE, query_string={"ausente": "dpaz"}).text)[1] == "hruiz"
    # Without a script the answer to an empty choice has it; what was chosen stays.
    refused = register(hector, ausente="sluna", suplente="", hasta="2027-02-05")
    assert (refused.status_code, offered(refused.text)[1]) == (422, "rcampos")
    refused = register(hector, ausente="sluna", suplente="knieto", hasta="")
    assert offered(refused.text)[1] == "knieto"
    assert offered(sign_in("sluna").get(PAGE, query_string={"ausente": "dpaz"}).text)[1] == "rcampos"


def test_two_absent_people_do_not_stand_in_for_each_other(sign_in: SignIn) -> None:
    sofia, raul = sign_in("sluna"), sign_in("rcampos")
    assert register(sofia, suplente="rcampos", hasta="2027-02-05").status_code == 302
    again = register(sofia, suplente="dpaz", desde="2027-02-05", hasta="2027-02-09")
    assert "Ya hay una ausencia del 11 de enero de 2027 al 5 de febrero de 2027" in again.text
    assert "Suple a Sofía Luna" in register(raul, suplente="dpaz", hasta="2027-01-15").text
    assert "También estará ausente" in register(sign_in("dpaz"), suplente="sluna", hasta="2027-01-15").text
    # Not one's own, and not one's business.
    assert register(raul, ausente="dpaz", suplente="knieto", hasta="2027-01-15").status_code == 403
    assert sign_in("knieto").get(PAGE).text.count("Sofía Luna") == 1
