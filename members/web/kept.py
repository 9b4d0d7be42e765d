"""A form that came back with errors is a page of its own: reload and Back show it again, with everything that was
typed.

The POST stores what was typed with its errors, and redirects to the form's address with `?typed=<token>`. Codes and
files are never stored: a file is asked for again. Answered in place, with the status that fits, are fragments, what is
too long to keep, visitors on a network that begins too many sessions (members.session_store), and programs (which,
unlike browsers, do not accept text/html by name and have no button).

A preview is such a page too: showing it plays the POST again and rolls it back. When the form of a kept page has
succeeded, the page redirects to where that led.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.forms import BaseForm, FileField
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import KeptForm
from members.models.kept_forms import MOST
from members.session_store import may_begin
from members.text.cleaning import line
from members.web import once, unsent
from members.web.acts import SeeOther, came_from

NAME = "typed"
NOTE = "note"
LOOK, LED_TO = "look", "led to"  # of a page that is a look; and of one whose form has done its work
BEFORE = "before"  # the pages that led to this one: all have done their work when one has
NOT_KEPT = ("code", "enrollment", "credential", "csrfmiddlewaretoken", once.FIELD)
LARGEST = 200_000  # letters
UNREADABLE = 422
CHOOSE_AGAIN = gettext_lazy("Choose %(file)s again: a file isn’t kept while something else is to fix")


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
    """The page of these forms, or after a POST that came back a redirect to it, at `at` or where it was posted.

    A POST came back when a form has errors, or for the reason in `note`, which `bring_back` returns on that page.
    `changed` are fields whose value there differs from what was posted. The title of a page with mistakes says so.
    """
    if request.method in ("GET", "HEAD"):
        bring_back(request, *forms)
    context = context | {"has_errors": context.get("has_errors") or any(form.errors for form in forms)}
    if request.method in ("GET", "HEAD"):
        return render(request, template, context)
    if not (note or any(form.errors for form in forms)):
        return render(request, template, context)
    if is_look(request):
        return render(request, template, context)
    _ask_for_files_again(request, forms)
    mistakes = {_name(form): form.errors.get_json_data() for form in forms} | {NOTE: note}
    kept = _keep(request, at, changed or {}, mistakes)
    return came_back(_redirect(request, at, kept) if kept else render(request, template, context, status=status))


def bring_back(request: HttpRequest, *forms: BaseForm) -> str:
    """Fill the forms with what was kept, if the address names it; the note it was kept with."""
    kept = _find(request) if request.method in ("GET", "HEAD") else None
    if kept is None:
        _bring_back_unsent(request, forms)
        return ""
    for form in forms:
        if _name(form) in kept.mistakes:
            _fill(form, kept.typed, kept.mistakes[_name(form)])
    return kept.mistakes.get(NOTE, "")


# Looks ------------------------------------------------------------------------------------------------


def look(
    request: HttpRequest,
    show: Callable[[], HttpResponse],
    *,
    at: str = "",
    note: str = "",
    without: Collection[str] = (),
) -> HttpResponse:
    """The preview that `show` answers this POST with, as a page of its own; `without` are fields that act, such as
    buttons.

    `show` must give the same page when the POST is played again at `at`, or where it was posted.
    """
    if is_look(request):
        return show()
    kept = _keep(request, at, {}, {LOOK: True, NOTE: note}, without)
    if kept:
        _mend(request, kept)
    return came_back(_redirect(request, at, kept)) if kept else show()


def _mend(request: HttpRequest, look: KeptForm) -> None:
    """The page with mistakes from which somebody came to this look shows their last words from now on, and no mistakes."""
    earlier = getattr(request, "kept_form", None)
    if earlier and LOOK not in earlier.mistakes:
        earlier.typed = look.typed
        earlier.mistakes = {name: {} if isinstance(value, dict) else value for name, value in earlier.mistakes.items()}
        earlier.save(update_fields=["typed", "mistakes"])


def _done(kept: KeptForm, led_to: str) -> None:
    """Forgets what was typed: its page leads on."""
    for each in KeptForm.objects.filter(pk__in=[kept.token, *kept.mistakes.get(BEFORE, [])]):
        each.typed, each.mistakes = {}, each.mistakes | {LED_TO: led_to}
        each.save(update_fields=["typed", "mistakes"])


def is_look(request: HttpRequest) -> bool:
    """Whether this POST is only being played for a preview."""
    return getattr(request, "look", None) is not None


def note_of_look(request: HttpRequest) -> str:
    return request.look.mistakes[NOTE] if is_look(request) else ""  # type: ignore[attr-defined]


def token_of_look(request: HttpRequest) -> str:
    return request.look.token if is_look(request) else ""  # type: ignore[attr-defined]


class KeptPagesMiddleware:
    """Plays the POST of a preview, notes that a kept form has succeeded, and from then on redirects from its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ExitStack() as request.while_looking:  # type: ignore[attr-defined]
            response = self.get_response(request)
        posted = getattr(request, "kept_form", None)
        if posted and response.status_code in (302, 303) and not getattr(response, "came_back", False):
            _done(posted, response["Location"])
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        reads = request.method in ("GET", "HEAD")
        kept = _find_of(request, request.GET.get(NAME, "") or ("" if reads else _token_of(came_from(request))))
        if kept is None:
            return None
        if LED_TO in kept.mistakes and (reads or (LOOK in kept.mistakes and "back" not in request.POST)):
            return SeeOther(kept.mistakes[LED_TO])
        if not reads:
            request.kept_form = kept  # type: ignore[attr-defined]
        elif LOOK in kept.mistakes and kept.page == _path(request.path):
            request.while_looking.enter_context(_played(request, kept))  # type: ignore[attr-defined]
        return None


@contextmanager
def _played(request: HttpRequest, kept: KeptForm) -> Iterator[None]:
    """As if it were posted; whatever that does to the database is undone."""
    method, request.method = request.method, "POST"
    request.POST, request.look = _data(kept.typed), kept  # type: ignore[assignment,attr-defined]
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        request.method = method


# Keeping ----------------------------------------------------------------------------------------------


def _keep(
    request: HttpRequest, at: str, changed: dict[str, str], mistakes: dict[str, Any], without: Collection[str] = ()
) -> KeptForm | None:
    """None for what is answered in place."""
    if getattr(request, "htmx", False) or "text/html" not in request.headers.get("Accept", ""):
        return None
    left = {*NOT_KEPT, *without}
    typed = {name: values for name, values in request.POST.lists() if name.rpartition("-")[2] not in left}
    typed |= {name: [value] for name, value in changed.items()}
    if len(json.dumps([typed, mistakes])) > LARGEST:
        return None
    if request.user.is_anonymous and not request.session.session_key and not may_begin(request):
        return None
    if earlier := getattr(request, "kept_form", None):
        mistakes = mistakes | {BEFORE: [*earlier.mistakes.get(BEFORE, []), earlier.token][-MOST:]}
    address = _path(at or request.path)
    kept = KeptForm.objects.create(page=address, typed=typed, mistakes=mistakes, **_owner(request))
    kept.forget_older()
    return kept


def _ask_for_files_again(request: HttpRequest, forms: tuple[BaseForm, ...]) -> None:
    """Where something else is wrong: the page that comes can't hold the file that was chosen."""
    for form in forms:
        for name in form.fields if form.errors else ():
            file = request.FILES.get(form.add_prefix(name))
            if file and name not in form.errors:
                form.add_error(name, CHOOSE_AGAIN % {"file": line(file.name or "")})


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


def came_back(response: HttpResponse) -> HttpResponse:
    response.came_back = True  # type: ignore[attr-defined]  # for members.web.once: nothing was done
    return response


def _find(request: HttpRequest) -> KeptForm | None:
    kept = _find_of(request, request.GET.get(NAME, ""))
    return kept if kept and kept.page == _path(request.path) else None


def _find_of(request: HttpRequest, token: str) -> KeptForm | None:
    """Once a request: its page looks for it as well."""
    if not token or (request.user.is_anonymous and not request.session.session_key):
        return None
    found = request.__dict__.setdefault("kept_forms", {})
    if token not in found:
        found[token] = KeptForm.objects.readable().filter(pk=token, **_owner(request)).first()
    return found[token]


def _token_of(address: str) -> str:
    return QueryDict(urlsplit(address).query).get(NAME, "") if NAME in address else ""


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
    form.data, form.is_bound = _data(typed), True
    if look_again := getattr(form, "look_again", None):
        look_again()
    form._errors = ErrorDict(renderer=form.renderer)  # type: ignore[attr-defined]  # as full_clean() begins
    form.cleaned_data = getattr(form, "cleaned_data", {})
    for name, errors in mistakes.items():
        if name in form.fields or name == NON_FIELD_ERRORS:
            form.add_error(None if name == NON_FIELD_ERRORS else name, [_error(each) for each in errors])


def _data(typed: dict[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    return data


def _error(kept: dict[str, str]) -> ValidationError:
    return ValidationError(kept["message"], kept["code"])
