"""What a long run found, printed and appended to the file that `CAUCE_FIGURES` names (for docs/reliability.md)."""

from __future__ import annotations

import json
import os
from typing import Any


def tell(test: str, **figures: Any) -> None:
    line = json.dumps({"test": test, **figures}, ensure_ascii=False)
    print(line)
    if path := os.environ.get("CAUCE_FIGURES"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
