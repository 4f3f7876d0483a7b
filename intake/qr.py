"""QR codes, drawn as SVG."""

from __future__ import annotations

import base64
from io import BytesIO

import qrcode
from qrcode.image.svg import SvgPathFillImage


def data_url(text: str) -> str:
    """A QR code as the address of a picture, to stand in an <img>."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg(text)).decode()


def svg(text: str) -> bytes:
    """A QR code as an SVG file, black on white whatever the page's colours, or phones would not read it."""
    stream = BytesIO()
    qrcode.make(text, image_factory=SvgPathFillImage, border=3).save(stream)
    return stream.getvalue()
