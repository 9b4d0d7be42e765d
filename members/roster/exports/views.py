"""Asking for a file of people, its progress, and the file itself for who asked."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members.models import Export
from members.queries.paging import page_of
from members.roster.exports.formats import WRITERS
from members.roster.exports.forms import ExportForm
from members.roster.segments.picking import Picked, fingerprint, picked
from members.sign_in.access import recently_confirmed, staff_page
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.fragments import page_or_fragment
from members.web.once import once
from members.web.pages import page_at
from members.web.rate_limits import within_limit

PERM = "members.see_contact_details"
AN_HOUR = 5  # exports of one person


@page_or_post
@staff_page(PERM)
@recently_confirmed
def staff_export_new(request: HttpRequest) -> HttpResponse:
    """Whom it is about stands in the address, as ticked (`p`) or all that a list finds (`all`)."""
    whom = picked(request)
    keys = whom.keys
    if not keys:
        messages.warning(request, _("Tick somebody first, or choose all who match."))
        return redirect(whom.back_to)
    form = ExportForm(request.POST if request.method == "POST" else None, initial={"format": Export.Format.CSV})
    if request.method == "POST" and form.is_valid():
        if request.POST.get("seen") == fingerprint(keys):
            return once(request, partial(_ask, request, whom, form.cleaned_data["format"]))
        messages.warning(request, _("The list changed meanwhile. Nothing was exported: look at it again."))
        return redirect(request.get_full_path())
    names = whom.names()
    context = {
        "form": form,
        "whom": whom,
        "count": len(keys),
        "names": names,
        "others": len(keys) - len(names),
        "seen": fingerprint(keys),
        **page_at("members"),
    }
    return kept.page(request, "members/exports/new.html", context, form)


def _ask(request: HttpRequest, whom: Picked, kind: str) -> HttpResponse:
    if not within_limit("export", request.user.pk, AN_HOUR, 3600):
        messages.warning(request, _("That’s five exports within an hour. Try again in a while."))
        return kept.came_back(redirect(whom.back_to))
    export = Export.ask(whom.people, request.user, format=kind, words=_words(whom))
    return redirect("staff_export", export.pk)


def _words(whom: Picked) -> str:
    if whom.selection is None:
        n = len(whom.keys)
        return ngettext("%(n)s chosen person", "%(n)s chosen people", n) % {"n": n}
    said = [f"{label}: {words}" for _name, label, words in whom.selection.words]
    return "; ".join(said) or _("All members")


@require_safe
@staff_page(PERM)
def staff_exports(request: HttpRequest) -> HttpResponse:
    page = page_of(Export.objects.of_people().filter(by=request.user), ["-pk"], request.GET)
    return render(request, "members/exports/list.html", {"page": page, **page_at("members")})


@require_safe
@staff_page(PERM)
def staff_export(request: HttpRequest, pk: int) -> HttpResponse:
    context = {"export": _own(request, pk), **page_at("members")}
    return page_or_fragment(request, "members/exports/export.html", context, part="progress")


@require_safe
@staff_page(PERM)
def staff_export_file(request: HttpRequest, pk: int) -> HttpResponse:
    export = _own(request, pk)
    if not export.is_ready:
        raise Http404
    try:
        file = export.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = WRITERS[export.format].content_type
    response = FileResponse(file, as_attachment=True, filename=export.file_name, content_type=kind)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # the guards take it as any other


@act_of("staff_export", "pk")
@staff_page(PERM)
def staff_export_stop(request: HttpRequest, pk: int) -> HttpResponse:
    if _own(request, pk).stop(request.user):
        messages.success(request, _("Stopped. There is no file."))
    return redirect("staff_export", pk)


def _own(request: HttpRequest, pk: int) -> Export:
    """A file of contact data is for who asked for it."""
    return get_object_or_404(Export.objects.of_people(), by=request.user, pk=pk)
