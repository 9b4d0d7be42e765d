"""Pages of documents, and the only views that send their files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.documents import uploads
from committees.documents.forms import DocumentForm, VersionForm
from committees.documents.rows import COLUMNS, PaperRow
from committees.documents.sending import download, sent
from committees.filters import DocumentFilter
from committees.models import Committee, Document, DocumentVersion
from committees.views.finding import find_committee
from committees.views.refusing import refuse
from members.models import User
from members.queries.paging import MOST_COUNTED, PAGE, count_up_to, counted, first_page, how_many, page_of
from members.queries.prepared import prepared
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.body_limits import UPLOAD, takes_body
from members.web.fragments import page_or_fragment
from members.web.once import once
from members.web.pages import page_at

FRAMED = "default-src 'none'; frame-ancestors 'self'; object-src 'self'; style-src 'unsafe-inline'"  # a PDF viewer styles itself
PREVIEW_LETTERS = 20_000


def public_or_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorator: public documents open to anybody; for all others, existing or not, a visitor signs in first."""

    @login_not_required
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if request.user.is_authenticated:
                raise
            return redirect_to_login(request.get_full_path())

    return opened


# Lists ------------------------------------------------------------------------------------------


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """All documents that the reader may see."""
    if not request.user.has_perm("members.see_directory"):
        raise PermissionDenied(_("The library is for members."))
    context: dict[str, Any] = page_at("library")
    if not any(request.GET.values()):
        rows = [PaperRow(*row) for row in _newest(request.user)]
        context |= {
            "filter": DocumentFilter(request.GET, Document.objects.none(), request=request),
            "count": counted(rows[0].among if rows else 0),
            "page": first_page(rows, request.GET),
        }
        return page_or_fragment(request, "committees/library.html", context)
    return _listed(request, Document.objects.for_listing(request.user), "committees/library.html", context)


@prepared
def _newest(user: User) -> QuerySet[Document, Any]:
    """The first page of the library as most people open it, each knowing `among` how many."""
    papers = Document.objects.for_listing(user)
    return papers.values_list(*COLUMNS, how_many(papers, MOST_COUNTED + 1))[: PAGE + 1]


@require_safe
def committee_documents(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return refuse(request, committee)
    context = _page(committee) | {
        "committee": committee,
        "may_upload": request.user.has_perm("committees.upload_document", committee),
    }
    return _listed(
        request,
        Document.objects.for_listing(request.user).filter(committee=committee),
        "committees/committee_documents.html",
        context,
    )


def _listed(request: HttpRequest, documents: Any, template: str, context: dict[str, Any]) -> HttpResponse:
    found = DocumentFilter(request.GET, documents, request=request, committee=context.get("committee"))
    context |= {
        "filter": found,
        "count": count_up_to(found.qs),
        "page": page_of(found.qs, ("-latest_id",), request.GET),
    }
    return page_or_fragment(request, template, context)


# One paper --------------------------------------------------------------------------------------


@public_or_sign_in
@require_safe
def document_detail(request: HttpRequest, pk: int) -> HttpResponse:
    document = _find(request, pk)
    version = document.latest
    assert version is not None  # as `_find` asks
    context = _page(document.committee) | {
        "document": document,
        "version": version,
        "versions": document.versions.select_related("uploaded_by").defer("text"),
        "excerpt": version.text[:PREVIEW_LETTERS],
        "is_cut": len(version.text) > PREVIEW_LETTERS,
        "may_manage": request.user.has_perm("committees.manage_document", document),
        "layout": "layouts/member.html" if request.user.is_authenticated else "layouts/public.html",
    }
    return render(request, "committees/document_detail.html", context)


@public_or_sign_in
@require_safe
def document_file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The file as a download, never as a page of this site."""
    version = _version(request, pk, number)
    return download(version)


@public_or_sign_in
@require_safe
def document_preview(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The file inside its page: PDFs without programs and pictures, framed by this site only."""
    version = _version(request, pk, number)
    if not version.preview:
        raise Http404
    response = sent(version, as_attachment=False)
    response["Content-Security-Policy"] = FRAMED
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


@takes_body(UPLOAD)
@page_or_post
def document_upload(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.upload_document", committee):
        return refuse(request, committee)
    form = DocumentForm(request.POST or None, request.FILES or None, committee=committee, by=request.user)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_publish, request, committee, form))
    return _upload_page(request, committee, form)


def _upload_page(request: HttpRequest, committee: Committee, form: DocumentForm) -> HttpResponse:
    return kept.page(request, "committees/document_upload.html", _page(committee) | {"form": form}, form)


def _publish(request: HttpRequest, committee: Committee, form: DocumentForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        document = uploads.publish(
            committee, request.user, title=given["title"], audience=given["audience"], examined=given["file"]
        )
    except ValidationError as full:
        form.add_error("file", full)
        return _upload_page(request, committee, form)
    messages.success(request, _("%(title)s is in the committee’s documents.") % {"title": document.title})
    return redirect(document)


@takes_body(UPLOAD)
@page_or_post
def document_new_version(request: HttpRequest, pk: int) -> HttpResponse:
    document = _managed(request, pk)
    form = VersionForm(*([request.POST, request.FILES] if request.method == "POST" else []), by=request.user)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_renew, request, document, form))
    return _version_page(request, document, form)


def _version_page(request: HttpRequest, document: Document, form: VersionForm) -> HttpResponse:
    context = {
        "document": document,
        "form": form,
        **page_at("library", back=document),
    }
    return kept.page(request, "committees/document_new_version.html", context, form)


def _renew(request: HttpRequest, document: Document, form: VersionForm) -> HttpResponse:
    try:
        version = uploads.renew(document, request.user, form.cleaned_data["file"])
    except ValidationError as full:
        form.add_error("file", full)
        return _version_page(request, document, form)
    messages.success(request, _("Version %(number)s is up.") % {"number": version.number})
    return redirect(document)


@page_or_post
def document_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    document = _managed(request, pk)
    if request.method != "POST":
        context = {
            "document": document,
            **page_at("library", back=document),
        }
        return render(request, "committees/document_withdraw.html", context)
    if document.withdraw(request.user):
        undo = f"undo:{reverse('document_restore', args=[pk])}"
        messages.success(
            request, _("%(title)s is withdrawn. Nobody else can open it.") % {"title": document.title}, extra_tags=undo
        )
    return redirect("committee_documents", slug=document.committee.slug)


@act_of("document_detail", "pk")
def document_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo withdrawing."""
    document = get_object_or_404(Document.objects.select_related("committee"), pk=pk)
    if not request.user.has_perm("committees.manage_document", document):
        raise Http404
    document.restore(request.user)
    messages.success(request, _("%(title)s is back.") % {"title": document.title})
    return redirect(document)


# Finding and serving ----------------------------------------------------------------------------


def _find(request: HttpRequest, pk: int) -> Document:
    """Unseen is 404."""
    papers = (
        Document.objects.visible_to(request.user)
        .with_file()
        .select_related("committee", "latest", "latest__uploaded_by")
    )
    return get_object_or_404(papers, pk=pk)


def _managed(request: HttpRequest, pk: int) -> Document:
    document = _find(request, pk)
    if not request.user.has_perm("committees.manage_document", document):
        raise PermissionDenied(_("Only the committee’s co-chairs can change its documents."))
    return document


def _version(request: HttpRequest, pk: int, number: int) -> DocumentVersion:
    papers = Document.objects.visible_to(request.user)
    return get_object_or_404(DocumentVersion.objects.defer("text"), document__in=papers, document_id=pk, number=number)


def _page(committee: Committee) -> dict[str, object]:
    return {
        "committee": committee,
        **page_at("committees", back=committee),
    }
