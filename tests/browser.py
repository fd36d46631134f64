"""Finds a Chromium for the browser tests, or unpacks the one that npm brings.

Order: the variable CHROMIUM, a Chromium of the system, npm's `@sparticuz/chromium` (unpacked below `var/`, with the
libraries that a bare machine lacks). `python -m tests.browser` prepares it and says which one it is.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
E2E = ROOT / "tests" / "e2e"
UNPACKED = ROOT / "var" / "chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Without the background switches Chromium keeps asking for hosts that a closed network refuses."""


def system_chromium() -> str | None:
    """Path of the Chromium that the machine or the variable CHROMIUM offers."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


def launch_options() -> dict[str, object]:
    """Arguments for playwright's `chromium.launch`. Raises RuntimeError when there is no browser at all."""
    path, environment = system_chromium(), dict(os.environ)
    if path is None:
        path = str(UNPACKED / "chromium")
        if not pathlib.Path(path).exists():
            raise RuntimeError("There is no Chromium: run `make test`, or name one in the variable CHROMIUM.")
        environment["LD_LIBRARY_PATH"] = str(UNPACKED / "al2023" / "lib")
        environment["HOME"] = str(UNPACKED)
    return {"executable_path": path, "args": list(ARGUMENTS), "env": environment}


def prepare() -> str:
    """Make `launch_options` work, and the axe script be there; answers the path of the browser."""
    from web.build import node_environment, npm

    if not (E2E / "node_modules" / "axe-core").is_dir():
        npm("ci", "--no-progress", *(("--omit=dev",) if system_chromium() else ()), cwd=E2E)
    path = system_chromium()
    if path is not None:
        return path
    if not (E2E / "node_modules" / "@sparticuz").is_dir():
        npm("ci", "--no-progress", cwd=E2E)
    if not (UNPACKED / "chromium").exists():
        UNPACKED.mkdir(parents=True, exist_ok=True)
        # The package unpacks its libraries only where it believes to be in the cloud for which it was made.
        environment = {**node_environment(), "TMPDIR": str(UNPACKED), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
        script = "import('@sparticuz/chromium').then(async (m) => console.log(await m.default.executablePath()))"
        subprocess.run(["node", "-e", script], cwd=E2E, env=environment, check=True, stdout=subprocess.DEVNULL)
    return str(UNPACKED / "chromium")


if __name__ == "__main__":
    print(f"Browser for the tests: {prepare()}", file=sys.stderr)
