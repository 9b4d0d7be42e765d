"""Pages of imports, for the membership team: a list, one import from the file to the undo, and its acts."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from members.models import Import, ImportLayout
from members.queries.paging import page_of
from members.roster.importing import choosing, files, worker
from members.roster.importing.forms import ColumnsForm, FileForm, KindForm
from members.roster.importing.pages import TONES, ImportPage, progress_of
from members.sign_in.access import staff_page
from members.text.cleaning import line
from members.text.numbers import whole
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.body_limits import UPLOAD, takes_body
from members.web.once import once
from members.web.pages import page_at

RIGHT = "members.import_members"
CHANGED = _("Somebody changed what this page showed. Look at it again.")


@require_safe
@staff_page(RIGHT)
def staff_imports(request: HttpRequest) -> HttpResponse:
    page = page_of(Import.objects.newest_first(), ["-uploaded_at", "-pk"], request.GET)
    rows = [(each, each.state, TONES.get(each.state, "")) for each in page.rows]
    return render(request, "members/importing/list.html", {"page": page, "rows": rows, **page_at("members")})


@takes_body(UPLOAD)
@page_or_post
@staff_page(RIGHT)
def staff_import_new(request: HttpRequest) -> HttpResponse:
    form = FileForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_begin, request, form))
    return kept.page(request, "members/importing/new.html", {"form": form, **page_at("members")}, form)


def _begin(request: HttpRequest, form: FileForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    name = line((file.name or "").replace("\\", "/").rpartition("/")[2])[-150:] or _("A list")
    imported = Import.begin(request.user, file, name)
    worker.ask()
    return redirect("staff_import", imported.pk)


@require_safe
@staff_page(RIGHT)
def staff_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Whatever state it is in. A script that follows its progress is sent to the page when there is another to see."""
    imported = _import(pk)
    if request.headers.get("HX-Target") == "import-progress" and not imported.is_running:
        return HttpResponseClientRedirect(reverse("staff_import", args=[pk]))
    running = [(each, progress_of(each)) for each in Import.objects.running().exclude(pk=pk)]
    context = {
        "imported": imported,
        "shown": ImportPage(imported, request.GET),
        "running": running,
        **page_at("members"),
    }
    return render(request, "members/importing/page.html", context)


@page_or_post
@staff_page(RIGHT)
def staff_import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    imported = _import(pk)
    shown = ImportPage(imported, request.GET)
    if not shown.may_correct_columns:
        messages.info(request, _("Its columns can’t be changed now."))
        return redirect("staff_import", pk)
    form = ColumnsForm(request.POST if request.method == "POST" else None, imported=imported)
    if request.method == "POST" and form.is_valid():
        ImportLayout.remember(imported.layout, form.columns, request.user)
        imported.plan_again(form.columns)
        worker.ask()
        return redirect("staff_import", pk)
    context = {"imported": imported, "shown": shown, "form": form, **page_at("members")}
    return kept.page(request, "members/importing/columns.html", context, form)


@require_safe
@staff_page(RIGHT)
def staff_import_plan(request: HttpRequest, pk: int) -> HttpResponse:
    return files.plan_csv(_import(pk), marked="spreadsheet" in request.GET)


@require_safe
@staff_page(RIGHT)
def staff_import_failed(request: HttpRequest, pk: int) -> HttpResponse:
    return files.failed_csv(_import(pk))


@act_of("staff_import", "pk")
@staff_page(RIGHT)
def staff_import_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """What becomes of the rows shown, or of all of a kind."""
    imported = _import(pk)
    number = _choose(request, imported)
    if not request.headers.get("HX-Request"):
        words = ngettext("%(n)d choice is saved.", "%(n)d choices are saved.", number) % {"n": number}
        messages.success(request, words)
    return _back(request, pk)


def _choose(request: HttpRequest, imported: Import) -> int:
    if "kind" in request.POST:
        form = KindForm(request.POST)
        return choosing.choose_kind(imported, **form.cleaned_data) if form.is_valid() else 0
    return choosing.choose(imported, request.POST)


@act_of("staff_import", "pk")
@staff_page(RIGHT)
def staff_import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import exactly what the page said. Choices that came along unsaved are saved, and looked at first."""
    imported = _import(pk)
    seen = whole(request.POST.get("seen"))
    if choosing.choose(imported, request.POST):
        messages.warning(request, _("Your choices are saved. The button says now what is imported with them."))
    elif imported.confirm(request.user, seen if seen is not None else -1):
        worker.ask()
    elif not imported.confirmed_at:
        messages.warning(request, CHANGED)
    return _back(request, pk)


@act_of("staff_import", "pk")
@staff_page(RIGHT)
def staff_import_stop(request: HttpRequest, pk: int) -> HttpResponse:
    _import(pk).stop(request.user)
    return _back(request, pk)


@act_of("staff_import", "pk")
@staff_page(RIGHT)
def staff_import_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it once more, or go on importing where it was stopped."""
    imported = _import(pk)
    if imported.go_on(request.user) or imported.plan_again():
        worker.ask()
    return _back(request, pk)


@act_of("staff_import", "pk")
@staff_page(RIGHT)
def staff_import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    imported = _import(pk)
    if imported.undo(request.user):
        worker.ask()
    elif not imported.undo_asked_at:
        messages.warning(request, _("An import can be taken back for 7 days."))
    return _back(request, pk)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    tab = request.POST.get("tab", "")
    address = reverse("staff_import", args=[pk])
    return redirect(f"{address}?tab={tab}" if tab.isalpha() else address)


def _import(pk: int) -> Import:
    return get_object_or_404(Import.objects.select_related("uploaded_by"), pk=pk)
