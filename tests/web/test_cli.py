"""The command line, as somebody at a terminal meets it."""

from __future__ import annotations

import pathlib

import pytest
from click.testing import CliRunner, Result

from web.cli import main

PROCESS = pathlib.Path(__file__).parents[2] / "processes" / "procedimiento_legal"


@pytest.fixture
def cauce(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    """Run `cauce` with a folder of its own for everything that it writes."""
    monkeypatch.setenv("CAUCE_VAR", str(tmp_path))
    monkeypatch.delenv("CAUCE_DATABASE_URL", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


def test_every_command_has_help_with_an_example(cauce) -> None:
    for name, command in main.commands.items():
        shown = cauce(name, "--help")
        assert shown.exit_code == 0
        if not hasattr(command, "commands"):
            assert f"Example: cauce {name}" in " ".join(shown.output.split()), name


def test_without_tables_a_command_says_what_to_do(cauce) -> None:
    result = cauce("users", "list")
    assert result.exit_code == 1
    assert "run: cauce upgrade" in result.output


def test_upgrade_deploy_and_deploy_again(cauce) -> None:
    assert cauce("upgrade").exit_code == 0
    assert "Published." in cauce("deploy", str(PROCESS)).output
    assert "published already" in cauce("deploy", str(PROCESS)).output


def test_check_of_the_shipped_process_finds_no_error(cauce) -> None:
    result = cauce("check", str(PROCESS))
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.output


def test_a_person_is_added_with_a_temporary_password(cauce) -> None:
    cauce("upgrade")
    result = cauce("users", "add", "mrojas", "--name", "María Rojas", "--email", "m@ejemplo.mx", "--group", "admin")
    assert "to be changed at the first sign-in" in result.output
    assert "María Rojas: admin" in cauce("users", "list").output
    assert cauce("users", "add", "x", "--name", "X", "--email", "x@x.mx", "--group", "jefes").exit_code == 1


def test_feel_and_decide_use_exact_decimals(cauce) -> None:
    assert cauce("feel", "0.1 + 0.2").output == "0.3\n"
    result = cauce(
        "decide",
        str(PROCESS / "dmn" / "esquema_pago.dmn"),
        "esquema_pago",
        "--input",
        '{"tipo_cliente": "nuevo", "tipo_procedimiento": "juicio"}',
    )
    assert "primera_factura_pct: 50" in result.output
    broken = cauce("feel", "1 +")
    assert broken.exit_code == 1
    assert "column" in broken.output


def test_feel_knows_the_functions_of_the_firm(cauce) -> None:
    expression = 'dias_habiles(date("2027-01-29"), 1)'
    assert "run: cauce upgrade" in cauce("feel", expression).output
    cauce("upgrade")
    assert cauce("feel", expression).output == "2027-02-02\n"  # 2027-02-01 is a holiday
