"""The little of Markdown that texts of forms use: paragraphs, headings, lists, bold, italic, links to pages. Safe."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_INLINE = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])[*_](.+?)[*_](?![\w*])"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\(((?:https?://|/|#)[^)\s]*)\)"), r'<a href="\2">\1</a>'),
)


def markdown(text: str) -> Markup:
    """HTML of `text`; anything that looks like HTML in it is shown, never obeyed."""
    blocks = [_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return Markup("\n".join(blocks))  # noqa: S704 - every piece was escaped


def _block(block: str) -> str:
    lines = block.strip().splitlines()
    heading = re.match(r"(#{1,4})\s+(.*)", lines[0])
    if heading and len(lines) == 1:
        return f"<h3>{_inline(heading[2])}</h3>"
    for marker, tag in ((r"[-*]\s+", "ul"), (r"\d+[.)]\s+", "ol")):
        if all(re.match(marker, line.strip()) for line in lines):
            items = "".join(f"<li>{_inline(re.sub('^' + marker, '', line.strip()))}</li>" for line in lines)
            return f"<{tag}>{items}</{tag}>"
    return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _inline(text: str) -> str:
    html = str(escape(text))
    for pattern, replacement in _INLINE:
        html = pattern.sub(replacement, html)
    return html
