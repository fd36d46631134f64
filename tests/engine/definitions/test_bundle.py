"""Bundles are known by content and parsed once."""

from pathlib import Path

import pytest

from engine.definitions import Bundle, Bundles, bundle_id, load_folder
from engine.errors import NotFound

BPMN = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="%s"><task id="t"/></process>'
    b"</definitions>"
)


def test_load_folder_takes_what_belongs_to_the_bundle(tmp_path):
    for name in (
        "bpmn/a.bpmn", "bpmn/a.png", "bpmn/.x.bpmn", "dmn/d.dmn", "forms/f.form", "mail/sub/m.j2", "documents/d.typ",
        "documents/.git/x", "scenarios/s.yaml", "README.md",
    ):  # fmt: skip
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    assert load_folder(tmp_path) == {
        name: name.encode() for name in ("bpmn/a.bpmn", "dmn/d.dmn", "forms/f.form", "mail/sub/m.j2", "documents/d.typ")
    }
    with pytest.raises(NotFound):
        load_folder(tmp_path / "nothing")


def test_bundle_id_is_of_names_and_contents_in_any_order():
    first = bundle_id({"a": b"1", "b": b"2"})
    assert first == bundle_id({"b": b"2", "a": b"1"})
    assert (
        len({first, bundle_id({"a": b"2", "b": b"1"}), bundle_id({"a": b"1"}), bundle_id({"a": b"1", "c": b"2"})}) == 4
    )


def test_parts_are_parsed_once():
    bundle = Bundle("x", {"bpmn/a.bpmn": BPMN % b"a", "bpmn/b.bpmn": BPMN % b"b", "mail/m.j2": b"m"})
    assert set(bundle.processes) == {"a", "b"}
    assert bundle.models is bundle.models
    assert bundle.resource("mail/m.j2") == b"m"
    assert bundle.resources("mail/") == {"mail/m.j2": b"m"}
    with pytest.raises(NotFound):
        bundle.resource("mail/other.j2")


FIRM = Path(__file__).parents[3] / "processes" / "procedimiento_legal"


def test_the_firms_bundle():
    bundle = Bundle("x", load_folder(FIRM))
    assert set(bundle.forms) == {path.stem for path in FIRM.glob("forms/*.form")}
    assert bundle.forms["encuesta"] is bundle.forms["encuesta"], "read once"
    assert bundle.forms.get("no_hay") is None
    assert set(bundle.decisions.ids) >= {path.stem for path in FIRM.glob("dmn/*.dmn")}
    assert bundle.program("p00_procedimiento_legal") is bundle.program("p00_procedimiento_legal")
    with pytest.raises(NotFound):
        bundle.program("p99")


def test_least_recently_used_bundles_are_dropped():
    loaded = []

    def load(id):
        loaded.append(id)
        return {}

    bundles = Bundles(load, size=2)
    one = bundles.get("1")
    bundles.get("2")
    assert bundles.get("1") is one
    bundles.get("3")
    bundles.get("1")
    bundles.get("2")
    assert loaded == ["1", "2", "3", "2"]
    assert bundles.get("4", {"mail/x": b"y"}).resource("mail/x") == b"y"
    assert loaded == ["1", "2", "3", "2"]
