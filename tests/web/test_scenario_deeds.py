"""A scenario may do whatever one does while trying: hold a job and let it fail, throw an error, skip, fire, set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.gasto import RESOURCES
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings

WAYS = {
    "fails_and_is_skipped": """
  - {start: gasto, with: {monto: 10}, expect: {waiting: [ut_pedir], variables: {monto: 10}}}
  - {set: {monto: 12}, expect: {variables: {monto: 12}}}
  - as: lvega
    complete: ut_pedir
    with: {concepto: Taxi, monto: 120.5, fecha: 2027-01-12, recibo: {file: recibo.pdf}}
    hold: [st_apartar]
    expect: {waiting: [st_apartar]}
  - {at: 2027-01-12 09:00, hold: [st_apartar], expect: {waiting: [st_apartar]}}
  - {fail: st_apartar, error: Sin red., last: false, expect: {waiting: [st_apartar]}}
  - {at: 2027-01-12 09:01, hold: [st_apartar], expect: {waiting: [st_apartar]}}
  - {fail: st_apartar, error: Sin luz., expect: {waiting: [st_apartar], incidents: 1}}
  - {retry: st_apartar, hold: [st_apartar], expect: {waiting: [st_apartar], incidents: 0}}
  - {skip: st_apartar, with: {hay_coincidencias: false}, expect: {waiting: [be_tarde, ut_aprobar]}}
  - {as: abarrera, complete: ut_aprobar, expect: {waiting: [ev_recibo]}}
  - {message: msg_recibo, with: {folio: R1}, expect: {instance: completed, variables: {folio: R1}}}
""",
    "an_error_is_thrown": """
  - {start: gasto, before: st_apartar, hold: [st_apartar], expect: {waiting: [st_apartar]}}
  - {throw: st_apartar, code: sin_fondos, expect: {instance: completed, history: [{kind: error.thrown}]}}
""",
    "a_timer_is_fired": """
  - {start: gasto, before: ut_aprobar, expect: {timers: {be_tarde: 2027-01-14 09:00}}}
  - {fire: be_tarde, expect: {instance: completed}}
""",
    "a_job_is_done_by_hand": """
  - {start: gasto, before: st_apartar, hold: [st_apartar], expect: {waiting: [st_apartar]}}
  - {do: st_apartar, hold: [st_apartar], expect: {history: [{kind: job.failed, element: st_apartar}]}}
""",
}


@pytest.mark.parametrize("name", WAYS)
def test_a_scenario_does_what_one_does_while_trying(name: str, tmp_path: Path) -> None:
    process = tmp_path / "process"
    for path, data in RESOURCES.items():
        (process / path).parent.mkdir(parents=True, exist_ok=True)
        (process / path).write_bytes(data)
    file = process / "way.yaml"
    file.write_text(f"name: X\nprocess: gasto\nstarts: 2027-01-11 09:00\nsteps:{WAYS[name]}")
    url = f"sqlite:///{tmp_path / 'cauce.db'}"
    settings = Settings(var=tmp_path, database_url=url, secret_key="s" * 40, demo=True, processes=process)
    ScenarioFirm.prepared(settings).close()
    report = run(load(file), lambda: ScenarioFirm.open(settings), restart=True)
    assert report.failure is None, str(report.failure)
    assert report.steps == len(report.scenario.steps)
