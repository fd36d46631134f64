"""Deadlines: every date of the tables of legal-process.md §8, urgency, limits of waits, alerts."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine import Files
from engine.errors import Conflict
from tasks import avisos, funciones, plazos
from tasks.adapters import Adapters
from tasks.calendario import ZONA, Calendario
from tasks.catalogos import SUBTIPOS, sembrar_plazos
from tasks.registros import Colaborador, Correo, PlazoCatalogo


@pytest.fixture(autouse=True)
def catalogo(session):
    sembrar_plazos(session)


def amparo(paso, prospecto):
    """The Plazo of E1: amparo indirecto, surte efectos 2027-01-11, recorded with the minuta on 2027-01-12 at noon."""
    prospecto.tipo_procedimiento, prospecto.subtipo = "juicio", "amparo_indirecto"
    prospecto.surte_efectos = date(2027, 1, 11)
    return plazos.registrar_sugerido(paso, prospecto)


@pytest.mark.parametrize(
    ("caso", "tipo", "subtipo", "surte", "vence"),
    [
        ("E1 4", "juicio", "amparo_indirecto", date(2027, 1, 11), date(2027, 2, 2)),
        ("E2 2", "recurso", "revocacion_fiscal", date(2027, 1, 25), date(2027, 3, 9)),
        ("pjf rests on 5 May", "recurso", "reclamacion_amparo", date(2027, 5, 4), date(2027, 5, 10)),
        ("natural months", "juicio", "laboral", date(2026, 12, 31), date(2027, 3, 1)),
        ("natural years, to the next dh", "queja", "condusef", date(2026, 2, 14), date(2028, 2, 14)),
        ("one year, Sunday", "queja", "profeco", date(2027, 1, 9), date(2028, 1, 10)),
    ],
)
def test_catalogue(session, caso, tipo, subtipo, surte, vence):
    assert plazos.calcular(session, tipo, subtipo, surte).vence == vence


def test_no_term_is_invented(session):
    assert plazos.calcular(session, "juicio", "civil_oral", date(2027, 1, 11)) is None
    assert plazos.calcular(session, "queja", "administrativa", date(2027, 1, 11)) is None


def test_the_row_in_force_counts(session):
    viejo = session.query(PlazoCatalogo).filter_by(subtipo="amparo_indirecto").one()
    viejo.vigente_hasta = date(2027, 3, 31)
    session.add(
        PlazoCatalogo(
            tipo="juicio",
            subtipo="amparo_indirecto",
            descripcion="Presentar la demanda",
            dias=20,
            calendario="pjf",
            fundamento="Reforma",
            vigente_desde=date(2027, 4, 1),
        )
    )
    session.flush()
    assert plazos.calcular(session, "juicio", "amparo_indirecto", date(2027, 3, 31)).dias == 15
    assert plazos.calcular(session, "juicio", "amparo_indirecto", date(2027, 4, 1)).dias == 20
    assert plazos.calcular(session, "juicio", "amparo_indirecto", date(2024, 1, 1)) is None


def test_every_term_names_a_subtype_of_the_list(session):
    for fila in session.query(PlazoCatalogo):
        assert fila.subtipo in SUBTIPOS[fila.tipo]


def test_days_left_and_urgency(session, paso, prospecto):
    plazo = amparo(paso(2027, 1, 12, 12), prospecto)
    assert plazos.dias_restantes(session, plazo, date(2027, 1, 12)) == 14
    assert not plazos.plazo_urgente(session, prospecto.id, date(2027, 1, 24))
    assert plazos.plazo_urgente(session, prospecto.id, date(2027, 1, 25))
    plazos.cumplir(paso(2027, 1, 25, 12), plazo)
    session.flush()
    assert not plazos.plazo_urgente(session, prospecto.id, date(2027, 1, 25))


def test_days_left_of_e2(session, paso, prospecto):
    plazo = plazos.registrar(paso(2027, 2, 3, 12), prospecto, "Recurso", date(2027, 3, 9), calendario="sat")
    assert plazos.dias_restantes(session, plazo, date(2027, 2, 3)) == 24


@pytest.mark.parametrize(
    ("caso", "desde", "n", "vence"),
    [
        ("E1 16 informe", (2027, 6, 8), 3, "2027-06-11T18:00:00-06:00"),
        ("E1 17 autorizar cierre", (2027, 6, 10), 2, "2027-06-14T18:00:00-06:00"),
        ("E1 18 confirmar cierre", (2027, 6, 14), 5, "2027-06-21T18:00:00-06:00"),
        ("E1 13 follow-up", (2027, 1, 22), 10, "2027-02-08T18:00:00-06:00"),
        ("E1 14 next", (2027, 1, 29), 10, "2027-02-15T18:00:00-06:00"),
        ("E1 15", (2027, 2, 15), 10, "2027-03-01T18:00:00-06:00"),
        ("E1 15, 03-15 free", (2027, 3, 1), 10, "2027-03-16T18:00:00-06:00"),
        ("E1 15", (2027, 3, 16), 10, "2027-03-30T18:00:00-06:00"),
        ("E1 15", (2027, 3, 30), 10, "2027-04-13T18:00:00-06:00"),
        ("E1 15", (2027, 4, 13), 10, "2027-04-27T18:00:00-06:00"),
        ("E1 15", (2027, 4, 27), 10, "2027-05-11T18:00:00-06:00"),
        ("E1 15", (2027, 5, 11), 10, "2027-05-25T18:00:00-06:00"),
        ("E1 15 last", (2027, 5, 25), 10, "2027-06-08T18:00:00-06:00"),
        ("E1b 1 autorizar arranque", (2027, 1, 25), 1, "2027-01-26T18:00:00-06:00"),
        ("E3 3 sin respuesta", (2027, 1, 25), 10, "2027-02-09T18:00:00-06:00"),
        ("E3 7 sin documentos", (2027, 2, 23), 15, "2027-03-17T18:00:00-06:00"),
        ("E5 2 follow-up", (2027, 2, 17), 5, "2027-02-24T18:00:00-06:00"),
        ("E5 3", (2027, 2, 24), 5, "2027-03-03T18:00:00-06:00"),
        ("E5 4", (2027, 3, 3), 5, "2027-03-10T18:00:00-06:00"),
        ("E5 4, 03-15 free", (2027, 3, 10), 5, "2027-03-18T18:00:00-06:00"),
        ("E5 5 liquidar", (2027, 3, 16), 2, "2027-03-18T18:00:00-06:00"),
        ("E5 6 entregar", (2027, 3, 17), 5, "2027-03-24T18:00:00-06:00"),
    ],
)
def test_due_dates(paso, caso, desde, n, vence):
    assert funciones.vence(paso(*desde, 10), Decimal(n)).isoformat() == vence


@pytest.mark.parametrize(
    ("caso", "desde", "n", "cuando"),
    [
        ("E3 2 first", (2027, 1, 25), 3, "2027-01-28"),
        ("E3 2 second, 02-01 free", (2027, 1, 25), 6, "2027-02-03"),
        ("E3 6 first", (2027, 2, 23), 3, "2027-02-26"),
        ("E3 6 second", (2027, 2, 23), 7, "2027-03-04"),
        ("E2 7 first", (2027, 2, 11), 3, "2027-02-16"),
        ("E2 7 second", (2027, 2, 11), 8, "2027-02-23"),
        ("E1b 3 one dh after due", (2027, 1, 25), 1, "2027-01-26"),
        ("E4 6 next reminder", (2027, 3, 17), 5, "2027-03-24"),
    ],
)
def test_reminders(paso, caso, desde, n, cuando):
    assert funciones.recordatorio(paso(*desde, 11), Decimal(n)).isoformat() == f"{cuando}T09:00:00-06:00"


def test_before_and_after_an_invoice_is_due(paso):
    """E4 5 and 6: A-1 is due 2027-03-16; reminders two dh before and one after; 2027-03-15 is free."""
    ctx = paso(2027, 3, 1, 10)
    assert funciones.dias_habiles(ctx, date(2027, 3, 16), Decimal(-2)) == date(2027, 3, 11)
    assert funciones.dias_habiles(ctx, date(2027, 3, 16), Decimal(1)) == date(2027, 3, 17)
    assert funciones.dias_habiles_entre(ctx, date(2027, 3, 1), date(2027, 3, 16)) == 10
    # E1 11: A-1 issued 2027-01-20, due 2027-01-25: not more than 3 dh, no recordatorio_previo.
    assert funciones.dias_habiles_entre(ctx, date(2027, 1, 20), date(2027, 1, 25)) == 3


@pytest.mark.parametrize(
    ("caso", "desde", "n", "sin_plazo", "con_plazo"),
    [
        ("E1 8 vigencia", (2027, 1, 18, 12), 15, "2027-02-09T18:00:00-06:00", "2027-01-25T09:00:00-06:00"),
        ("E1b 1 criterio", (2027, 1, 20, 12), 10, "2027-02-04T18:00:00-06:00", "2027-01-25T09:00:00-06:00"),
        ("shorter than the Plazo", (2027, 1, 13, 12), 3, "2027-01-18T18:00:00-06:00", "2027-01-18T18:00:00-06:00"),
        ("urgent already", (2027, 1, 26, 12), 10, "2027-02-10T18:00:00-06:00", "2027-01-27T18:00:00-06:00"),
        ("at the very moment", (2027, 1, 25, 9), 10, "2027-02-09T18:00:00-06:00", "2027-01-26T18:00:00-06:00"),
    ],
)
def test_limits_of_waits(paso, prospecto, caso, desde, n, sin_plazo, con_plazo):
    ctx = paso(*desde, business_key=prospecto.folio)
    assert funciones.limite_espera(ctx, Decimal(n)).isoformat() == sin_plazo
    amparo(paso(2027, 1, 12, 12), prospecto)
    assert funciones.limite_espera(ctx, Decimal(n)).isoformat() == con_plazo


def test_limit_of_e2(session, paso, prospecto):
    plazos.registrar(paso(2027, 2, 3, 12), prospecto, "Recurso", date(2027, 3, 9), calendario="sat")
    limite = plazos.limite_espera(session, prospecto.id, datetime(2027, 2, 11, 12, tzinfo=ZONA), 15)
    assert limite.isoformat() == "2027-03-02T09:00:00-06:00"


def test_a_plazo_recorded_during_the_wait(session, paso, prospecto):
    """Urgent when recorded: one dh from then, however often the timer is refreshed."""
    desde = datetime(2027, 1, 20, 12, tzinfo=ZONA)
    plazos.registrar(paso(2027, 1, 27, 12), prospecto, "Demanda", date(2027, 2, 2), calendario="pjf")
    assert plazos.limite_espera(session, prospecto.id, desde, 10).isoformat() == "2027-01-28T18:00:00-06:00"


def test_internal_and_met_deadlines_cut_nothing(session, paso, prospecto):
    desde = datetime(2027, 1, 20, 12, tzinfo=ZONA)
    plazos.registrar(paso(2027, 1, 20), prospecto, "Junta", date(2027, 1, 29), tipo="interno")
    plazo = plazos.registrar(paso(2027, 1, 20), prospecto, "Demanda", date(2027, 1, 29))
    plazos.dejar_sin_efecto(paso(2027, 1, 21), plazo)
    session.flush()
    assert plazos.limite_espera(session, prospecto.id, desde, 10).isoformat() == "2027-02-04T18:00:00-06:00"


def test_alerts_of_e1(session, paso, prospecto):
    ctx = paso(2027, 1, 12, 12)
    plazo = amparo(ctx, prospecto)
    avisos = sorted(due.isoformat() for topic, due, _ in ctx.jobs.values() if topic == "plazo.avisar")
    assert avisos == [f"2027-{dia}T09:00:00-06:00" for dia in ("01-25", "01-27", "01-29", "02-02")]
    assert ctx.jobs[f"plazo/{plazo.id}/vencer"][1].isoformat() == "2027-02-03T09:00:00-06:00"
    plazos.cumplir(ctx.at(datetime(2027, 1, 29, 12, tzinfo=ZONA)), plazo)
    assert ctx.jobs == {}
    with pytest.raises(Conflict):
        plazos.cumplir(ctx, plazo)


def test_alerts_of_a_moved_plazo(session, paso, prospecto):
    ctx = paso(2027, 1, 12, 12)
    plazo = amparo(ctx, prospecto)
    plazos.mover(ctx, plazo, date(2027, 2, 9))
    avisos = sorted(due.date().isoformat() for topic, due, _ in ctx.jobs.values() if topic == "plazo.avisar")
    # pjf rests on 1 February and on Friday 5 February.
    assert avisos == ["2027-01-29", "2027-02-03", "2027-02-08", "2027-02-09"]


def test_a_late_plazo_is_alerted_at_once(session, paso, prospecto):
    ctx = paso(2027, 1, 28, 12)
    plazo = plazos.registrar(ctx, prospecto, "Demanda", date(2027, 2, 2), calendario="pjf")
    assert ctx.jobs[f"plazo/{plazo.id}/ya"][1] == ctx.now
    assert [n for n in plazos.AVISOS if f"plazo/{plazo.id}/{n}" in ctx.jobs] == [1, 0]


@pytest.mark.parametrize(("tipo", "a_direccion"), [("fatal", True), ("interno", False)])
def test_a_plazo_that_is_urgent_when_it_is_recorded_goes_to_direccion_at_once(
    session, paso, prospecto, tmp_path, tipo, a_direccion
):
    """§1.0: turning urgent is the alert that goes to Dirección too, with three days left as with five."""
    for usuario in ("gerente", "direccion"):
        session.add(Colaborador(usuario=usuario, nombre=usuario, correo=f"{usuario}@x.mx", grupos=[usuario]))
    session.flush()
    ctx = paso(2027, 1, 28, 12, business_key=prospecto.folio, adapters=Adapters.local(Files.in_folder(tmp_path)))
    plazo = plazos.registrar(ctx, prospecto, "Demanda", date(2027, 2, 2), calendario="pjf", tipo=tipo)
    avisos.avisar(avisos.DelPlazo.model_validate(ctx.jobs[f"plazo/{plazo.id}/ya"][2]), ctx)
    aviso = ctx.jobs[f"plazo/{plazo.id}/1"][2]
    enviados = list(session.scalars(select(Correo.destinatario).order_by(Correo.id)))
    assert enviados == ["gerente@x.mx", "direccion@x.mx"][: 2 if a_direccion else 1]
    assert aviso["a_direccion"] is False


def test_alerts_lie_where_that_many_days_are_left():
    """The n-th alert is on a day with n left, and the dh before it has more."""
    cal = Calendario("pjf")
    for salto in range(400):
        vence = date(2027, 1, 1) + timedelta(days=salto)
        ultimo = vence if cal.es_habil(vence) else cal.sumar(vence, -1)
        for n in (1, 3, 5):
            aviso = cal.sumar(ultimo, -n)
            assert cal.entre(aviso, vence) == n
            assert cal.entre(cal.sumar(aviso, -1), vence) == n + 1
