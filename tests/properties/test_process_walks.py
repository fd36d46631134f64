"""The deployed process, walked by chance: people fill in forms, jobs fail, time passes, clients pay or cancel, the
program starts anew. Whatever happens, no invariant breaks (DESIGN 12) and every matter can be brought to its end."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import (
    SYSTEM,
    Actor,
    Conflict,
    EngineError,
    InstanceQuery,
    Invalid,
    JobQuery,
    NotAllowed,
    NotFound,
    UserTaskQuery,
)
from engine.instance import loaded
from engine.storage import tables
from tasks import (
    acciones,
    altas,
    asignacion,
    audiencias,
    ausencias,
    cancelaciones,
    cobranza,
    contacto,
    envio,
    supervision,
)
from tasks.registros import Ausencia, Colaborador, Correo, Factura, Plazo, Prospecto
from tests.engine.cases import assert_rows_equal_waits
from tests.processes.despacho import Despacho
from tests.properties.form_filler import Filler

PEOPLE = {"ventas": "lvega", "gerente": "hruiz", "direccion": "abarrera", "cobranza": "msoto", "asesor": "sluna"}
GERENTE = "pgil"
"""A second one."""
TO_THE_END = ("procede", "incobrable", "proponer_cierre", "autorizar", "acepto", "cerrar", "no_interesado", "si")
"""Options that lead on, where a form offers them."""
FAULT = "Se cayó."
"""The only incident there may be."""
ALIVE = ("running", "suspended")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(40 if metafunc.config.getoption("--long") else 4))


class Walk:
    """One seeded walk; every step is one of these methods."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.d = Despacho(f"sqlite:///{folder / 'cauce.db'}", folder, "2027-01-11 10:00")
        with self.d.transaccion(SYSTEM) as tx:
            other = {"nombre": "Paula Gil", "puesto": "Gerente", "correo": "pgil@ejemplo.mx", "grupos": ["gerente"]}
            tx.session.add(Colaborador(usuario=GERENTE, **other))
        self.keys: list[str] = []
        self.lines: dict[str, int] = {}
        self.done: Counter[str] = Counter()
        self._open()

    def _open(self) -> None:
        self.d.engine.after_step = self.dice.choice([0, 0.3])
        self.filler = Filler(self.d.engine, self.dice, self._special)

    def _special(self, field: str) -> str | None:
        if field != "codigo":
            return None
        key = self.d.clave
        with self.d.engine.transaction(self.client(key)) as tx:
            envio.enviar_codigo(tx, key)
        with self.d.registros() as session:
            mails = select(Correo).where(Correo.plantilla == "cor_06_codigo", Correo.business_key == key)
            mail = session.scalars(mails.order_by(Correo.id.desc())).first()
            return str(mail.datos["codigo"]) if mail else None

    @staticmethod
    def client(key: str) -> Actor:
        return Actor("cliente", frozenset({"cliente"}), business_key=key)

    # --- what people do

    def contact(self) -> None:
        number = self.dice.randint(1, 10**6)
        values: dict[str, Any] = {
            "canal": self.dice.choice(["telefono", "correo", "venta_cruzada"]),
            "nombre": f"Persona Número {number}",
            "correo": f"persona{number}@ejemplo.mx",
            "descripcion_breve": "Un asunto.",
            "contraparte": self.dice.choice([None, "Olga Zamudio Peralta"]),
            "ya_informe_y_resolvi": self.dice.random() < 0.5,
        }
        with self.d.engine.transaction(self.d.quien("lvega")) as tx:
            self.keys.append(contacto.nuevo(tx, values).instance.business_key)

    def register(self) -> None:
        """A matter that was under way before."""
        number = self.dice.randint(1, 10**6)
        kind, sub, advisor = self.dice.choice(
            [("queja", "condusef", "knieto"), ("juicio", "amparo_indirecto", "sluna"), ("juicio", "laboral", "dpaz")]
        )
        values = {
            "nombre": f"Cliente Número {number}", "tipo_persona": "fisica", "correo": f"c{number}@ejemplo.mx",
            "tipo": kind, "subtipo": sub, "etapa": self.dice.randint(3, 12), "asesor_id": advisor,
            "honorarios": Decimal(50000), "avance_pct": Decimal(20),
            "facturas": [{"total": Decimal(11600), "saldo": Decimal(11600), "vencimiento": self.d.ahora().date()}],
        }  # fmt: skip
        with self.d.engine.transaction(self.d.quien("hruiz")) as tx:
            prospect = altas.registrar(tx, values)
            person = prospect.persona
            person.rfc, person.razon_social, person.regimen_fiscal = "LOOF850412QX2", person.nombre.upper(), "612"
            person.cp_fiscal, person.uso_cfdi = "03100", "G03"
            self.keys.append(prospect.folio)

    def work(self, prefer: tuple[str, ...] = ()) -> None:
        """Somebody completes an open user task."""
        found = self.d.engine.user_tasks(UserTaskQuery(), size=200, by=SYSTEM).items
        if found:
            self.work_on(self.dice.choice(found), prefer)

    def work_on(self, task: Any, prefer: tuple[str, ...] = ()) -> None:
        self.d.clave = task.business_key.partition("/")[0]
        for actor in self._who(task):
            # Of two Gerentes, one leads the matter.
            with contextlib.suppress(NotAllowed, NotFound):
                self.done[f"{task.element_id} {self.filler.complete(task.id, actor, prefer)}"] += 1
                return

    def _who(self, task: Any) -> list[Actor]:
        if "cliente" in task.candidate_groups:
            return [self.client(self.d.clave)]
        names = [task.assignee] if task.assignee else [PEOPLE[g] for g in task.candidate_groups if g in PEOPLE]
        if not task.assignee and "gerente" in task.candidate_groups:
            names.append(GERENTE)
        return [self.d.quien(name) for name in names]

    def pay(self) -> None:
        with self.d.registros() as session:
            open_ = [(f.id, f.saldo) for f in session.scalars(select(Factura)) if f.por_cobrar]
        if open_:
            invoice, balance = self.dice.choice(open_)
            amount = self.dice.choice([balance, Decimal(100), balance + 1, Decimal(-1)])
            with self.d.engine.transaction(self.d.quien("msoto")) as tx:
                cobranza.registrar_pago(tx, invoice, referencia=str(self.dice.random()), monto=amount)

    def deadline(self) -> None:
        """A legal deadline that becomes known: waits move."""
        if self.keys:
            due = (self.d.ahora() + timedelta(days=self.dice.randint(1, 40))).date()
            with self.d.engine.transaction(self.d.quien("abarrera")) as tx:
                key = self.dice.choice(self.keys)
                acciones.nuevo_plazo(tx, key, {"descripcion": "Contestar la vista", "vence": due})

    def close_deadline(self) -> None:
        with self.d.registros() as session:
            running = select(Plazo.id, Prospecto.folio).join(Prospecto, Prospecto.id == Plazo.prospecto_id)
            found = session.execute(running.where(Plazo.estado == "vivo").order_by(Plazo.id)).all()
        if found:
            deadline, key = self.dice.choice(found)
            result = {"resultado": self.dice.choice(["cumplido", "sin_efecto"]), "motivo": "Se desistió."}
            with self.d.engine.transaction(self.d.quien("abarrera")) as tx:
                acciones.cerrar_plazo(tx, key, deadline, result)

    def hearing(self) -> None:
        if self.keys:
            begins = self.d.ahora() + timedelta(days=self.dice.randint(-1, 30))
            values = {"titulo": "Audiencia", "inicio": begins, "duracion_min": 60, "modalidad": "presencial"}
            with self.d.engine.transaction(self.d.quien("abarrera")) as tx:
                audiencias.nueva(tx, self.dice.choice(self.keys), {**values, "lugar": "Juzgado Quinto"})

    def be_away(self) -> None:
        """Somebody goes on holiday: what they have, in however many matters, goes to who stands in for them."""
        who = self.dice.choice([*PEOPLE.values(), GERENTE])
        last = self.d.ahora().date() + timedelta(days=self.dice.randint(1, 15))
        with self.d.engine.transaction(self.d.quien(who)) as tx:
            able = ausencias.pueden_suplir(tx.session, tx.session.get_one(Colaborador, who))
            ausencias.registrar(tx, who, self.dice.choice(able).usuario, None, last)

    def come_back(self) -> None:
        with self.d.registros() as session:
            away = select(Ausencia.id).where(Ausencia.hasta > self.d.ahora())
            found = session.scalars(away.order_by(Ausencia.id)).all()
        if found:
            with self.d.engine.transaction(self.d.quien("abarrera")) as tx:
                ausencias.terminar(tx, self.dice.choice(found))

    def reassign(self) -> None:
        if self.keys:
            key, note = self.dice.choice(self.keys), {"motivo": "carga", "nota_entrega": "Todo en orden."}
            new = self.dice.choice(["sluna", "rcampos", "dpaz", "knieto"])
            with self.d.engine.transaction(self.d.quien("abarrera")) as tx:
                asignacion.reasignar(tx, key, {"asesor_nuevo": new, "justificacion": "La pidieron.", **note})

    def hand_over(self) -> None:
        """Another Gerente takes one matter, or all that the first one leads."""
        if self.keys:
            values = {"nota_entrega": "Todo en orden.", "todos": self.dice.random() < 0.5}
            with self.d.engine.transaction(self.d.quien("abarrera")) as tx:
                new = self.dice.choice([PEOPLE["gerente"], GERENTE])
                supervision.cambiar(tx, self.dice.choice(self.keys), {"gerente_nuevo": new, **values})

    def cancel(self) -> None:
        if self.keys:
            key = self.dice.choice(self.keys)
            with self.d.engine.transaction(self.dice.choice([self.client(key), self.d.quien("abarrera")])) as tx:
                cancelaciones.solicitar(tx, key, "Así lo pidió.")

    # --- what happens

    def pass_time(self, days: float | None = None) -> None:
        hours = days * 24 if days else self.dice.choice([1, 5, 24, 72, 200])
        self.d.engine.move_clock(self.d.ahora() + timedelta(hours=hours), by=SYSTEM)

    def run_jobs(self) -> None:
        self.d.engine.run_due_jobs(self.dice.choice([1, 5, 100]))

    def fail_a_job(self) -> None:
        due = self.d.engine.jobs(JobQuery(due_before=self.d.ahora()), size=100, by=SYSTEM).items
        due = [job for job in due if job.kind in ("service", "scheduled") and job.state == "due"]
        if due:
            job = self.dice.choice(due)
            self.d.engine.fail_job(job.id, FAULT, last=self.dice.random() < 0.5)
            self.done["a job failed"] += 1

    def mend(self) -> None:
        for incident in self.d.engine.incidents(size=50, by=SYSTEM).items:
            assert incident.message == FAULT, f"{incident.element_id}: {incident.message}"
            self.d.engine.resolve(incident.id, reason="Ya está.", by=SYSTEM)

    def stand_still(self) -> None:
        for instance in self.d.engine.instances(InstanceQuery(), size=200, by=SYSTEM).items:
            if instance.state == "suspended":
                self.d.engine.resume(instance.id, reason="Sigue.", by=SYSTEM)
                return
        running = self.d.engine.instances(InstanceQuery(state="running"), size=200, by=SYSTEM).items
        if running:
            self.d.engine.suspend(self.dice.choice(running).id, reason="Espera.", by=SYSTEM)

    def restart(self) -> None:
        self.d.reiniciar()
        self._open()

    # --- what must hold

    def check(self) -> None:
        assert_rows_equal_waits(self.d.engine)
        rows = tables.process_instance.c
        with self.d.engine.reading(SYSTEM) as tx:
            for id, blob in tx.execute(select(rows.id, rows.blob).where(rows.state.in_(ALIVE))).all():
                assert loaded(tx, id).run.dump() == blob, f"{id}: load(dump(x)) is not x"
        for instance in self.d.engine.instances(InstanceQuery(), size=200, by=SYSTEM).items:
            lines = len(self.d.engine.history(instance.id, size=5000, by=SYSTEM).items)
            assert lines >= self.lines.get(instance.id, 0), f"{instance.id}: the history got shorter"
            self.lines[instance.id] = lines

    def alive(self) -> list[str]:
        found = self.d.engine.instances(InstanceQuery(), size=500, by=SYSTEM).items
        return [f"{one.business_key} {one.process_key}" for one in found if one.state in ALIVE]

    def what_waits(self) -> str:
        waits = [
            f"{one.business_key} {one.process_key}: {wait.kind} {wait.element_id}"
            for one in self.d.engine.instances(InstanceQuery(), size=500, by=SYSTEM).items
            if one.state in ALIVE
            for wait in self.d.engine.wait_states(one.id, by=SYSTEM)
        ]
        return "\n".join([*waits, str(self.done)])

    def bring_to_the_end(self) -> None:
        """Everybody does what ends it: what hangs is mended, clients pay, the firm gives up what it may give up."""
        for instance in self.d.engine.instances(InstanceQuery(state="suspended"), size=200, by=SYSTEM).items:
            self.d.engine.resume(instance.id, reason="Sigue.", by=SYSTEM)
        for round in range(80):
            self.mend()
            self.d.trabajar()
            if not self.alive():
                return
            for key in self.keys:
                with contextlib.suppress(EngineError), self.d.engine.transaction(self.d.quien("abarrera")) as tx:
                    cancelaciones.solicitar(tx, key, "Se termina.")
            self.d.trabajar()
            for task in self.d.engine.user_tasks(UserTaskQuery(), size=200, by=SYSTEM).items:
                with contextlib.suppress(Conflict):
                    self.work_on(task, TO_THE_END)
                self.d.trabajar()
            with self.d.registros() as session:
                open_ = [(f.id, f.saldo) for f in session.scalars(select(Factura)) if f.por_cobrar]
            for invoice, balance in open_:
                with contextlib.suppress(EngineError), self.d.engine.transaction(self.d.quien("msoto")) as tx:
                    cobranza.registrar_pago(tx, invoice, referencia=f"Final {invoice}", monto=balance)
            self.pass_time(days=1 if round < 20 else 10)


@pytest.mark.slow
def test_no_walk_breaks_an_invariant_and_every_matter_can_end(tmp_path: Path, seed: int) -> None:
    walk = Walk(tmp_path, seed)
    steps: list[Callable[[], None]] = [
        *[walk.work] * 12,
        *[walk.run_jobs] * 4,
        *[walk.pass_time] * 4,
        *[walk.fail_a_job] * 3,
        *[walk.mend, walk.pay, walk.pay, walk.cancel, walk.deadline, walk.stand_still, walk.restart, walk.register],
        *[walk.close_deadline, walk.hearing, walk.be_away, walk.be_away, walk.come_back, walk.reassign, walk.hand_over],
    ]
    walk.contact()
    walk.register()
    for _ in range(60):
        step = walk.dice.choice(steps)
        # Suspended, lapsed, gone, too early, too much: refusals are part of the walk.
        with contextlib.suppress(Conflict, Invalid, NotFound):
            step()
        walk.check()
    walk.bring_to_the_end()
    walk.check()
    assert walk.alive() == [], walk.what_waits()
    done = Counter({way: sum(n for name, n in walk.done.items() if name.endswith(way)) for way in ("True", "False")})
    assert done["True"] > 3 * done["False"], f"hardly any form was filled in as it must be: {walk.done}"
    walk.d.cerrar()
