"""The cockpit: an operator finds what is wrong and repairs it through the pages, with a reason and a look before."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Conflict, Engine, InstanceQuery, UserTaskQuery
from tasks.registros import Colaborador
from tests.engine.models import boundary, call, exclusive, message, model, script, timer, user_task
from tests.engine.models import service_task as service
from tests.web.conftest import PASSWORD, token
from web import accounts
from web.ops import definitions

SignIn = Callable[[str], FlaskClient]

CASO = model(
    "caso",
    user_task("revisar", groups="gerente", name="Revisar el caso"),
    boundary("tarde", "revisar", timer="P3D"),
    script("suma", "=monto + 1", "total"),
    exclusive("grande", "grande_fin"),
    message("carta"),
    flows="inicio > revisar > suma > grande > carta > fin_carta\ngrande > fin\ntarde > fin_tarde",
    conditions={"grande_carta": "=total > limite"},
    messages={"carta": None},
)

RECARGO = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
<decision id="recargo" name="Recargo"><decisionTable id="t"><input id="i"><inputExpression id="x"><text>zona</text>
</inputExpression></input><output id="o"/><rule id="r"><inputEntry id="ri"><text>"norte"</text></inputEntry>
<outputEntry id="ro"><text>10</text></outputEntry></rule></decisionTable></decision></definitions>"""


MANY = 200
"""Matters that are migrated at once."""


@pytest.fixture
def engine(app: Flask) -> Engine:
    found: Engine = app.extensions["engine"]
    with app.app_context(), found.transaction(SYSTEM) as tx:
        person = Colaborador(usuario="operez", nombre="Olga Pérez", correo="o@despacho.mx", grupos=["operador"])
        tx.session.add(person)
        accounts.create(tx.session, "operez", PASSWORD, temporary=False)
    found.deploy({"bpmn/caso.bpmn": CASO}, name="uno", by=SYSTEM)
    return found


@pytest.fixture
def olga(engine: Engine, sign_in: SignIn) -> FlaskClient:
    return sign_in("operez")


def start(engine: Engine, key: str = "PRO-2027-0001", **variables: object) -> str:
    return engine.start("caso", key, variables, by=SYSTEM).id


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return unescape(answer.text)


def act(client: FlaskClient, instance_id: str, name: str, target: str = "", **fields: str) -> str:
    """Dry run and deed through the page; answers what the page said would change."""
    path = f"/operacion/instancias/{instance_id}/hacer/{name}"
    data = {"csrf_token": token(client, path), "en": target, **fields}
    shown = client.post(path, data=data)
    assert shown.status_code == 200, unescape(shown.text)
    told = unescape(shown.text).split("Esto cambiará", 1)[1].split("Calculado con", 1)[0]
    form = shown.text.split('name="confirmar"', 1)[0].rsplit("<form", 1)[1] + shown.text.split('name="confirmar"', 1)[1]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.split("</form>", 1)[0]))
    done = client.post(path, data={**{key: unescape(value) for key, value in hidden.items()}, "confirmar": "si"})
    assert done.status_code == 302, unescape(done.text)
    assert ": hecho." in text(client, done.location)
    return told


def wait_id(engine: Engine, instance_id: str, element_id: str) -> str:
    return next(w.id for w in engine.wait_states(instance_id, by=SYSTEM) if w.element_id == element_id)


def test_who_may_open_it(engine: Engine, sign_in: SignIn, olga: FlaskClient) -> None:
    instance = start(engine)
    assert sign_in("lvega").get("/operacion/").status_code == 403
    assert sign_in("abarrera").get(f"/operacion/instancias/{instance}").status_code == 200
    assert sign_in("abarrera").get(f"/operacion/instancias/{instance}/hacer/cancelar").status_code == 403
    assert olga.get(f"/operacion/instancias/{instance}/hacer/cancelar").status_code == 200
    assert olga.get(f"/operacion/instancias/{instance}/hacer/nada").status_code == 404
    assert olga.get("/operacion/instancias/nada").status_code == 404


def test_overview_says_what_is_wrong(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine)
    page = text(olga, "/operacion/")
    assert "Ningún trabajador da señales de vida" in page
    assert "caso" in page
    engine.beat("uno")
    assert "Ningún trabajador" not in text(olga, "/operacion/")
    (task,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.complete(task.id, {}, by=SYSTEM)
    page = text(olga, "/operacion/")
    assert f"/operacion/instancias/{instance}" in page
    assert "no es verdadera ni falsa" in page
    assert "PRO-2027-0001" in text(olga, "/operacion/fallas")
    deployment = engine.deployments(by=SYSTEM)[0].id
    page = text(olga, f"/operacion/publicaciones/{deployment}/caso")
    assert '"grande": 1' in page
    assert "data-zoom" not in text(olga, f"/operacion/publicaciones/{deployment}/caso?marco=a")


def test_search(engine: Engine, olga: FlaskClient) -> None:
    start(engine, "PRO-2027-0001", monto=1)
    other = start(engine, "PRO-2027-0002", monto=2)
    (task,) = engine.user_tasks(UserTaskQuery(business_key="PRO-2027-0002"), by=SYSTEM).items
    engine.complete(task.id, {}, by=SYSTEM)

    def found(query: str) -> set[str]:
        return set(re.findall(r"PRO-2027-000\d(?=</a>)", text(olga, f"/operacion/asuntos?{query}")))

    both = {"PRO-2027-0001", "PRO-2027-0002"}
    assert found("") == both
    assert found("q=pro-2027-0002") == {"PRO-2027-0002"}
    assert found("estado=fallas") == {"PRO-2027-0002"}
    assert found("estado=completed") == set()
    assert found("elemento=revisar") == {"PRO-2027-0001"}
    assert found("elemento=revisar+el+caso") == found("elemento=Revisar") == {"PRO-2027-0001"}
    assert found("elemento=nada") == set()
    assert found("proceso=caso:1") == both
    assert found("proceso=caso:2") == set()
    assert '<option value="revisar">Revisar el caso' in text(olga, "/operacion/asuntos")
    assert found("error=FALSA") == {"PRO-2027-0002"}
    assert found("variable=monto+%3D+2") == {"PRO-2027-0002"}
    assert found("variable=monto+%3D+9") == set()
    assert found("desde=2020-01-01&hasta=2020-01-02") == set()
    assert olga.get("/operacion/asuntos?variable=monto").status_code == 422
    assert other


def test_from_the_failure_to_its_end(engine: Engine, olga: FlaskClient) -> None:
    """A wrong variable: the operator reads why, corrects it, and the matter goes on by the way it should."""
    instance = start(engine, monto=10, limite="cinco")
    page = text(olga, f"/operacion/instancias/{instance}")
    assert "«Revisar el caso»: la puede tomar Gerente" in page
    assert "Si antes no termina, " in page
    (task,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.complete(task.id, {}, by=SYSTEM)
    page = text(olga, f"/operacion/instancias/{instance}")
    assert "falsa: =total > limite (limite = cinco, total = 11)" in page
    (incident,) = engine.incidents(by=SYSTEM).items
    told = act(olga, instance, "reintentar", incident.id, reason="era número", variables="limite = 5")
    assert 'limite</code>: <code>"cinco"</code> → <code>5</code>' in told
    assert "Espera el mensaje «carta» para PRO-2027-0001" in told
    assert engine.incidents(by=SYSTEM).items == ()
    history = text(olga, f"/operacion/instancias/{instance}/historia")
    assert "=total > limite, con limite = 5, total = 11" in history
    assert "era número" in text(olga, f"/operacion/instancias/{instance}")
    variables = text(olga, f"/operacion/instancias/{instance}/variables")
    assert re.search(r"Olga Pérez", variables)
    assert "número" in variables
    told = act(olga, instance, "mensaje", reason="por teléfono", message="carta", correlation="", variables="")
    assert "Termina" in told
    assert engine.instance(instance, by=SYSTEM).state == "completed"


def test_a_way_taken_by_default_says_what_did_not_hold(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine, monto=3, limite=5)
    (task,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.complete(task.id, {}, by=SYSTEM)
    history = text(olga, f"/operacion/instancias/{instance}/historia")
    assert "Por defecto: no se cumple =total > limite, con limite = 5, total = 4" in history


def test_a_decision_tells_its_rule_or_that_none_matched(engine: Engine, olga: FlaskClient) -> None:
    called = '<zeebe:calledDecision decisionId="recargo" resultVariable="recargo"/>'
    rule = f'<bpmn:businessRuleTask id="zona"><bpmn:extensionElements>{called}</bpmn:extensionElements>'
    outer = model("cobra", call("llama", "tarifa"), flows="inicio > llama > fin")
    inner = model("tarifa", f"{rule}</bpmn:businessRuleTask>", user_task("ver"), flows="inicio > zona > ver > fin")
    files = {"bpmn/cobra.bpmn": outer, "bpmn/tarifa.bpmn": inner, "dmn/recargo.dmn": RECARGO}
    engine.deploy(files, by=SYSTEM)
    for zona, said in (
        ("norte", 'Recargo: regla 1, con zona = "norte" → 10'),
        ("oeste", 'Recargo: ninguna regla se cumple, con zona = "oeste" → nada'),
    ):
        instance = engine.start("cobra", f"PRO-{zona}", {"zona": zona}, by=SYSTEM).id
        assert said in text(olga, f"/operacion/instancias/{instance}/historia")


def test_long_values_and_messages_leave_the_page_readable(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine, monto="y" * 10_000, limite=5)
    (task,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.complete(task.id, {}, by=SYSTEM)
    shown = text(olga, f"/operacion/instancias/{instance}/variables")
    assert re.search(r'<summary><code>"y{159}…</code></summary><pre class="code">"y{10000}"</pre>', shown)
    for part in ("", "/historia?todo=si"):
        assert "y" * 500 not in text(olga, f"/operacion/instancias/{instance}{part}")


def test_a_look_before_changes_nothing(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine, monto=1, limite=5)
    before = engine.instance(instance, by=SYSTEM)
    path = f"/operacion/instancias/{instance}/hacer/omitir"
    target = wait_id(engine, instance, "revisar")
    data = {"csrf_token": token(olga, path), "en": target, "reason": "prueba", "variables": ""}
    assert "Esto cambiará" in unescape(olga.post(path, data=data).text)
    assert engine.instance(instance, by=SYSTEM) == before
    # Somebody else was faster: what was shown is not what would happen.
    late = {**data, "confirmar": "si", "revision": str(before.revision - 1)}
    answer = olga.post(path, data=late)
    assert answer.status_code == 409
    assert "cambió mientras" in unescape(answer.text)
    assert engine.instance(instance, by=SYSTEM) == before


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("omitir", {"reason": " "}, "Escriba el motivo"),
        ("omitir", {"reason": "x", "variables": "monto: 3"}, "Línea 1: escriba nombre = valor."),
        ("omitir", {"reason": "x", "variables": "a = 1\nb = uno +"}, "Línea 2:"),
        ("error", {"reason": "x"}, "Escriba el código del error"),
        ("modificar", {"reason": "x"}, "Diga qué cambiar."),
        ("reasignar", {"reason": "x", "assignee": "nadie"}, "Elija a una persona"),
        ("mover", {"reason": "x", "due": "mañana"}, "Escriba día y hora."),
    ],
)
def test_wrong_values_stand_at_their_field(
    engine: Engine, olga: FlaskClient, name: str, fields: dict[str, str], said: str
) -> None:
    instance = start(engine)
    path = f"/operacion/instancias/{instance}/hacer/{name}"
    target = wait_id(engine, instance, "tarde" if name == "mover" else "revisar")
    answer = olga.post(path, data={"csrf_token": token(olga, path), "en": target, **fields})
    assert answer.status_code == 422
    assert said in unescape(answer.text)


def test_every_action_through_the_pages(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine, monto=1, limite=5)
    told = act(olga, instance, "reasignar", wait_id(engine, instance, "revisar"), reason="hoy no", assignee="hruiz")
    assert "la tiene Héctor Ruiz" in told
    told = act(olga, instance, "mover", wait_id(engine, instance, "tarde"), reason="más tiempo", due="2031-05-02T18:00")
    assert "2 may 2031, 18:00" in told
    told = act(olga, instance, "variables", reason="otro monto", variables="monto = 100")
    assert "<code>1</code> → <code>100</code>" in told
    assert "En curso → <strong>Suspendido</strong>" in act(olga, instance, "suspender", reason="alto")
    assert "Suspendido → <strong>En curso</strong>" in act(olga, instance, "reanudar", reason="sigue")
    told = act(
        olga, instance, "modificar", reason="directo", cancel="caso/revisar", start_before="caso/carta", variables=""
    )
    assert "Espera el mensaje «carta»" in told
    told = act(olga, instance, "disparar", wait_id(engine, instance, "carta"), reason="llegó", variables="")
    assert engine.instance(instance, by=SYSTEM).state == "completed"
    other = start(engine, "PRO-2027-0002")
    act(olga, other, "disparar", wait_id(engine, other, "tarde"), reason="venció", variables="")
    assert engine.instance(other, by=SYSTEM).state == "completed"
    last = start(engine, "PRO-2027-0003")
    assert "En curso → <strong>Cancelado</strong>" in act(olga, last, "cancelar", reason="ya no")
    operations = text(olga, f"/operacion/instancias/{instance}")
    for reason in ("hoy no", "más tiempo", "otro monto", "alto", "sigue", "directo", "llegó"):
        assert f"Motivo: {reason}" in operations, reason
    for change in ("monto: 1 → 100", "su grupo → Héctor Ruiz", "«Revisar el caso» → «carta»"):
        assert change in operations, change
    assert "Motivo: otro monto. Variables: monto." in text(olga, f"/operacion/instancias/{instance}/historia")


def test_suspend_a_process_with_its_matters_and_resume(engine: Engine, olga: FlaskClient, sign_in: SignIn) -> None:
    start(engine, "PRO-2027-0001")
    apart = start(engine, "PRO-2027-0002")
    engine.suspend(apart, reason="pleito", by=SYSTEM)
    shown = f"/operacion/publicaciones/{engine.deployments(by=SYSTEM)[0].id}/caso"
    path = f"{shown}/suspender"
    assert sign_in("abarrera").get(path).status_code == 403
    assert olga.get(f"{shown}/borrar").status_code == 404
    csrf = token(olga, path)
    assert olga.post(path, data={"csrf_token": csrf, "reason": " "}).status_code == 422
    page = unescape(olga.post(path, data={"csrf_token": csrf, "reason": "mal dibujado", "asuntos": "si"}).text)
    told = page.split("Esto cambiará", 1)[1].split("Corregir", 1)[0]
    assert "1 asunto en curso → Suspendido" in told
    assert "PRO-2027-0001" in told
    assert "PRO-2027-0002" not in told
    assert not engine.definitions(by=SYSTEM)[0].suspended
    data = {"csrf_token": csrf, "reason": "mal dibujado", "asuntos": "si", "confirmar": "si"}
    done = olga.post(path, data=data)
    assert done.status_code == 302
    page = text(olga, done.location)
    assert "No inicia ningún asunto nuevo" in page
    assert "Olga Pérez" in page
    assert "mal dibujado" in page
    assert "Suspendido: no inicia nuevos" in text(olga, "/operacion/")
    with pytest.raises(Conflict):
        start(engine, "PRO-2027-0003")
    assert olga.post(path, data={"csrf_token": csrf, "reason": "x", "confirmar": "si"}).status_code == 409
    assert "siguen en curso" not in page
    engine.resume(engine.instances(InstanceQuery(search="PRO-2027-0001"), by=SYSTEM).items[0].id, reason="x", by=SYSTEM)
    assert "1 asunto de esta versión sigue en curso" in text(olga, shown)
    assert olga.post(path, data=data).status_code == 302
    assert "en curso" not in text(olga, shown).split("No inicia", 1)[1].split("</div>", 1)[0]
    back = {"csrf_token": csrf, "reason": "ya", "confirmar": "si"}
    page = text(olga, olga.post(f"{shown}/reanudar", data=back).location)
    assert "Reanudó el proceso" in page
    assert [one.state for one in engine.instances(by=SYSTEM).items] == ["suspended", "running"]


def test_many_matters_are_suspended_and_resumed_in_pieces(
    engine: Engine, olga: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(definitions, "AT_ONCE", 2)
    monkeypatch.setattr(definitions, "LISTED", 1)
    for number in range(1, 6):
        start(engine, f"PRO-2027-000{number}")
    apart = engine.instances(InstanceQuery(search="PRO-2027-0005"), by=SYSTEM).items[0].id
    engine.suspend(apart, reason="pleito", by=SYSTEM)
    shown = f"/operacion/publicaciones/{engine.deployments(by=SYSTEM)[0].id}/caso"
    data = {"csrf_token": token(olga, f"{shown}/suspender"), "reason": "mal dibujado", "asuntos": "si"}
    told = unescape(olga.post(f"{shown}/suspender", data=data).text)
    assert "4 asuntos en curso → Suspendidos" in told
    assert "y 3 más" in told
    data["confirmar"] = "si"
    assert "Van 2 de 4 asuntos" in olga.post(f"{shown}/suspender", data=data).text
    assert olga.post(f"{shown}/suspender", data={**data, "total": "4"}).status_code == 302
    assert engine.count_instances(InstanceQuery(state="running"), by=SYSTEM) == 0
    page = olga.post(f"{shown}/reanudar", data=data).text
    assert "Van 2 de 4 asuntos" in page
    # A page that was closed in between: the same again goes on.
    assert olga.post(f"{shown}/reanudar", data=data).status_code == 302
    assert engine.count_instances(InstanceQuery(state="running"), by=SYSTEM) == 4


def test_diagram_jobs_and_handbook(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine)
    page = text(olga, f"/operacion/instancias/{instance}/diagrama")
    assert '"revisar": 1' in page
    assert "Aquí está" in page
    assert "temporizadores" in text(olga, f"/operacion/instancias/{instance}/trabajos")
    assert "Llegó" in text(olga, f"/operacion/instancias/{instance}/historia?todo=si")
    assert "Lo último primero" in text(olga, f"/operacion/instancias/{instance}/historia?orden=inicio")
    assert "Modificar el recorrido" in text(olga, "/operacion/manual")


def test_migration_of_many_with_two_refused(engine: Engine, olga: FlaskClient) -> None:
    """What cannot be is told before; the rest moves, keeps its user tasks, and can come back."""
    for number in range(MANY):
        start(engine, f"PRO-2027-{number:04}", monto=10, limite=5)
    tasks = {one.business_key: one for one in engine.user_tasks(UserTaskQuery(), size=MANY, by=SYSTEM).items}
    for key in ("PRO-2027-0003", "PRO-2027-0007"):
        engine.complete(tasks[key].id, {}, by=SYSTEM)
    source = engine.deployments(by=SYSTEM)[0].id
    later = model(
        "caso",
        user_task("estudiar", groups="gerente", name="Estudiar el caso"),
        user_task("firmar", groups="gerente"),
        flows="inicio > estudiar > firmar > fin",
    )
    target = engine.deploy({"bpmn/caso.bpmn": later}, name="dos", by=SYSTEM).id
    query = f"de={source}&a={target}"
    page = text(olga, f"/operacion/migrar?{query}")
    assert "caso/revisar" in page
    assert "Estudiar el caso" in page
    csrf = {"csrf_token": token(olga, f"/operacion/migrar?{query}"), "de": source, "a": target}
    mapping = {"m:caso/revisar": "estudiar"}
    page = unescape(olga.post("/operacion/migrar", data={**csrf, **mapping, "probar": "si"}).text)
    assert page.count(">Puede<") == MANY - 2
    assert page.count(">No puede<") == 2
    assert "Está en «carta», que ya no existe" in page
    chosen = re.findall(r'name="asunto" value="(\w+)" checked', page)
    assert len(chosen) == MANY - 2
    assert "n.º 1 · " in page
    assert f"{MANY} en curso · uno" in page
    # Asked again: what was taken out stays out, what has become possible since is in.
    again = {**csrf, **mapping, "probar": "si", "visto": chosen[:3], "asunto": chosen[1:3]}
    page = unescape(olga.post("/operacion/migrar", data=again).text)
    assert re.findall(r'name="asunto" value="(\w+)" checked', page) == chosen[1:]
    wrong = olga.post("/operacion/migrar", data={**csrf, **mapping, "aplicar": "si", "asunto": chosen})
    assert wrong.status_code == 422
    done = {**csrf, **mapping, "aplicar": "si", "asunto": chosen, "reason": "nueva versión"}
    page = unescape(olga.post("/operacion/migrar", data=done).text)
    assert f"{MANY - 2} asuntos migrados." in page
    assert page.count(">migrado<") == MANY - 2
    moved = engine.user_tasks(UserTaskQuery(element_id="estudiar"), size=MANY, by=SYSTEM).items
    assert {one.id for one in moved} == {tasks[one.business_key].id for one in moved}
    assert len(moved) == MANY - 2
    back = act(olga, moved[0].instance_id, "regresar", reason="mejor no")
    assert "versión 2 → <strong>versión 1</strong>" in back


def test_a_failing_handler_names_its_line(engine: Engine, olga: FlaskClient, app: Flask) -> None:
    """A job of the firm that fails: message, stack and the line of the handler stand on the page."""
    one = model("envio", service("mandar", "correo.enviar"), flows="inicio > mandar > fin")
    engine.deploy({"bpmn/envio.bpmn": one}, by=SYSTEM)
    instance = engine.start("envio", "PRO-2027-0009", {"plantilla": "no_existe"}, by=SYSTEM).id
    for _ in range(6):
        engine.run_due_jobs()
        engine.move_clock(now(engine) + timedelta(hours=2), by=SYSTEM)
    page = text(olga, f"/operacion/instancias/{instance}")
    assert re.search(r"tasks/\w+\.py, línea \d+, en \w+", page), page
    assert "Traceback" in page


def now(engine: Engine):  # type: ignore[no-untyped-def]
    with engine.reading(SYSTEM) as tx:
        return tx.now


def test_called_processes_can_be_drilled_into(engine: Engine, olga: FlaskClient) -> None:
    outer = model("arriba", call("llama", "abajo"), flows="inicio > llama > fin")
    inner = model("abajo", timer("espera", "P1D"), flows="inicio > espera > fin")
    engine.deploy({"bpmn/a.bpmn": outer, "bpmn/b.bpmn": inner}, by=SYSTEM)
    instance = engine.start("arriba", "PRO-2027-0010", by=SYSTEM).id
    assert f"/operacion/instancias/{instance}/diagrama/abajo" in text(
        olga, f"/operacion/instancias/{instance}/diagrama"
    )
    assert '"espera": 1' in text(olga, f"/operacion/instancias/{instance}/diagrama/abajo")


def test_a_form_offers_what_can_be_chosen(engine: Engine, olga: FlaskClient) -> None:
    """Only places in processes that the matter can be in, codes that are caught, messages that are waited for."""
    outer = model(
        "arriba",
        call("llama", "abajo"),
        boundary("choque", "llama", error="e"),
        message("carta"),
        flows="inicio > llama > carta > fin\nchoque > fin_choque",
        errors={"e": "CHOQUE"},
        messages={"carta": None},
    )
    twice = (user_task("ver", name="Ver"), user_task("mirar", name="Ver"))
    inner = model("abajo", *twice, flows="inicio > ver > mirar > fin_abajo")
    other = model("aparte", user_task("lejos"), flows="inicio > lejos > fin")
    files = {"bpmn/arriba.bpmn": outer, "bpmn/abajo.bpmn": inner, "bpmn/aparte.bpmn": other}
    engine.deploy(files, by=SYSTEM)
    instance = engine.start("arriba", "PRO-2027-0012", {"monto": 10}, by=SYSTEM).id
    base = f"/operacion/instancias/{instance}"
    before, after = text(olga, f"{base}/hacer/modificar").split("Poner antes de")[1].split("Poner después de")
    for place in ("arriba/llama", "abajo/ver", "arriba/carta"):
        assert f'value="{place}"' in before, place
    assert "Ver · Tarea de usuario (ver)" in before
    for nowhere in ("aparte/", "arriba/choque"):
        assert nowhere not in before, nowhere
    assert "abajo/fin_abajo" in before
    assert "abajo/fin_abajo" not in after
    wait = wait_id(engine, instance, "ver")
    assert "<code>CHOQUE</code> (choque)" in text(olga, f"{base}/hacer/error?en={wait}")
    assert "no espera ningún mensaje ahora" in text(olga, f"{base}/hacer/mensaje")
    assert "monto = 10" in text(olga, f"{base}/hacer/variables")
    # The called process has a copy of its own, which is changed from where it stands.
    (inside,) = re.findall(r'hacer/variables\?en=([\w-]+)"', text(olga, f"{base}/variables"))
    told = act(olga, instance, "variables", inside, reason="otro", variables="monto = 20")
    assert told.count("<code>10</code> → <code>20</code>") == 1
    assert engine.variables(instance, by=SYSTEM)["monto"] == 10
    act(olga, instance, "error", wait, reason="chocó", code="CHOQUE", text="")
    assert engine.instance(instance, by=SYSTEM).state == "completed"


def test_a_failure_inside_shows_outside_and_says_which_value_is_wrong(engine: Engine, olga: FlaskClient) -> None:
    outer = model("arriba", call("llama", "abajo"), flows="inicio > llama > fin")
    envio = service("mandar", "correo.enviar", inputs={"plantilla": "=plantilla"}, retries="0")
    inner = model("abajo", envio, flows="inicio > mandar > fin")
    engine.deploy({"bpmn/a.bpmn": outer, "bpmn/b.bpmn": inner}, by=SYSTEM)
    instance = engine.start("arriba", "PRO-2027-0011", {"plantilla": 7}, by=SYSTEM).id
    engine.run_due_jobs()
    assert '"incidents": ["llama"]' in text(olga, f"/operacion/instancias/{instance}/diagrama")
    page = text(olga, f"/operacion/instancias/{instance}")
    assert "Los datos de entrada de «correo.enviar» no son los que espera: plantilla debe ser un texto y es 7." in page
    assert re.search(r"tasks/correo\.py, línea \d+, en enviar_del_diagrama", page)


def test_a_retry_inside_says_whose_variable_changes_and_keeps_the_diagrams_tries(
    engine: Engine, olga: FlaskClient
) -> None:
    outer = model("arriba", call("llama", "abajo"), flows="inicio > llama > fin")
    envio = service("mandar", "correo.enviar", inputs={"plantilla": "=plantilla"}, retries="0")
    inner = model("abajo", envio, flows="inicio > mandar > fin")
    # Another process has an element with the same id, and comes first.
    other = model("a", user_task("mandar", name="Otra cosa"), flows="inicio > mandar > fin")
    engine.deploy({"bpmn/arriba.bpmn": outer, "bpmn/abajo.bpmn": inner, "bpmn/a.bpmn": other}, by=SYSTEM)
    instance = engine.start("arriba", "PRO-2027-0013", {"plantilla": 7}, by=SYSTEM).id
    engine.run_due_jobs()
    (incident,) = engine.incidents(by=SYSTEM).items
    for page in (f"/operacion/instancias/{instance}", "/operacion/fallas", "/operacion/trabajos"):
        assert "mandar" in text(olga, page)
        assert "Otra cosa" not in text(olga, page), page
    told = act(olga, instance, "reintentar", incident.id, reason="era texto", variables='plantilla = "cor_00_enlace"')
    assert "sin más intentos después de este" in told
    assert set(re.findall(r"\(de «(\w+)»\)", told)) == {"mandar", "abajo"}


def test_a_failure_of_a_suspended_matter_says_to_resume_it_first(engine: Engine, olga: FlaskClient) -> None:
    instance = start(engine, monto=10, limite="cinco")
    (task,) = engine.user_tasks(UserTaskQuery(), by=SYSTEM).items
    engine.complete(task.id, {}, by=SYSTEM)
    (incident,) = engine.incidents(by=SYSTEM).items
    engine.suspend(instance, reason="alto", by=SYSTEM)
    path = f"/operacion/instancias/{instance}/hacer/reintentar"
    answer = olga.post(path, data={"csrf_token": token(olga, path), "en": incident.id, "reason": "x"})
    assert answer.status_code == 409
    assert 'hacer/reanudar">Reanúdelo primero.' in unescape(answer.text)
