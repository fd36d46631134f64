"""Mail from the step to the mailbox and to a real SMTP server on loopback."""

from __future__ import annotations

import email
import socket
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import policy
from email.errors import HeaderParseError

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from engine import SYSTEM, UserTaskQuery, load_folder
from engine.errors import Conflict, Invalid, NotFound
from engine.values import Actor
from tasks import altas, correo, correo_detenido, enlaces
from tasks.paso import Accion
from tasks.registros import Correo, Enlace, Reunion
from tasks.transporte import Buzon, CorreoRechazado, Smtp
from tests.tasks.firma import INICIO, PROCESO, prospecto, quien

AVISO = {"titulo": "Plazo: la demanda vence hoy", "texto": "Atiéndalo.", "datos": [], "accion": "Abrir"}


class Servidor:
    """A mail server on loopback that keeps what it gets, and can be told to refuse."""

    def __init__(self):
        self.recibidos = []
        self.respuesta = self.al_recibir = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.respuesta.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.respuesta

    async def handle_DATA(self, server, session, envelope):
        self.recibidos.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return self.al_recibir


@pytest.fixture
def servidor():
    servidor = Servidor()
    with socket.create_server(("127.0.0.1", 0)) as libre:
        servidor.puerto = libre.getsockname()[1]
    control = Controller(servidor, hostname="127.0.0.1", port=servidor.puerto)
    control.start()
    yield servidor
    control.stop()


def test_a_mail_to_a_client_lies_in_the_mailbox(firma):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona, enlace="documentos")
        assert tx.session.scalars(select(Correo.estado)).all() == ["en_cola"]
    firma.trabajar()
    with firma.tx() as tx:
        (uno,) = tx.session.scalars(select(Correo)).all()
        assert (uno.estado, uno.enviado, uno.intentos) == ("enviado", INICIO, 1)
        assert (uno.destinatario, uno.business_key, uno.interno) == ("mflopez@ejemplo.mx", "PRO-2027-0001", False)
        assert uno.asunto == "Su enlace para entrar al asunto PRO-2027-0001"
        assert "Apreciable Sra. López Ortega:" in uno.texto
        url = next(linea for linea in uno.texto.splitlines() if "/portal/" in linea)
        enlace, actor = enlaces.abrir(tx, url.rpartition("/")[2])
        assert (enlace.destino, actor.business_key, actor.groups) == ("documentos", "PRO-2027-0001", {"cliente"})


def test_a_step_that_is_undone_sends_nothing(firma):
    firma = firma()
    with pytest.raises(RuntimeError), firma.tx() as tx:
        pro = prospecto(tx)
        correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona)
        raise RuntimeError
    firma.trabajar()
    with firma.tx() as tx:
        assert tx.session.scalars(select(Correo)).all() == []


def test_a_group_gets_one_each_and_only_who_works_here(firma):
    firma = firma()
    with firma.tx() as tx:
        quien(tx, "dpaz").activo = False
        correo.enviar_a_grupo(Accion(tx, ""), "cor_00_escalamiento", "asesor", datos=AVISO, enlace="/bandeja")
    firma.trabajar()
    with firma.tx() as tx:
        todos = tx.session.scalars(select(Correo).order_by(Correo.destinatario)).all()
        assert [c.destinatario.partition(".")[0] for c in todos] == ["karla", "raul", "sofia"]
        assert todos[0].texto.startswith("Lic. Nieto:")
        assert "https://cauce.example/bandeja" in todos[0].texto
        assert "Aviso de privacidad" not in todos[0].html


def test_smtp_gets_both_forms_the_invitation_and_a_stable_id(firma, servidor):
    firma = firma(
        transporte=Smtp("127.0.0.1", servidor.puerto, tls="no"), remitente="Despacho <no-responder@ejemplo.mx>"
    )
    with firma.tx() as tx:
        pro = prospecto(tx)
        reunion = Reunion(
            prospecto_id=pro.id,
            tipo="cliente",
            responsable_id="hruiz",
            inicio=INICIO + timedelta(days=1),
            fin=INICIO + timedelta(days=1, hours=1),
            uid="r1@ejemplo.mx",
            lugar="https://reuniones.example/hruiz",
        )
        tx.session.add(reunion)
        tx.session.flush()
        enviado = correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona, reunion=reunion)
        identidad = enviado.message_id
    firma.trabajar()
    (mensaje,) = servidor.recibidos
    assert mensaje["Message-ID"] == identidad
    assert identidad.endswith("@ejemplo.mx>")
    assert mensaje["To"] == "María Fernanda López Ortega <mflopez@ejemplo.mx>"
    assert mensaje["From"] == "Despacho <no-responder@ejemplo.mx>"
    tipos = [parte.get_content_type() for parte in mensaje.walk() if not parte.is_multipart()]
    assert tipos == ["text/plain", "text/html", "text/calendar"]
    ics = list(mensaje.walk())[-1].get_content()
    for linea in ("METHOD:REQUEST", "UID:r1@ejemplo.mx", "SEQUENCE:0", "STATUS:TENTATIVE"):
        assert linea in ics
    assert "DTSTART;TZID=America/Mexico_City:20270113T100000" in ics


def test_a_server_that_is_down_means_three_repeats_then_an_incident(firma, servidor):
    firma = firma(transporte=Smtp("127.0.0.1", servidor.puerto, tls="no"))
    servidor.respuesta = "451 try later"
    with firma.tx() as tx:
        pro = prospecto(tx)
        correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona)
    firma.trabajar()
    for minutos in (1, 6, 36):
        firma.ir_a(INICIO + timedelta(minutes=minutos))
    (incidente,) = firma.engine.incidents(by=SYSTEM).items
    assert (
        incidente.message
        == f"El servidor de correo 127.0.0.1:{servidor.puerto} no tomó el correo por ahora: 451 try later."
    )
    with firma.tx() as tx:
        uno = tx.session.scalar(select(Correo))
        assert (uno.estado, uno.intentos) == ("en_cola", 4)
    servidor.respuesta = "250 OK"
    firma.engine.retry(incidente.job_id, by=SYSTEM)
    firma.trabajar()
    assert len(servidor.recibidos) == 1
    with firma.tx() as tx:
        assert tx.session.scalar(select(Correo.estado)) == "enviado"


def test_the_repeats_follow_the_business_clock_and_bear_the_same_id(firma, servidor):
    """A server that takes the mail and breaks off before saying so: each repeat is recognisable as the same mail."""
    firma = firma(transporte=Smtp("127.0.0.1", servidor.puerto, tls="no"))
    servidor.al_recibir = "451 broken off"
    with firma.tx() as tx:
        pro = prospecto(tx)
        identidad = correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona).message_id
    firma.trabajar()
    hasta = []
    for minutos in (0.9, 1, 5.9, 6, 35.9, 36, 500):
        firma.ir_a(INICIO + timedelta(minutes=minutos))
        hasta.append(len(servidor.recibidos))
    assert hasta == [1, 2, 2, 3, 3, 4, 4], "repeats after 1, 5 and 30 minutes, then no more"
    assert {m["Message-ID"] for m in servidor.recibidos} == {identidad}
    assert len({m["Date"] for m in servidor.recibidos}) == 1
    assert len(firma.engine.incidents(by=SYSTEM).items) == 1


def test_a_flaky_server_gets_it_in_the_end_and_nobody_is_bothered(firma, servidor):
    firma = firma(transporte=Smtp("127.0.0.1", servidor.puerto, tls="no"))
    servidor.respuesta = "451 busy"
    with firma.tx() as tx:
        pro = prospecto(tx)
        correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona)
    firma.trabajar()
    firma.ir_a(INICIO + timedelta(minutes=2))
    servidor.respuesta = "250 OK"
    firma.ir_a(INICIO + timedelta(minutes=60))
    assert len(servidor.recibidos) == 1
    assert firma.engine.incidents(by=SYSTEM).items == ()
    with firma.tx() as tx:
        uno = tx.session.scalar(select(Correo))
        assert (uno.estado, uno.intentos, uno.enviado) == ("enviado", 3, INICIO + timedelta(minutes=6))


def test_no_server_at_all_is_an_incident_too(firma):
    with socket.create_server(("127.0.0.1", 0)) as libre:
        puerto = libre.getsockname()[1]
    firma = firma(transporte=Smtp("127.0.0.1", puerto, tls="no"))
    with firma.tx() as tx:
        pro = prospecto(tx)
        uno = correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona)
    firma.ir_a(INICIO + timedelta(minutes=36))
    (incidente,) = firma.engine.incidents(by=SYSTEM).items
    assert incidente.business_key == "PRO-2027-0001"
    assert incidente.message == f"El servidor de correo 127.0.0.1:{puerto} no contesta: rechaza la conexión."
    with firma.tx() as tx:
        assert correo_detenido.esta_detenido(tx.session, tx.session.get(Correo, uno.id))


def test_a_refusal_for_good_is_told_apart(servidor):
    mensaje = correo.componer(
        {"nombre": "X", "direccion": "x@ejemplo.mx", "momento": INICIO, "message_id": "<1@x>", "calendario": None},
        "a",
        "b",
        "<p>b",
        "y@x",
    )
    for respuesta, error in (("550 no such user", CorreoRechazado), ("451 later", Exception)):
        servidor.respuesta = respuesta
        with pytest.raises(error) as caso:
            Smtp("127.0.0.1", servidor.puerto, tls="no").enviar(mensaje)
        assert isinstance(caso.value, CorreoRechazado) is respuesta.startswith("550")
        # What the server said, without the address and without Python's signs.
        assert respuesta in str(caso.value)
        assert not set("@{}()'") & set(str(caso.value))
    assert Buzon().enviar(mensaje) is None


@pytest.mark.parametrize("direccion", ["a@x.mx, b@y.mx", "a@x.mx\nBcc: b@y.mx", "nadie"])
def test_an_address_is_one_address(direccion):
    carga = {"nombre": "X", "direccion": direccion, "momento": INICIO, "message_id": "<1@x>", "calendario": None}
    with pytest.raises((ValueError, HeaderParseError)):
        correo.componer(carga, "a", "b", "<p>b", "y@x")


@pytest.mark.parametrize(
    ("url", "partes"),
    [
        ("smtp://ana:cl%40ve@correo.example:2525", ("correo.example", 2525, "ana", "cl@ve", "starttls")),
        ("smtps://correo.example", ("correo.example", 465, None, None, "tls")),
        ("smtp://127.0.0.1:25?tls=no", ("127.0.0.1", 25, None, None, "no")),
    ],
)
def test_smtp_urls(url, partes):
    smtp = Smtp.de_url(url)
    assert (smtp.servidor, smtp.puerto, smtp.usuario, smtp.clave, smtp.tls) == partes
    assert "cl@ve" not in repr(smtp)


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://x?tls=quiza"])
def test_broken_smtp_urls(url):
    with pytest.raises(ValueError):
        Smtp.de_url(url)


def test_nobody_without_an_address_gets_mail(firma):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        pro.persona.correo = None
        with pytest.raises(Invalid, match="no tiene correo"):
            correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona)


# --- portal links


def test_links_expire_are_renewed_once_and_can_be_revoked(firma):
    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        paso = Accion(tx, pro.folio)
        vivo, url = enlaces.crear(paso, business_key="PRO-2027-0001/A-1", persona_id=pro.persona_id, destino="pagos")
        assert vivo.business_key == "PRO-2027-0001"
        assert url.removeprefix("https://cauce.example/portal/") != url
        token = url.rpartition("/")[2]
        assert token not in vivo.token_sha256
        enlaces.renovar(tx, token)  # Not expired: nothing to be renewed.
        assert tx.session.scalars(select(Correo)).all() == []
    firma.ir_a(INICIO + timedelta(days=30))
    with firma.tx() as tx:
        with pytest.raises(enlaces.EnlaceVencido):
            enlaces.abrir(tx, token)
        enlaces.renovar(tx, token)
        enlaces.renovar(tx, token)
    firma.trabajar()
    with firma.tx() as tx:
        (uno,) = tx.session.scalars(select(Correo)).all()
        nuevo = uno.texto.split("/portal/")[1].split()[0]
        enlace, _ = enlaces.abrir(tx, nuevo)
        assert enlace.destino == "pagos"
        enlaces.revocar(Accion(tx, ""), enlace.id)
        with pytest.raises(NotFound):
            enlaces.abrir(tx, nuevo)
        with pytest.raises(NotFound):
            enlaces.abrir(tx, "x" * 32)
        assert {e.usado for e in tx.session.scalars(select(Enlace))} == {None}
    with pytest.raises(ValueError), firma.tx() as tx:
        enlaces.crear(Accion(tx, ""), business_key="PRO-2027-0001", persona_id="x", destino="luna")


# --- alerts of deadlines


def test_alerts_go_to_gerente_and_at_five_days_to_direccion(firma):
    from datetime import date

    from tasks import plazos
    from tasks.registros import Plazo

    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        pro.tipo_procedimiento, pro.subtipo, pro.surte_efectos = "juicio", "amparo_indirecto", date(2027, 1, 11)
        plazos.registrar_sugerido(Accion(tx, pro.folio), pro)
    firma.ir_a(datetime(2027, 1, 29, 16, tzinfo=UTC))
    with firma.tx() as tx:
        hechos = [(c.creado.day, c.destinatario.partition(".")[0]) for c in tx.session.scalars(select(Correo))]
        assert sorted(hechos) == [(25, "ana"), (25, "hector"), (27, "hector"), (29, "hector")]
        assert all(c.creado.hour == 15 for c in tx.session.scalars(select(Correo)))  # 09:00 in Mexico
        asuntos = [c.asunto for c in tx.session.scalars(select(Correo).order_by(Correo.id))]
        assert asuntos[-1] == "Plazo: Presentar la demanda vence en 1 día hábil"
        plazos.cumplir(Accion(tx, "PRO-2027-0001"), tx.session.scalar(select(Plazo)))
    firma.ir_a(datetime(2027, 2, 10, 16, tzinfo=UTC))
    with firma.tx() as tx:
        assert len(tx.session.scalars(select(Correo)).all()) == 4


def test_an_urgent_and_an_overdue_plazo_go_to_direccion(firma):
    from datetime import date

    from tasks import plazos
    from tasks.registros import Plazo

    firma = firma()
    with firma.tx() as tx:
        pro = prospecto(tx)
        plazos.registrar(Accion(tx, pro.folio), pro, "Contestar", date(2027, 1, 13))
    firma.ir_a(datetime(2027, 1, 14, 16, tzinfo=UTC))
    with firma.tx() as tx:
        assert tx.session.scalar(select(Plazo.estado)) == "vencido"
        hechos = [
            (c.asunto, c.destinatario.partition(".")[0]) for c in tx.session.scalars(select(Correo).order_by(Correo.id))
        ]
        assert hechos == [
            ("Plazo: Contestar vence en 1 día hábil", "hector"),
            ("Plazo: Contestar vence en 1 día hábil", "ana"),
            ("Plazo: Contestar vence hoy", "hector"),
            ("Plazo vencido: Contestar", "hector"),
            ("Plazo vencido: Contestar", "ana"),
        ]


# --- mails that are stuck


@pytest.fixture
def detenido(firma, servidor):
    """A firm with one mail that could not be delivered, and its incident."""
    firma = firma(transporte=Smtp("127.0.0.1", servidor.puerto, tls="no"))
    servidor.respuesta = "451 try later"
    with firma.tx() as tx:
        pro = prospecto(tx)
        firma.correo_id = correo.enviar(Accion(tx, pro.folio), "cor_00_enlace", a=pro.persona).id
    firma.ir_a(INICIO + timedelta(minutes=36))
    assert len(firma.engine.incidents(by=SYSTEM).items) == 1
    return firma


HRUIZ = Actor("hruiz", frozenset({"gerente"}))


def test_try_again(detenido, servidor):
    servidor.respuesta = "250 OK"
    with detenido.engine.transaction(HRUIZ) as tx:
        correo_detenido.reintentar(tx, detenido.correo_id)
    detenido.trabajar()
    assert len(servidor.recibidos) == 1
    assert detenido.engine.incidents(by=SYSTEM).items == ()
    with pytest.raises(Conflict), detenido.engine.transaction(HRUIZ) as tx:
        correo_detenido.reintentar(tx, detenido.correo_id)


def test_told_in_another_way(detenido, servidor):
    with detenido.engine.transaction(HRUIZ) as tx:
        correo_detenido.avisado(tx, detenido.correo_id, "por teléfono, 12/01 a las 11:00")
    servidor.respuesta = "250 OK"
    detenido.trabajar()
    assert servidor.recibidos == []
    assert detenido.engine.incidents(by=SYSTEM).items == ()
    with detenido.tx() as tx:
        assert tx.session.get(Correo, detenido.correo_id).estado == "avisado_otro_medio"


def test_only_who_may_read_it(detenido):
    with pytest.raises(NotFound), detenido.engine.transaction(Actor("sluna", frozenset({"asesor"}))) as tx:
        correo_detenido.avisado(tx, detenido.correo_id, "x")


EN_CURSO = {
    "nombre": "Jacinta Moya",
    "correo": "jacinta@ejemplo.mx",
    "tipo": "queja",
    "subtipo": "condusef",
    "etapa": 9,
    "asesor_id": "knieto",
    "honorarios": Decimal(20000),
}
KNIETO = Actor("knieto", frozenset({"asesor"}))


@pytest.mark.parametrize("salida", ["reintentar", "avisado"])
def test_the_notice_of_the_start_is_stuck_with_its_own_task(firma, servidor, salida):
    """It is delivered by a service task of the diagram: whoever looks after the matter gets both buttons for it too."""
    firma = firma(transporte=Smtp("127.0.0.1", servidor.puerto, tls="no"))
    servidor.respuesta = "451 try later"
    with firma.tx() as tx:
        tx.deploy(load_folder(PROCESO), name="proceso")
        folio = altas.registrar(tx, EN_CURSO).folio
    (tarea,) = firma.engine.user_tasks(UserTaskQuery(business_key=folio), by=KNIETO).items
    firma.engine.complete(tarea.id, {}, by=KNIETO)
    firma.ir_a(INICIO + timedelta(minutes=40))
    (incidente,) = firma.engine.incidents(by=SYSTEM).items
    assert incidente.element_id == "st_09_notificar_arranque"
    with firma.engine.transaction(KNIETO) as tx:
        (detenido,) = correo_detenido.pendientes(tx.session, tx.actor)
        assert detenido.plantilla == "cor_09_arranque"
        assert "451" in correo_detenido.motivo(tx.session, detenido)
        if salida == "reintentar":
            servidor.respuesta = "250 OK"
            correo_detenido.reintentar(tx, detenido.id)
        else:
            correo_detenido.avisado(tx, detenido.id, "por teléfono, 12/01 a las 11:00")
    firma.trabajar()
    assert len(servidor.recibidos) == (salida == "reintentar")
    assert firma.engine.incidents(by=SYSTEM).items == ()
    (siguiente,) = firma.engine.user_tasks(UserTaskQuery(business_key=folio), by=KNIETO).items
    assert siguiente.element_id == "ut_10_dar_seguimiento"
