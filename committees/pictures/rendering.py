"""Uploaded pictures: checked, then decoded and written anew in a child process (committees/pictures/renderer.py)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from committees.documents import apart
from committees.documents.kinds import GIF, JPEG, PNG, WEBP, Kind, sniff
from committees.pictures.renderer import LEAST, TOO_LONG, TOO_SMALL

RENDERER = Path(__file__).with_name("renderer.py")
SECONDS = 45
MOST_BYTES = 12 * 1024 * 1024
FORMATS: dict[Kind, str] = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF", WEBP: "WEBP"}
ACCEPT_ATTRIBUTE = ".jpg,.jpeg,.png,.webp,.gif"
MARKUP = (b"<svg", b"<?xml", b"<!doctype", b"<html")


@dataclass(frozen=True)
class Rendered:
    """A picture in its widths; `files` by name, such as "320.avif"."""

    width: int
    height: int
    widths: list[int]
    files: dict[str, bytes]


def render(file: UploadedFile) -> Rendered:
    """The picture in the sizes to store. Raises ValidationError, in words for the person, when it is no picture that we
    take.
    """
    size = file.size or 0
    if size > MOST_BYTES:
        raise ValidationError(
            _("This picture is %(size)s. The most we can take is %(most)s: make it smaller."),
            "too_large",
            {"size": filesizeformat(size), "most": filesizeformat(MOST_BYTES)},
        )
    if not size:
        raise ValidationError(_("This file is empty. Choose it again."), "empty")
    raw = file.read()
    file.seek(0)
    if raw[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP):
        raise ValidationError(
            _("This is a drawing made of code (SVG), which can run programs. Save it as a PNG."), "markup"
        )
    kind = sniff(file)
    if kind not in FORMATS:
        raise ValidationError(
            _("This is %(kind)s, not a picture. Send a JPEG, PNG, WebP or GIF."), "kind", {"kind": kind.words}
        )
    return _unpacked(_apart(raw, FORMATS[kind]))


def _apart(raw: bytes, kind: str) -> bytes:
    try:
        return apart.run(RENDERER, kind, raw, seconds=SECONDS, too_long=TOO_LONG)
    except apart.Refused as refused:
        raise _refusal(refused.code) from None


def _refusal(code: int) -> ValidationError:
    if code == TOO_LONG or code < 0:
        return ValidationError(_("This picture is too large to look at. Make it smaller."), "pixels")
    if code == TOO_SMALL:
        words = _("This picture is too small. It needs at least %(least)s pixels on each side.")
        return ValidationError(words, "small", {"least": LEAST})
    return ValidationError(_("This picture is damaged. Save it again and try once more."), "damaged")


def _unpacked(made: bytes) -> Rendered:
    head, _end, rest = made.partition(b"\n")
    found, files = json.loads(head), {}
    for name, size in found["files"]:
        files[name], rest = rest[:size], rest[size:]
    return Rendered(found["width"], found["height"], found["widths"], files)
