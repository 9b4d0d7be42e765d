"""Sending the file of a version, to whoever was found to read it."""

from __future__ import annotations

from django.http import FileResponse, Http404

from committees.models import DocumentVersion

SEALED = "default-src 'none'; frame-ancestors 'none'; sandbox"


def download(version: DocumentVersion) -> FileResponse:
    """To be saved, never as a page of this site. Raises Http404 when the file is gone."""
    response = sent(version, as_attachment=True)
    response["Content-Security-Policy"] = SEALED
    return response


def sent(version: DocumentVersion, *, as_attachment: bool) -> FileResponse:
    try:
        file = version.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=as_attachment, filename=version.name, content_type=version.content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
