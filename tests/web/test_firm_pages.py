"""Pages by which the firm keeps its settings, calendars and legal terms."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, MovableClock, load_folder
from tasks.ajustes import AJUSTES, ajuste
from tasks.calendario import agregar_dias
from tasks.catalogos import sembrar_plazos
from tests.web.conftest import token
from web.firm_values import in_words
from web.texts import ZONE

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def published(app: Flask) -> Flask:
    settings = app.config["SETTINGS"]
    engine = app.extensions["engine"]
    engine.deploy(load_folder(settings.processes), name="firma", by=SYSTEM)
    with engine.transaction(SYSTEM) as tx:
        sembrar_plazos(tx.session)
    return app


def test_settings_change_what_the_process_reads(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("abarrera")
    form = {
        "csrf_token": token(client, "/configuracion"),
        "cuatro_ojos._shown": "1",
        "vigencia_dh._shown": "1",
        "vigencia_dh": "20",
        "despacho_nombre._shown": "1",
        "despacho_nombre": "Otro Nombre, S.C.",
    }
    answer = client.post("/configuracion", data=form, follow_redirects=True)
    assert "Se cambiaron 3 ajustes." in answer.text
    assert "Otro Nombre, S.C.</title>" in answer.text
    with app.extensions["engine"].reading(SYSTEM) as tx:
        assert ajuste(tx.session, "cuatro_ojos") is False
        assert ajuste(tx.session, "vigencia_dh") == 20
        # Not on the form that was sent: untouched.
        assert ajuste(tx.session, "autorizar_cierre") is True


def test_a_wrong_setting_comes_back_with_what_was_typed(sign_in: SignIn) -> None:
    client = sign_in("abarrera")
    form = {"csrf_token": token(client, "/configuracion"), "despacho_rfc._shown": "1", "despacho_rfc": "NO ES"}
    answer = client.post("/configuracion", data=form)
    assert answer.status_code == 422
    assert 'value="NO ES"' in answer.text
    assert "El RFC no es válido" in answer.text


def test_times_are_changed_by_the_firm_and_the_page_says_who_did(published: Flask, sign_in: SignIn) -> None:
    client = sign_in("abarrera")
    page = client.get("/configuracion/tiempos").text
    fields = dict(re.findall(r'name="(dh_\w+|dias_\w+|reapertura_meses)" value="(\d+)"', page))
    assert fields == {one.clave: str(one.defecto) for one in AJUSTES.values() if one.etapa}
    assert "Nadie ha cambiado nada" in page
    form = {"csrf_token": token(client, "/configuracion/tiempos"), **fields}
    form |= {"dh_elaborar_propuesta": "4", "dh_01_primer_recordatorio": "2"}
    answer = client.post("/configuracion/tiempos", data=form, follow_redirects=True).text
    assert "Se cambiaron 2 tiempos." in answer
    row = answer.split("Últimos cambios")[1].split("Elaborar propuesta", 1)[1].split("</tr>")[0]
    assert [said in row for said in ("3 días hábiles", "4 días hábiles", "Ana Barrera")] == [True] * 3
    assert "4 días hábiles, 18:00" in client.get("/configuracion/por-confirmar").text
    door = published.test_client()
    assert "a más tardar el siguiente día hábil" in door.get("/contacto").text
    client.post("/configuracion/tiempos", data=form | {"dh_registrar_contacto": "3"})
    assert "a más tardar en 3 días hábiles" in door.get("/contacto").text
    assert "a más tardar en 3 días hábiles" in door.get("/contacto/gracias/PRO-2027-0001").text
    form["dh_registrar_contacto"] = "1"
    client.post("/configuracion/tiempos", data=form)
    answer = client.post("/configuracion/tiempos", data=form | {"de_origen": "1"}, follow_redirects=True).text
    assert "Se cambiaron 2 tiempos." in answer
    assert 'name="dh_elaborar_propuesta" value="3"' in answer


def test_a_wrong_time_is_refused_at_its_field_and_nothing_is_kept(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("abarrera")
    form = {"csrf_token": token(client, "/configuracion/tiempos"), "dh_liquidar": "9", "dh_aprobar_propuesta": "pronto"}
    form |= {"dh_01_primer_recordatorio": "7", "dh_01_segundo_recordatorio": "7", "dh_05_recordatorio": "3"}
    answer = client.post("/configuracion/tiempos", data=form)
    assert answer.status_code == 422
    said = dict(re.findall(r'<p class="error" id="(\w+)-error">(.+?)</p>', answer.text))
    assert said == {
        "dh_aprobar_propuesta": "Escriba un número entero, de 1 a 30.",
        "dh_01_segundo_recordatorio": "Debe ser mayor que «Primer recordatorio» (7).",
        "dh_05_recordatorio": "Debe ser menor que «Escalamiento de la aprobación» (3).",
    }
    assert 'value="pronto"' in answer.text
    assert "1. Contacto inicial · Segundo recordatorio</a>: Debe ser mayor" in answer.text
    assert 'href="/configuracion/tiempos" aria-current="page"' in answer.text
    with app.extensions["engine"].reading(SYSTEM) as tx:
        assert ajuste(tx.session, "dh_liquidar") == 2
    # The page «Ajustes» takes no times along.
    form = {"csrf_token": form["csrf_token"], "dh_liquidar._shown": "1", "dh_liquidar": "9"}
    assert "No había nada que cambiar" in client.post("/configuracion", data=form, follow_redirects=True).text


def test_a_gerente_sees_settings_but_does_not_change_them(sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    page = client.get("/configuracion").text
    assert "Guardar" not in page
    answer = client.post("/configuracion", data={"csrf_token": token(client, "/calendarios")})
    assert answer.status_code == 403
    assert sign_in("sluna").get("/configuracion").status_code == 403


def test_every_value_to_confirm_is_read_from_what_is_published(published: Flask, sign_in: SignIn) -> None:
    text = sign_in("abarrera").get("/configuracion/por-confirmar").text
    for name in (
        "Tipo de cliente", "Reunión con el equipo", "Esquema de pago", "Criterio para comenzar a trabajar",
        "Seguimiento a los pagos", "Asignación de asesor operativo", "Seguimiento periódico", "Bono por desempeño",
        "Liquidación por cancelación", "Sesión para presentar la propuesta",
    ):  # fmt: skip
        assert f"<strong>{name}</strong>" in text, name
    assert "3 días hábiles, 09:00" in text
    # Another threshold is shown as soon as it is published.
    assert "&gt;= 1000000" in text
    files = load_folder(published.config["SETTINGS"].processes)
    files["dmn/reunion_equipo.dmn"] = files["dmn/reunion_equipo.dmn"].replace(b"1000000", b"2000000")
    published.extensions["engine"].deploy(files, name="firma", by=SYSTEM)
    changed = sign_in("abarrera").get("/configuracion/por-confirmar").text
    assert "&gt;= 2000000" in changed
    assert "&gt;= 1000000" not in changed


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("=vence(1)", "1 día hábil, 18:00"),
        ("=recordatorio(3)", "3 días hábiles, 09:00"),
        ("=limite_espera(15)", "15 días hábiles, 18:00, o antes si un plazo legal se acerca"),
        ("P90D", "90 días naturales"),
        ('=vence(ajuste("dh_liquidar"))', "2 días hábiles, 18:00"),
        ('=duration("P" + string(ajuste("dias_bono_condicionado")) + "D")', "90 días naturales"),
        (
            '=vence(if plazo_urgente() then ajuste("dh_analizar_urgente") else ajuste("dh_analizar_caso"))',
            "3 días hábiles, 18:00; con un plazo legal urgente, 1 día hábil",
        ),
        (
            '=limite_espera(if prorroga_dh = null then ajuste("dh_03_limite") else prorroga_dh)',
            "15 días hábiles, 18:00, o antes si un plazo legal se acerca; con prórroga, lo que ésta diga",
        ),
        ('=vence(ajuste("dh_de_nadie"))', ""),
        ("=vence(plan.interno_cada_dh)", ""),
    ],
)
def test_times_in_words(app: Flask, expression: str, said: str) -> None:
    with app.test_request_context():
        assert in_words(expression, {name: one.defecto for name, one in AJUSTES.items()}) == said


def test_a_calendar_gets_days_from_a_form_and_from_a_file(sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    csrf = token(client, "/calendarios")
    day = {"csrf_token": csrf, "calendario": "pjf", "fecha": "2027-12-31", "motivo": "Acuerdo general"}
    assert "Acuerdo general" in client.post("/calendarios", data=day, follow_redirects=True).text
    assert "Ese día ya es inhábil" in client.post("/calendarios", data=day).text

    def upload(content: str) -> str:
        file = (io.BytesIO(content.encode()), "dias.csv")
        answer = client.post("/calendarios/importar", data={"csrf_token": csrf, "archivo": file}, follow_redirects=True)
        return answer.text

    assert "Renglón 3: no existe el calendario «x»." in upload("calendario,fecha\npjf,2028-01-07\nx,2028-01-07\n")
    assert "Se agregó 1 día." in upload("calendario,fecha\npjf,2028-01-07\n")
    page = client.get("/calendarios?calendario=pjf&anio=2028").text
    assert "Ley de Amparo 19" in page
    removal = re.search(r'action="(/calendarios/[^/"]+/quitar)"', page)
    assert removal
    assert "Día quitado." in client.post(removal[1], data={"csrf_token": csrf}, follow_redirects=True).text


def test_from_october_on_the_inbox_asks_for_the_days_of_next_year(app: Flask, sign_in: SignIn) -> None:
    engine, client = app.extensions["engine"], sign_in("hruiz")
    # Not moved there from January: what every night does on the way is not asked about.
    engine.clock = MovableClock(start=datetime(2027, 9, 30, 12, tzinfo=ZONE), frozen=True)
    assert "próximo año" not in client.get("/bandeja").text
    engine.clock = MovableClock(start=datetime(2027, 10, 1, 12, tzinfo=ZONE), frozen=True)
    page = client.get("/bandeja").text
    assert "Tribunal Federal de Justicia Administrativa" in page.split("próximo año", 1)[1].split("</p>", 1)[0]
    assert 'href="/calendarios?anio=2028"' in page
    assert "próximo año" not in sign_in("sluna").get("/bandeja").text
    with engine.transaction(SYSTEM) as tx:
        agregar_dias(tx.session, [("tfja", date(2028, 1, 3), "Acuerdo")])
    assert "Tribunal Federal de Justicia Administrativa" not in client.get("/bandeja").text


def test_a_legal_term_is_replaced_from_a_date_on(published: Flask, sign_in: SignIn) -> None:
    client = sign_in("hruiz")
    page = client.get("/plazos-legales").text
    link = re.search(
        r'href="(/plazos-legales\?sustituir=[^"#]+)#nuevo">Sustituir<span class="hide-visually"> Nulidad', page
    )
    assert link
    filled = client.get(link[1]).text
    assert 'value="LFPCA 13"' in filled
    form = {
        "csrf_token": token(client, "/plazos-legales"), "subtipo": "juicio/nulidad",
        "descripcion": "Presentar la demanda", "dias": "45", "unidad": "habiles",
        "calendario": "tfja", "fundamento": "Ley nueva 1",
        "vigente_desde": "2099-04-01",
    }  # fmt: skip
    answer = client.post("/plazos-legales", data=form, follow_redirects=True)
    assert "Término guardado." in answer.text
    assert "45 días hábiles" in answer.text
    again = client.post("/plazos-legales", data=form)
    assert again.status_code == 422
    assert "Ya hay un término desde" in again.text
