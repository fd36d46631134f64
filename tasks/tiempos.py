"""Times of the process that the firm chooses: due times of user tasks, reminders, limits of waits, escalations.

The diagrams read them with `ajuste("dh_…")`; the defaults are those of legal-process.md §1. Legal terms are not here:
they stand in the catalogue of Plazos, which lawyers keep. Names: `dh_` counts business days, `dias_` natural days,
`_meses` months.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tasks.definicion import Definicion

ETAPAS: Mapping[str, str] = {
    "01": "1. Contacto inicial",
    "02": "2. Conocimiento de la Problemática",
    "03": "3. Documentación adicional",
    "04": "4. Análisis del Caso",
    "05": "5. Propuesta de servicios",
    "06": "6. Envío de propuesta",
    "07": "7. Pagos",
    "sp": "Seguimiento a los pagos",
    "08": "8. Asignación de Asesor operativo",
    "09": "9. Notificación de arranque",
    "10": "10. Seguimiento del Caso",
    "11": "11. Cierre del caso",
    "12": "12. Servicio Post-Venta",
    "cn": "Cancelación",
}
"""Where a time applies: the boxes of the main diagram by the client's names, and the two processes beside it."""
TAREA, ESPERA, NATURALES = 30, 90, 365
"""The longest time of a user task and of a wait in business days, and of a wait in natural days."""


def _tiempo(etapa: str, unidad: str, maximo: int, clave: str, defecto: int, nombre: str, ayuda: str) -> Definicion:
    return Definicion(
        clave,
        Decimal(defecto),
        nombre,
        ayuda,
        confirmar=True,
        minimo=Decimal(1),
        maximo=Decimal(maximo),
        enteros=True,
        etapa=etapa,
        unidad=unidad,
        despues_de=_DESPUES.get(clave, ""),
    )


def _tarea(etapa: str, clave: str, defecto: int, nombre: str, quien: str) -> Definicion:
    """Until when a user task is due: 18:00 of the n-th business day after it appears."""
    return _tiempo(etapa, "habiles", TAREA, clave, defecto, nombre, f"Tarea de {quien}.")


def _espera(etapa: str, clave: str, defecto: int, nombre: str, ayuda: str) -> Definicion:
    return _tiempo(etapa, "habiles", ESPERA, clave, defecto, nombre, ayuda)


_DESPUES = {
    "dh_01_segundo_recordatorio": "dh_01_primer_recordatorio",
    "dh_01_sin_respuesta": "dh_01_segundo_recordatorio",
    "dh_03_segundo_recordatorio": "dh_03_primer_recordatorio",
    "dh_03_limite": "dh_03_segundo_recordatorio",
    "dh_05_escalamiento": "dh_05_recordatorio",
    "dh_06_segundo_recordatorio": "dh_06_primer_recordatorio",
    "dh_07_limite_datos": "dh_07_recordar_datos",
    "dh_12_segundo_recordatorio": "dh_12_primer_recordatorio",
    "dh_12_limite_encuesta": "dh_12_segundo_recordatorio",
}
PRIMERO, SEGUNDO = "Primer recordatorio", "Segundo recordatorio"

TIEMPOS = (
    _tarea("01", "dh_registrar_contacto", 1, "Registrar contacto", "Ventas"),
    _tarea("01", "dh_resolver_conflicto", 1, "Resolver conflicto", "Gerente o Dirección; también en la etapa 2"),
    _tarea("01", "dh_informar_servicios", 1, "Informar servicios", "Ventas"),
    _espera("01", "dh_01_primer_recordatorio", 3, PRIMERO, "Al prospecto, desde la información inicial; 9:00."),
    _espera("01", "dh_01_segundo_recordatorio", 6, SEGUNDO, "Al prospecto, desde la información inicial; 9:00."),
    _espera("01", "dh_01_sin_respuesta", 10, "Cierre sin respuesta", "Si el prospecto no contesta; 18:00."),
    _tiempo(
        "01", "meses", 60, "reapertura_meses", 6, "Reapertura",
        "Quien vuelve dentro de este tiempo queda ligado a su contacto anterior.",
    ),
    _tarea("02", "dh_programar_reunion", 2, "Programar reunión", "Ventas"),
    _tarea("02", "dh_registrar_minuta", 1, "Registrar minuta", "Gerente, desde que termina la reunión"),
    _espera("03", "dh_03_primer_recordatorio", 3, PRIMERO, "Al cliente que no ha entregado documentos; 9:00."),
    _espera("03", "dh_03_segundo_recordatorio", 7, SEGUNDO, "Al cliente que no ha entregado documentos; 9:00."),
    _espera(
        "03", "dh_03_limite", 15, "Límite para entregar documentos",
        "Después decide el Gerente. Un plazo legal fatal lo adelanta.",
    ),
    _tarea("03", "dh_revisar_documentos", 2, "Revisar documentos", "Gerente"),
    _tarea("03", "dh_decidir_sin_documentos", 1, "Decidir sin documentos", "Gerente"),
    _tarea("04", "dh_analizar_caso", 3, "Analizar el caso", "Gerente; también «Actualizar análisis»"),
    _tarea("04", "dh_analizar_urgente", 1, "Analizar el caso, plazo legal urgente", "Gerente"),
    _tarea("04", "dh_reunion_equipo", 2, "Reunión con el equipo", "Gerente"),
    _tarea("05", "dh_elaborar_propuesta", 3, "Elaborar propuesta", "Gerente"),
    _tarea("05", "dh_aprobar_propuesta", 2, "Aprobar propuesta", "otro Gerente o Dirección"),
    _espera("05", "dh_05_recordatorio", 1, "Recordatorio de la aprobación", "A quien debe aprobar; 9:00."),
    _espera("05", "dh_05_escalamiento", 3, "Escalamiento de la aprobación", "A toda la Dirección; 18:00."),
    _tarea("06", "dh_programar_sesion", 2, "Programar sesión", "Gerente"),
    _tarea("06", "dh_presentar_propuesta", 1, "Presentar propuesta", "Gerente, desde que termina la sesión"),
    _espera("06", "dh_06_primer_recordatorio", 3, PRIMERO, "Al cliente que no ha decidido la propuesta; 9:00."),
    _espera("06", "dh_06_segundo_recordatorio", 8, SEGUNDO, "Al cliente que no ha decidido la propuesta; 9:00."),
    _tarea("06", "dh_gestionar_vencimiento", 1, "Gestionar vencimiento", "Ventas"),
    _tarea("06", "dh_decidir_negociacion", 1, "Decidir negociación", "Gerente"),
    _espera("07", "dh_07_recordar_datos", 3, "Recordar los datos fiscales", "Al cliente que no los ha dado; 9:00."),
    _espera("07", "dh_07_limite_datos", 5, "Límite para los datos fiscales", "Después los completa Cobranza; 18:00."),
    _tarea("07", "dh_completar_datos", 1, "Completar datos fiscales", "Cobranza"),
    _tarea("07", "dh_emitir_factura", 1, "Emitir factura", "Cobranza, siempre que se emite fuera"),
    _espera("07", "dh_pago_contado", 3, "Vencimiento de una factura sin crédito", "Desde que se emite."),
    _espera(
        "07", "dh_espera_pago", 10, "Espera del primer pago",
        "Después decide el Gerente. Un plazo legal fatal la adelanta.",
    ),
    _tarea("07", "dh_autorizar_arranque", 1, "Autorizar arranque", "Dirección"),
    _tarea("07", "dh_decidir_espera", 1, "Decidir espera de pago", "Gerente"),
    _espera("sp", "dh_recordatorio_previo", 2, "Recordatorio previo", "Al cliente, antes del vencimiento; 9:00."),
    _tarea("sp", "dh_validar_comprobante", 1, "Validar comprobante", "Cobranza"),
    _tarea("sp", "dh_llamar_cliente", 1, "Llamar al cliente", "Cobranza"),
    _tarea("sp", "dh_resolver_falta_pago", 2, "Resolver falta de pago", "Gerente o Dirección"),
    _tarea("sp", "dh_autorizar_suspension", 1, "Autorizar suspensión", "Dirección"),
    _tarea("08", "dh_asignar_asesor", 1, "Asignar asesor", "Gerente"),
    _tarea("09", "dh_preparar_arranque", 1, "Preparar arranque", "el asesor"),
    _tarea("09", "dh_contactar_cliente", 1, "Contactar al cliente por otro medio", "el asesor"),
    _espera("10", "dh_seguimiento_atrasado", 2, "Aviso de seguimiento atrasado", "Al Gerente; 9:00."),
    _espera(
        "10", "dh_sin_avance", 5, "Aviso de cliente sin avances",
        "Al Gerente, después de la fecha en que tocaba publicar un avance; 9:00.",
    ),
    _tarea("11", "dh_elaborar_informe", 3, "Elaborar informe de resultados", "el asesor"),
    _tarea("11", "dh_autorizar_cierre", 2, "Autorizar cierre", "Gerente"),
    _espera(
        "11", "dh_confirmar_cierre", 5, "Confirmar cierre",
        "Si el cliente no contesta, el cierre se tiene por aceptado; 18:00. La tarjeta dice la fecha.",
    ),
    _tarea("11", "dh_atender_inconformidad", 2, "Atender inconformidad", "Gerente"),
    _espera("12", "dh_12_primer_recordatorio", 3, PRIMERO, "Al cliente que no ha contestado la encuesta; 9:00."),
    _espera("12", "dh_12_segundo_recordatorio", 7, SEGUNDO, "Al cliente que no ha contestado la encuesta; 9:00."),
    _espera("12", "dh_12_limite_encuesta", 10, "Cierre de la encuesta", "Queda sin respuesta; 18:00."),
    _tiempo(
        "12", "naturales", NATURALES, "dias_bono_condicionado", 90, "Espera del bono condicionado",
        "A que se liquide el saldo; después el bono vence.",
    ),
    _tarea("12", "dh_autorizar_bono", 5, "Autorizar bono", "Dirección"),
    _tarea("12", "dh_atender_insatisfecho", 2, "Atender cliente insatisfecho", "Gerente"),
    _tarea("12", "dh_ofrecer_servicios", 5, "Ofrecer servicios", "Ventas"),
    _tarea("cn", "dh_atender_cancelacion", 1, "Atender solicitud de cancelación", "Gerente"),
    _tarea("cn", "dh_liquidar", 2, "Liquidar", "Cobranza"),
    _tarea("cn", "dh_entregar_expediente", 5, "Entregar expediente", "el asesor, si no hay, del Gerente"),
)  # fmt: skip
