"""The demo firm on a SQLite file, made once in a test process: tests of pages and browsers work on copies of it."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

import pytest
from jinja2 import BytecodeCache, FileSystemBytecodeCache

from engine import Engine, MovableClock
from web import accounts, create_app, create_engine, create_schema, seed
from web.scenarios import load, run
from web.scenarios.firm import ScenarioFirm
from web.settings import Settings
from web.texts import ZONE

START = datetime(2027, 1, 11, 9, 0, tzinfo=ZONE)
KEY = "PRO-2027-0001"


def settings_in(folder: pathlib.Path) -> Settings:
    return Settings(
        var=folder, database_url=f"sqlite:///{folder / 'cauce.db'}", secret_key="s" * 40, demo=True, clock=START
    )


def open_engine(settings: Settings) -> Engine:
    """The engine with a clock that stands still."""
    engine = create_engine(settings)
    engine.clock = MovableClock(start=START, frozen=True)
    return engine


@pytest.fixture(scope="session")
def cheap_passwords() -> Iterator[None]:
    """Hashes at the least cost that argon2 knows: hundreds of sign-ins would else take a minute."""
    config = cast(dict[str, Any], accounts.CONFIG)
    dear = config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"]
    config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
        "argon2__memory_cost": 8, "argon2__time_cost": 1, "argon2__parallelism": 1
    }  # fmt: skip
    yield
    config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = dear


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Each test makes an application of its own; the templates of the pages are compiled once."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def firm_folder(tmp_path_factory: pytest.TempPathFactory, cheap_passwords: None) -> pathlib.Path:
    """Base data, accounts and process."""
    folder = tmp_path_factory.mktemp("firm")
    settings = settings_in(folder)
    engine = open_engine(settings)
    create_schema(engine)
    with create_app(settings, engine).app_context():
        seed.demo(engine, settings.processes, story=False)
    engine.adapters.close()
    engine.close()
    return folder


@pytest.fixture(scope="session")
def matter_folder(firm_folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The same with the matter `KEY` under way: paid, an advisor assigned, its legal deadline running."""
    folder = tmp_path_factory.mktemp("matter") / "copy"
    shutil.copytree(firm_folder, folder)
    settings = settings_in(folder)
    engine = open_engine(settings)
    scenario = load(settings.processes / "scenarios" / "e1_camino_feliz.yaml")
    report = run(scenario, lambda: ScenarioFirm(engine, keep_open=True), until=22)
    assert report.failure is None, report.failure
    engine.adapters.close()
    engine.close()
    return folder
