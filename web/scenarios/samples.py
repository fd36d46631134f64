"""Small valid files for scenarios that hand one in: `{file: ine.pdf}`."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes([1] * 64) + bytes.fromhex("ffd9")
"""The beginning and the end of one; nothing looks at what is between."""


def sample_file(name: str) -> bytes:
    """A file of the kind that the name's ending says (pdf, png, xml; else plain text), its name inside."""
    ending = name.rpartition(".")[2].lower()
    if ending == "pdf":
        return _pdf(name)
    if ending == "png":
        return _png()
    if ending in ("jpg", "jpeg"):
        return JPEG
    if ending == "docx":
        return _docx(name)
    if ending == "xml":
        return f'<?xml version="1.0" encoding="UTF-8"?><ejemplo nombre="{name}"/>'.encode()
    return f"{name}\n".encode()


def _docx(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", f"<Types>{text}</Types>")
        archive.writestr("word/document.xml", "<w:document/>")
    return packed.getvalue()


def _pdf(text: str) -> bytes:
    stream = f"BT /F1 18 Tf 72 720 Td ({text}) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\xff")) + chunk(b"IEND", b"")
    )
