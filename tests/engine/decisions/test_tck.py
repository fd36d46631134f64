"""The conformance tests of the DMN TCK, where a copy lies in a folder `shared/dmn-tck` beside or above the repository.

Level 2 is required in full. Of level 3 only what is named here may fail: functions in Java are refused by design, and
dates outside the years 1 to 9999 or finer than a microsecond are outside Python's calendar.
"""

import pytest

from engine.decisions import DecisionError
from tests.engine.decisions.tck import Case, cases, folder, result, same

pytestmark = pytest.mark.skipif(folder() is None, reason="no copy of the DMN TCK in shared/dmn-tck")

OUTSIDE_OF_OURS = {
    "0076-feel-external-java": {"boxed_001", "varargs_001", *(f"literal_{number:03d}" for number in range(1, 13))},
    "1117-feel-date-and-time-function": {
        *("011_eec2d5bdcd", "012_225a105eef", "026_5ba081cd5f", "027_ae365197dd", "028_1c3d56275f"),
        *("033_2fac4d6807", "040_d9116e1daa", "047_60ea7838ce", "054_2561a406fc"),
    },
    "1121-feel-years-and-months-duration-function": {"017_86744b9a54", "018_8a9ed1d66d", "019_90c2084588"},
}


def fault(case: Case) -> str | None:
    """What is wrong with our answer. The TCK counts an error as null."""
    try:
        actual = result(case)
    except DecisionError as problem:
        return None if case.expected is None else f"{case.id}: {problem.element_id}: {problem}"
    return None if same(actual, case.expected) else f"{case.id}: {actual!r} instead of {case.expected!r}"


@pytest.mark.parametrize("case", list(cases("2")), ids=lambda case: case.id)
def test_level_2(case):
    assert fault(case) is None


def test_level_2_is_complete():
    assert len(list(cases("2"))) == 126


LEVEL_3: dict[str, list[Case]] = {}
for each in cases("3"):
    LEVEL_3.setdefault(each.id.split("/")[0], []).append(each)


@pytest.mark.parametrize("name", LEVEL_3)
def test_level_3(name):
    """Exactly the named ones fail, so that the list above stays true."""
    faults = {case.id.split("/")[1]: text for case in LEVEL_3[name] if (text := fault(case)) is not None}
    assert faults.keys() == OUTSIDE_OF_OURS.get(name, set()), list(faults.values())


def test_level_3_is_complete():
    assert sum(map(len, LEVEL_3.values())) == 1319
