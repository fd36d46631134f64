"""processes/README.md names every rule that a finding can carry, and no other; warnings are marked as such."""

import re
from pathlib import Path

from engine.definitions.checks import RULES, rule_name

ROOT = Path(__file__).parents[3]
SECTION = (ROOT / "processes" / "README.md").read_text().partition("## Revisión")[2].partition("\n## ")[0]
SOURCES = (
    "engine/definitions/safe_xml.py",
    "engine/definitions/reader.py",
    "engine/forms/schema.py",
    "engine/forms/form.py",
    "web/studio/letters.py",
)


def in_code() -> set[str]:
    """Names of rules that are no functions: what reading files and the executor say."""
    found = {"decision"}
    for source in SOURCES:
        found |= set(re.findall(r'"((?:xml|form|feel|not)-[a-z-]+)"', (ROOT / source).read_text()))
    executor = (ROOT / "engine/bpmn/unsupported.py").read_text()
    return found | set(re.findall(r'yield "([a-z-]+)"', executor))


def test_every_rule_is_documented_and_every_documented_rule_exists():
    documented = set(re.findall(r"`([a-z-]+)`°?", SECTION)) - {"handler"}
    assert documented == {rule_name(rule) for rule in RULES} | in_code()
