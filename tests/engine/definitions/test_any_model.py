"""However a diagram of the firm is damaged, the checks answer with findings; what they let pass compiles."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn import Program
from engine.definitions import check, read_model

FILES = sorted(Path(__file__).parents[3].glob("processes/procedimiento_legal/bpmn/*.bpmn"))
WHOLE = {f"bpmn/{path.name}": read_model(f"bpmn/{path.name}", path.read_bytes()) for path in FILES}
ELSEWHERE = {"unknown-form", "unknown-decision", "unknown-called-process"}
"""Rules about files that are not given here."""

MUTATION = st.tuples(
    st.sampled_from(["delete", "duplicate", "rename", "blank", "swap", "text", "move"]), st.integers(0), st.integers(0)
)


def damaged(root, mutations) -> bytes:
    root = etree.fromstring(etree.tostring(root))
    for what, first, second in mutations:
        nodes = [node for node in root.iter("{*}*") if node is not root and "/DI" not in node.tag]
        node, other = nodes[first % len(nodes)], nodes[second % len(nodes)]
        names = sorted(node.attrib)
        if what == "delete":
            node.getparent().remove(node)
        elif what == "duplicate":
            node.getparent().append(etree.fromstring(etree.tostring(node)))
        elif what == "rename":
            node.tag = other.tag
        elif what == "move" and node not in other.iterancestors() and node is not other:
            other.append(node)
        elif what == "text":
            node.text = ["", "=", "= a b", "=true", "x", "R/PT1H", "PT1H"][second % 7]
        elif names and what == "blank":
            node.set(names[second % len(names)], "")
        elif names and what == "swap" and other.attrib:
            node.set(names[0], other.get(sorted(other.attrib)[0]))
    return etree.tostring(root)


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=12, deadline=None)
@given(mutations=st.lists(MUTATION, min_size=1, max_size=4))
def test_damaged_diagrams(name, mutations):
    data = damaged(WHOLE[name].root, mutations)
    found = check({name: data})
    assert all(finding.message and finding.remedy and finding.rule for finding in found)
    if {finding.rule for finding in found if finding.severity == "error"} <= ELSEWHERE:
        models = {**WHOLE, name: read_model(name, data)}
        processes = {process.id: process for model in models.values() for process in model.processes.values()}
        for process in models[name].processes.values():
            called = {element.called_process for element in process.elements.values() if element.called_process}
            if process.executable and called <= processes.keys():
                assert Program.compile(process.id, processes, models)
