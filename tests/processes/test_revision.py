"""The firm's folder passes its own checks, warnings too."""

from pathlib import Path

import tasks
from engine.definitions import check, load_folder
from engine.feel import Functions
from engine.handler import FeelFunction, ServiceTaskHandler, UserTaskHandler

CARPETA = Path(__file__).parents[2] / "processes" / "procedimiento_legal"

EXCUSED = {
    # Its flows ask for «interno», «cliente» or both: none is a default that could be taken together with the other.
    ("gi_10_destino", "gateway-without-default"),
}


def test_the_folder_has_no_findings():
    known = tasks.HANDLERS
    found = check(
        load_folder(CARPETA),
        topics={one.topic for one in known if isinstance(one, ServiceTaskHandler)},
        handlers={one.topic for one in known if isinstance(one, UserTaskHandler)},
        functions=Functions(one for one in known if isinstance(one, FeelFunction)),
    )
    assert [str(f) for f in found if (f.element_id, f.rule) not in EXCUSED] == []
