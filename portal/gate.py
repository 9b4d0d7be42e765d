"""One gate in front: what no column, cookie or header of ours can hold is answered with 400, before anything is looked up.

PostgreSQL's text holds neither a null character nor half of a surrogate pair, so either would end as a 500 deep inside.
Nor does a request choose how its bytes are read: they are UTF-8. Python knows codecs that break, and one (punycode) that needs
minutes for two megabytes of a form, in C, where nothing else of the process runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser
from django.http.request import UnreadablePostError
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from django.views.defaults import bad_request

from members.rest import problems

GetResponse = Callable[[HttpRequest], HttpResponse]
UTF_8 = {"utf-8", "utf8", "us-ascii", "ascii"}
FORM = "application/x-www-form-urlencoded"  # has no charset; some programs that unsubscribe name one all the same
LONGEST_KIND = 500  # characters of a Content-Type; a boundary has 70 at most
RAW = "/webhooks/"  # mail as it came, null bytes and all: it's stored as bytes, and refusing it would lose it


class Poison(SuspiciousOperation):
    """Something in the request that we could never store or find."""


class Request(WSGIRequest):
    """Never reads by the codec that it names. With a Content-Type that can't be read it has none (a parameter may name a codec, too)."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            if len(meta.get("CONTENT_TYPE", "")) > LONGEST_KIND:
                raise ValueError
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            meta["CONTENT_TYPE"] = ""
            self.content_type, self.content_params = "", {}


class Handler(WSGIHandler):
    request_class = Request


class GateMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (request.content_params or {}).get("charset", "utf-8").lower() not in UTF_8:
            request.encoding = "utf-8"
            if request.content_type != FORM and not request.path.startswith(RAW):
                return refuse(request, _("Send text in UTF-8."))
        if _is_poisoned(_head(request)):
            return refuse(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """The body, once we know that the address exists; before CSRF and sign-in are looked at."""
        if request.path.startswith(RAW):
            return None
        try:
            return refuse(request) if _is_poisoned(_body(request)) else None
        except (Poison, RecursionError):
            return refuse(request)
        except UnreadablePostError:  # they hung up
            return None


def refuse(request: HttpRequest, detail: str = "") -> HttpResponse:
    """Problem details for programs (RFC 9457), the page of a bad request for people."""
    if not problems.is_for_program(request):
        return bad_request(request, Poison())
    detail = detail or _("The request holds a character that can’t be stored, such as a null byte.")
    return problems.respond_with(400, detail)


def _head(request: HttpRequest) -> Iterator[str]:
    yield request.path
    yield unquote_plus(request.META.get("QUERY_STRING", ""))
    yield from request.COOKIES.values()
    yield from (value for name, value in request.META.items() if name.startswith(("HTTP_", "CONTENT_")))


def _body(request: HttpRequest) -> Iterator[str]:
    if request.content_type == "application/json":
        yield from _strings(_json(request.body))
    elif request.method == "POST":
        request.parse_file_upload = partial(_parse_file_upload, request)  # type: ignore[method-assign]
        yield from _words(request.POST)
        yield from request.FILES


def _words(given: QueryDict | MultiValueDict) -> Iterator[str]:
    for name, values in given.lists():
        yield name
        yield from values


def _json(body: bytes) -> Any:
    """None for what is no JSON: the view says so."""
    if b"\0" in body:
        raise Poison
    try:
        return json.loads(body)
    except ValueError:
        return None


def _strings(value: Any) -> Iterator[str]:
    """All strings in a value of JSON, names included."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]


def _is_poisoned(words: Iterator[str]) -> bool:
    return any("\0" in word or _is_torn(word) for word in words if isinstance(word, str))


def _is_torn(word: str) -> bool:
    """Half of a surrogate pair, as JSON can write it."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return True
    return False


def _parse_file_upload(request: HttpRequest, META: Any, post_data: Any) -> tuple[QueryDict, MultiValueDict]:  # noqa: N803
    """As HttpRequest has it, with a parser that looks at file names before it cleans them."""
    return FileNames(META, post_data, request.upload_handlers, request.encoding).parse()


class FileNames(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        if "\0" in file_name:
            raise Poison
        return super().sanitize_file_name(file_name)
