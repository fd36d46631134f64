"""The bundles that `python -m web.build` made: which files a page needs, and how long a browser may keep them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory, url_for
from markupsafe import Markup

from web.permissions import public


class NotBuilt(RuntimeError):
    """The pages' scripts and styles have not been built; run `make setup` (or `python -m web.build`)."""


def init_app(app: Flask, folder: Path) -> None:
    """Serve `folder` under /static/ and give templates the function `bundle(page)`."""
    manifest = read_manifest(folder)

    @app.get("/static/<path:filename>")
    @public
    def static(filename: str) -> Response:
        response = send_from_directory(folder, filename)
        # Names carry a hash of the content, so they never change.
        response.cache_control.max_age = 31_536_000
        response.cache_control.public = True
        response.cache_control.immutable = True
        return response

    def bundle(page: str) -> Markup:
        entry = manifest[page]
        tags = [
            Markup('<link rel="stylesheet" href="{}">').format(url_for("static", filename=name))
            for name in entry["css"]
        ]
        tags += [
            Markup('<link rel="modulepreload" href="{}">').format(url_for("static", filename=name))
            for name in entry["preload"]
        ]
        tags.append(Markup('<script type="module" src="{}"></script>').format(url_for("static", filename=entry["js"])))
        return Markup("\n").join(tags)

    app.jinja_env.globals["bundle"] = bundle


def read_manifest(folder: Path) -> dict[str, Any]:
    """Page → its files. Raises NotBuilt."""
    try:
        return dict(json.loads((folder / "manifest.json").read_text()))
    except FileNotFoundError:
        raise NotBuilt((NotBuilt.__doc__ or "").strip()) from None
