"""How much people must type: required inputs without a default, counted on the forms as they open (§1.14)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import Invalid, UserTaskQuery
from engine.forms import Form
from web.scenarios.format import Step

FORMULARIOS = Path(__file__).resolve().parents[2] / "processes" / "procedimiento_legal" / "forms"

ESPERADO = {
    "registrar_contacto": 4,
    "ut_01_informar_servicios": 0,
    "ut_01_resolver_dudas": 1,
    "ut_02_programar_reunion": 1,
    "ut_02_registrar_minuta": 3,
    "ut_03_revisar_documentos": 2,
    "ut_04_analizar_caso": 4,
    "ut_05_elaborar_propuesta": 2,
    "ut_05_aprobar_propuesta": 1,
    "ut_06_programar_sesion": 1,
    "ut_06_presentar_propuesta": 0,
    "registrar_pago (A-1)": 1,
    "registrar_pago (A-2)": 1,
    "ut_08_asignar_asesor": 0,
    "ut_09_preparar_arranque": 0,
    "ut_10_dar_seguimiento": 2,
    "ut_11_elaborar_informe": 2,
    "ut_11_autorizar_cierre": 1,
    "ut_12_autorizar_bono": 1,
    "ut_12_ofrecer_servicios": 1,
}
"""As §1.14 says; documents: one per item."""

SIN_CONTRATIEMPO: Mapping[str, Any] = {
    "documentos": [{"resultado": "aceptado"}, {"resultado": "aceptado"}],
    "nota_interna": "Sin novedad",
    "telefono": "5512345678",
}
"""What stands in for what E1 does not type there, or types otherwise, because it tells more than the happy path."""


class Peso:
    """Looks at each form of the firm's people when it is first completed."""

    def __init__(self) -> None:
        self.contado: dict[str, int] = {}
        self.del_cliente: set[str] = set()

    def mirar(self, firm: Any, step: Step, business_key: str | None) -> None:
        """Before a step of a scenario."""
        if step.as_ == "cliente":
            self.del_cliente |= {step.complete} if step.complete else set()
        elif step.action == "contacto.nuevo":
            self._contar("registrar_contacto", _formulario("registrar_contacto"), {}, step.with_)
        elif step.action == "seguimiento_pagos.registrar_pago":
            saldo = {"monto": step.with_["monto"], "saldo": step.with_["monto"]}
            clave = f"registrar_pago ({step.with_['factura']})"
            self._contar(clave, _formulario("registrar_pago"), saldo, step.with_, now=step.at)
        elif step.complete and step.refused is None and step.complete not in self.contado:
            actor = firm.actor(step.as_, business_key)
            with firm.engine.reading(actor) as tx:
                query = UserTaskQuery(business_key=business_key, element_id=step.complete)
                abierta = tx.form(tx.user_tasks(query).items[0].id)
                extra = {"context": abierta.context, "now": tx.now}
                self._contar(step.complete, abierta.form, abierta.data, step.with_, **extra)

    def _contar(self, clave: str, formulario: Form, datos: Any, escrito: Mapping[str, Any], **extra: Any) -> None:
        pedidos: set[str] = set()
        dado: dict[str, Any] = {}
        while True:
            try:
                formulario.validate(dado, datos, raw=False, **extra)
            except Invalid as faltan:
                nuevos = set(faltan.fields) - pedidos
                pedidos |= nuevos
                for campo in {ruta.partition(".")[0] for ruta in nuevos}:
                    dado[campo] = SIN_CONTRATIEMPO.get(campo, escrito.get(campo))
                if nuevos:
                    continue
            break
        self.contado[clave] = len(pedidos)

    def comprobar(self) -> None:
        """§1.14: 22 user tasks, 18 of them of staff, 28 required inputs."""
        assert self.contado == ESPERADO
        assert sum(self.contado.values()) == 28
        pagos = {clave for clave in self.contado if clave.startswith("registrar_pago")}
        assert (len(self.contado) - len(pagos), len(self.del_cliente)) == (18, 4)


def _formulario(nombre: str) -> Form:
    return Form.parse((FORMULARIOS / f"{nombre}.form").read_bytes())
