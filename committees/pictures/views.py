"""The only view that sends files of pictures."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from committees.models.pictures import FORMATS
from committees.pictures.showing import shown_to

A_WEEK = 7 * 24 * 60 * 60  # seconds; another picture has another address


@login_not_required
@require_safe
def picture_file(request: HttpRequest, key: str, width: int, ending: str) -> FileResponse:
    """For everybody once its publication or issue is published, before that only for staff."""
    if ending not in FORMATS:
        raise Http404
    picture = get_object_or_404(shown_to(request.user), key=key, widths__contains=[width])
    try:
        file = default_storage.open(picture.path(f"{width}.{ending}"))
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type=FORMATS[ending])
    kept = "no-store" if getattr(request.user, "may_act_as_staff", False) else f"max-age={A_WEEK}, immutable"
    response["Cache-Control"] = f"private, {kept}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response
