"""Pictures of publications and issues, and the PDF of a report, as staff put them up."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from committees.models import IssueArea, Publication
from committees.models.pictures import WORDS
from committees.pictures import showing
from committees.pictures.forms import PictureForm
from committees.publications import pdfs
from committees.publications.forms import PdfForm
from members.sign_in.access import staff_page
from members.web import meanwhile
from members.web.acts import page_or_post
from members.web.body_limits import UPLOAD, takes_body
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at

PUBLISH = "committees.publish"
PICTURE, PDF = "portal/staff/picture.html", "portal/staff/pdf.html"


@takes_body(UPLOAD)
@page_or_post
@staff_page(PUBLISH)
def staff_publication_picture(request: HttpRequest, pk: int) -> HttpResponse:
    shown = Publication.objects.visible_to(request.user).select_related("issue", "picture")
    return _picture(request, get_object_or_404(shown, pk=pk), reverse("staff_publication", args=[pk]))


@takes_body(UPLOAD)
@page_or_post
@staff_page(PUBLISH)
def staff_issue_picture(request: HttpRequest, slug: str) -> HttpResponse:
    shown = IssueArea.objects.visible_to(request.user).select_related("picture")
    return _picture(request, get_object_or_404(shown, slug=slug), reverse("staff_issue", args=[slug]))


def _picture(request: HttpRequest, owner: Publication | IssueArea, page: str) -> HttpResponse:
    context: dict[str, Any] = {"owner": owner, "picture": owner.picture, "page": page, **page_at("publications")}
    if "remove" in request.POST:
        showing.take_away(owner, request.user)
        messages.success(request, _("The picture is taken away."))
        return redirect(page)
    posted = [request.POST, request.FILES] if request.method == "POST" else []
    form = PictureForm(*posted, instance=owner.picture, by=request.user)
    context["form"] = form
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_show, request, form, context))
    return meanwhile.page(request, PICTURE, context, form, form.instance)


def _show(request: HttpRequest, form: PictureForm, context: dict[str, Any]) -> HttpResponse:
    given = form.cleaned_data
    words = {name: given[name] for name in WORDS}
    try:
        showing.show(context["owner"], request.user, rendered=given["file"], seen=given["seen"], **words)
    except ChangedMeanwhile as other:
        form.ask_for_file_again()
        return meanwhile.refused(request, PICTURE, context, form, other.current)
    messages.success(request, _("The picture is saved."))
    return redirect(context["page"])


@takes_body(UPLOAD)
@page_or_post
@staff_page(PUBLISH)
def staff_publication_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    shown = Publication.objects.visible_to(request.user).select_related("issue")
    publication = get_object_or_404(shown, pk=pk)
    page = reverse("staff_publication", args=[pk])
    if "remove" in request.POST:
        pdfs.detach(publication, request.user)
        messages.success(request, _("The PDF is taken away."))
        return redirect(page)
    posted = [request.POST, request.FILES] if request.method == "POST" else []
    form = PdfForm(*posted, row=publication, by=request.user)
    context = {"form": form, "publication": publication, "page": page, **page_at("publications")}
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_attach, request, form, context))
    return meanwhile.page(request, PDF, context, form, publication)


def _attach(request: HttpRequest, form: PdfForm, context: dict[str, Any]) -> HttpResponse:
    given = form.cleaned_data
    try:
        stored = pdfs.attach(context["publication"], request.user, given["file"], seen=given["seen"])
    except ChangedMeanwhile as other:
        return meanwhile.refused(request, PDF, context, form, other.current)
    messages.success(request, _("The PDF is up: %(extent)s.") % {"extent": stored.pdf_extent})
    return redirect(context["page"])
