"""A form that came back with mistakes is a page of its own: reload and Back show it again, with all that was typed.

The post stores what was typed and what is wrong with it, and leads to the form's address with `?typed=<token>`. Codes
and files are never stored: a file that came along is asked for again. A fragment, what is too long to keep, a visitor where
too many begin (members.session_store), and a program (which, other than a browser, does not ask for text/html by name and
has neither button) are answered in place, with the status that says what happened.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm, FileField
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from members import once, unsent
from members.cleaning import line
from members.models import KeptForm
from members.session_store import may_begin

NAME = "typed"
NOTE = "note"
NOT_KEPT = ("code", "enrollment", "credential", "csrfmiddlewaretoken", once.FIELD)
LARGEST = 200_000  # letters
UNREADABLE = 422


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *forms: BaseForm,
    at: str = "",
    status: int = UNREADABLE,
    note: str = "",
    changed: dict[str, str] | None = None,
) -> HttpResponse:
    """The page of these forms. After a post that came back it is a redirect to it: to `at`, or to where it was posted.

    A post came back when a form has errors, or for the reason in `note`, which `bring_back` returns on that page;
    `changed` are fields that say something else there than was posted.
    """
    if request.method in ("GET", "HEAD"):
        bring_back(request, *forms)
        return render(request, template, context)
    if not (note or any(form.errors for form in forms)):
        return render(request, template, context)
    _ask_for_files_again(request, forms)
    kept = _keep(request, forms, at, note, changed or {})
    return _came_back(_redirect(request, at, kept) if kept else render(request, template, context, status=status))


def bring_back(request: HttpRequest, *forms: BaseForm) -> str:
    """Fill the forms with what came back, when the address names it; the note it was kept with."""
    kept = _find(request) if request.method in ("GET", "HEAD") else None
    if kept is None:
        _bring_back_unsent(request, forms)
        return ""
    for form in forms:
        if _name(form) in kept.mistakes:
            _fill(form, kept.typed, kept.mistakes[_name(form)])
    return kept.mistakes.get(NOTE, "")


def _keep(
    request: HttpRequest, forms: tuple[BaseForm, ...], at: str, note: str, changed: dict[str, str]
) -> KeptForm | None:
    """None for what is answered in place."""
    if getattr(request, "htmx", False) or "text/html" not in request.headers.get("Accept", ""):
        return None
    typed = {name: values for name, values in request.POST.lists() if name.rpartition("-")[2] not in NOT_KEPT}
    typed |= {name: [value] for name, value in changed.items()}
    mistakes = {_name(form): form.errors.get_json_data() for form in forms}
    if len(json.dumps([typed, mistakes])) > LARGEST:
        return None
    if request.user.is_anonymous and not request.session.session_key and not may_begin(request):
        return None
    address = _path(at or request.path)
    kept = KeptForm.objects.create(page=address, typed=typed, mistakes=mistakes | {NOTE: note}, **_owner(request))
    kept.forget_older()
    return kept


def _ask_for_files_again(request: HttpRequest, forms: tuple[BaseForm, ...]) -> None:
    """Where something else is wrong: the page that comes can't hold the file that was chosen."""
    for form in forms:
        for name in form.fields if form.errors else ():
            file = request.FILES.get(form.add_prefix(name))
            if file and name not in form.errors:
                words = _("Choose %(file)s again: a file isn’t kept while something else is to fix")
                form.add_error(name, words % {"file": line(file.name or "")})


def _bring_back_unsent(request: HttpRequest, forms: tuple[BaseForm, ...]) -> None:
    """What was sent with a file when nobody was signed in: its words, and the question for the file."""
    form = next((each for each in forms if each.is_multipart()), None)
    copy = unsent.for_form(request) if form and request.method in ("GET", "HEAD") else None
    if form is None or copy is None:
        return
    typed: dict[str, list[str]] = {}
    for name, value in copy.fields:
        typed.setdefault(name, []).append(value)
    field = next(name for name, field in form.fields.items() if isinstance(field, FileField))
    words = _("You were signed out before %(file)s arrived. Choose it again.") % {"file": ", ".join(copy.files)}
    _fill(form, typed, {field: [{"message": words, "code": "again"}]})
    form.fields[field].widget.attrs["autofocus"] = True


def _redirect(request: HttpRequest, at: str, kept: KeptForm) -> HttpResponse:
    address, _, query = (at or request.get_full_path()).partition("?")
    values = QueryDict(query, mutable=True)
    values[NAME] = kept.token
    response = HttpResponseRedirect(f"{address}?{values.urlencode()}")
    response.status_code = 303
    return response


def _came_back(response: HttpResponse) -> HttpResponse:
    response.came_back = True  # type: ignore[attr-defined]  # for members.once: nothing was done
    return response


def _find(request: HttpRequest) -> KeptForm | None:
    token = request.GET.get(NAME, "")
    if not token or (request.user.is_anonymous and not request.session.session_key):
        return None
    return KeptForm.objects.readable().filter(pk=token, page=_path(request.path), **_owner(request)).first()


def _path(address: str) -> str:
    return address.partition("?")[0][:500]


def _owner(request: HttpRequest) -> dict[str, Any]:
    if request.user.is_authenticated:
        return {"person": request.user, "session": ""}
    if not request.session.session_key:
        request.session.save()
    return {"person": None, "session": request.session.session_key}


def _name(form: BaseForm) -> str:
    return f"{type(form).__name__} {form.prefix or ''}"


def _fill(form: BaseForm, typed: dict[str, list[str]], mistakes: dict[str, list[dict[str, str]]]) -> None:
    """As it was when it came back. What a form finds out while it looks, like places to choose from, it looks up again."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    form.data, form.is_bound = data, True
    if look_again := getattr(form, "look_again", None):
        look_again()
    form._errors = ErrorDict(renderer=form.renderer)  # type: ignore[attr-defined]  # as full_clean() begins
    form.cleaned_data = getattr(form, "cleaned_data", {})
    for name, errors in mistakes.items():
        if name in form.fields or name == NON_FIELD_ERRORS:
            form.add_error(None if name == NON_FIELD_ERRORS else name, [_error(each) for each in errors])


def _error(kept: dict[str, str]) -> ValidationError:
    return ValidationError(kept["message"], kept["code"])
