"""A form that came back with mistakes is a page of its own: reload and Back show it again, with all that was typed.

The post stores what was typed and what is wrong with it, and leads to the form's address with `?mistakes=<token>`.
Codes and files are never stored. What is too long to keep, and a fragment, are answered in place.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode

from members import once
from members.models import KeptForm

NAME = "mistakes"
SECRET = ("code", "credential", "csrfmiddlewaretoken", once.FIELD)
LARGEST = 200_000  # letters
UNREADABLE = 422


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *forms: BaseForm,
    at: str = "",
    status: int = UNREADABLE,
) -> HttpResponse:
    """The page of these forms. After a post with mistakes it is the address of it: `at`, or the one posted to."""
    if request.method in ("GET", "HEAD"):
        bring_back(request, *forms)
        return render(request, template, context)
    if not any(form.errors for form in forms):
        return render(request, template, context)
    return _elsewhere(request, forms, at) or _came_back(render(request, template, context, status=status))


def bring_back(request: HttpRequest, *forms: BaseForm) -> bool:
    """Fill the forms with what came back, when the address names it; whether it did."""
    kept = _find(request)
    found = [form for form in forms if kept and _name(form) in kept.mistakes]
    for form in found:
        _fill(form, kept.typed, kept.mistakes[_name(form)])
    return bool(found)


def _elsewhere(request: HttpRequest, forms: tuple[BaseForm, ...], at: str) -> HttpResponse | None:
    """The redirect; None for what is answered in place."""
    if getattr(request, "htmx", False):
        return None
    typed = {name: values for name, values in request.POST.lists() if name.rpartition("-")[2] not in SECRET}
    mistakes = {_name(form): form.errors.get_json_data() for form in forms if form.errors}
    if len(json.dumps([typed, mistakes])) > LARGEST:
        return None
    address, _, query = (at or request.get_full_path()).partition("?")
    kept = KeptForm.objects.create(page=address[:500], typed=typed, mistakes=mistakes, **_owner(request))
    kept.forget_older()
    values = QueryDict(query, mutable=True)
    values[NAME] = kept.token
    response = HttpResponseRedirect(f"{address}?{urlencode(values, doseq=True)}")
    response.status_code = 303
    return _came_back(response)


def _came_back(response: HttpResponse) -> HttpResponse:
    response.came_back = True  # type: ignore[attr-defined]  # for members.once: nothing was done
    return response


def _find(request: HttpRequest) -> KeptForm | None:
    token = request.GET.get(NAME, "")
    if not token or (request.user.is_anonymous and not request.session.session_key):
        return None
    return KeptForm.objects.readable().filter(pk=token, page=request.path[:500], **_owner(request)).first()


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
    form._errors, form.cleaned_data = ErrorDict(renderer=form.renderer), getattr(form, "cleaned_data", {})
    for name, errors in mistakes.items():
        if name in form.fields or name == NON_FIELD_ERRORS:
            form.add_error(name, [ValidationError(each["message"], each["code"]) for each in errors])
