"""For staff: documents that could not be read, with the reason and another try."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.documents import reading
from committees.models import DocumentVersion
from members.models import AuditEntry
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.web.acts import act_of
from members.web.pages import page_at


@require_safe
@staff_page()
def staff_unread(request: HttpRequest) -> HttpResponse:
    papers = DocumentVersion.objects.given_up().for_listing()
    context = {"page": page_of(papers, ["-pk"], request.GET), **page_at("today")}
    return render(request, "committees/staff_unread.html", context)


@act_of("staff_unread")
@staff_page()
def staff_unread_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Three more tries, once the cause was removed."""
    version = get_object_or_404(DocumentVersion.objects.for_listing(), pk=pk)
    title = {"title": version.document.title}
    if reading.read_again(version):
        AuditEntry.record(request.user, "had read again", version.document)
        messages.success(request, _("%(title)s is read again within a minute.") % title)
    else:
        messages.info(request, _("%(title)s isn’t waiting to be read again.") % title)
    return redirect("staff_unread")
