"""The command line, as somebody at a terminal meets it."""

from __future__ import annotations

import pathlib
import shutil

import pytest
from click.testing import CliRunner, Result

from engine import load_folder
from tests.web.two_steps import RESOURCES
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


def test_export_writes_what_deploy_reads_back_as_the_same_deployment(cauce, tmp_path: pathlib.Path) -> None:
    cauce("upgrade")
    cauce("deploy", str(PROCESS))
    folder = tmp_path / "git"
    (folder / "bpmn").mkdir(parents=True)
    (folder / "README.md").write_text("mine")
    assert "files, 0 scenarios" in cauce("export", str(folder)).output
    assert load_folder(folder) == load_folder(PROCESS)
    assert "published already" in cauce("deploy", str(folder)).output
    assert "0 written" in cauce("export", str(folder)).output
    (folder / "bpmn" / "old.bpmn").write_text("<x/>")
    refused = cauce("export", str(folder))
    assert refused.exit_code == 1
    assert "bpmn/old.bpmn" in refused.output
    assert cauce("export", str(folder), "--delete").exit_code == 0
    assert not (folder / "bpmn" / "old.bpmn").exists()
    assert (folder / "README.md").read_text() == "mine"


def test_deploy_leaves_no_published_process_out_unless_it_is_said(cauce, tmp_path: pathlib.Path) -> None:
    cauce("upgrade")
    cauce("deploy", str(PROCESS))
    for name, data in RESOURCES.items():
        (tmp_path / "two" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "two" / name).write_bytes(data)
    refused = cauce("deploy", str(tmp_path / "two"))
    assert refused.exit_code == 1
    assert "p00_procedimiento_legal" in refused.output
    added = cauce("deploy", str(tmp_path / "two"), "--add").output
    assert "two_steps" in added
    assert "p00_procedimiento_legal" in added
    assert "p00_procedimiento_legal" not in cauce("deploy", str(tmp_path / "two"), "--replace").output


def test_check_of_the_shipped_process_finds_no_error(cauce) -> None:
    result = cauce("check", str(PROCESS))
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.output
    assert "unknown-variable" not in result.output
    template = cauce("check", str(PROCESS.parent / "solicitud_con_aprobacion"))
    assert "0 errors, 0 warnings" in template.output


def test_a_mail_that_cannot_be_composed_is_found_and_not_deployed(cauce, tmp_path: pathlib.Path) -> None:
    cauce("upgrade")
    folder = tmp_path / "solicitud"
    shutil.copytree(PROCESS.parent / "solicitud_con_aprobacion", folder)
    mail = folder / "mail" / "solicitud_resuelta.j2"
    mail.write_text(mail.read_text("utf-8").replace("{% block", "{{ folio {% block", 1), "utf-8")
    for command in ("check", "deploy"):
        refused = cauce(command, str(folder))
        assert refused.exit_code == 1
        assert "not-composed" in refused.output
    assert "Published." in cauce("deploy", str(PROCESS.parent / "solicitud_con_aprobacion")).output


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
