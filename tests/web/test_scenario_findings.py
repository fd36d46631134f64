"""A scenario that cannot be read, or says what no scenario says, gets its findings at their lines."""

from __future__ import annotations

import pathlib

import pytest

from web.studio.scenario_findings import problems

GOOD = "name: Uno\nprocess: gasto\nstarts: 2027-01-11 09:00\nsteps:\n  - {start: gasto}\n"
SCENARIOS = pathlib.Path(__file__).parents[2] / "processes/procedimiento_legal/scenarios"


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("gasto}", "gasto", "6:1", "línea 6"),
        ("starts", "\tstarts", "3:1", "no tabuladores"),
        ("name: Uno", "name: !!python/object/apply:os.system [ls]", "1:7", "«!!python/object/apply:os.system»"),
        ("name: Uno", "name: &a Uno", "1", "«&a»"),
        (GOOD, "- una\n- lista\n", "1", "Empiece con"),
        (GOOD, "", "1", "Empiece con"),
        ("starts:", "process: otro\nstarts:", "3:1", "«process» está dos veces"),
        ("{start: gasto}", "{start: gasto, expect: {opn: []}}", "5:29", "Paso 1, expect.opn: no existe esa clave."),
        ("{start: gasto}", "{complete: ut_pedir}", "5:5", "le falta `as`"),
        ("{start: gasto}", "{start: gasto, expect: {mails: {cor: {de: 1}}}}", "5:37", "Paso 1"),
        ("starts: 2027-01-11 09:00\n", "", "1", "Falta «starts»"),
        ("starts: 2027-01-11 09:00", "continues: {scenario: nada.yaml, until: 1}", "3:13", "No hay un escenario"),
        ("name: Uno\n", "", "1:1", "name: falta"),
        (GOOD, "[" * 50, None, "niveles"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(old: str, new: str, place: str | None, said: str) -> None:
    assert old in GOOD
    (found,) = problems("scenarios/x.yaml", GOOD.replace(old, new).encode(), {"scenarios/x.yaml"})
    assert found.element_id == place
    assert said in f"{found.message} {found.remedy}"
    assert found.remedy


def test_the_shipped_scenarios_have_none() -> None:
    files = {f"scenarios/{path.name}": path.read_bytes() for path in SCENARIOS.glob("*.yaml")}
    assert len(files) > 10
    assert [one for path, data in files.items() for one in problems(path, data, files)] == []
