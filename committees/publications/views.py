"""The only view that sends PDFs of reports."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from committees.documents.kinds import PDF
from committees.documents.sending import SEALED
from committees.models import Publication


@login_not_required
@require_safe
def publication_pdf(request: HttpRequest, slug: str, publication_slug: str) -> FileResponse:
    """The PDF as a download, never as a page of this site; for everybody once the report is published."""
    with_pdf = Publication.objects.visible_to(request.user).with_pdf()
    publication = get_object_or_404(with_pdf, issue__slug=slug, slug=publication_slug)
    try:
        file = publication.pdf.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = f"{publication.slug}.pdf"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=PDF.content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SEALED
    return response
