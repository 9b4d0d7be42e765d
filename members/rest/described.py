"""What the API says of itself (OpenAPI), and so what it takes: a view accepts the parameters that its description lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from members.rest.problems import MEDIA_TYPE

_one_at_a_time = Lock()  # the generator puts its own things on the views while it looks at them


class ProblemErrorSerializer(serializers.Serializer):
    name = serializers.CharField(
        allow_null=True, help_text="The parameter or the field that was sent; null for the body as a whole."
    )
    code = serializers.CharField(help_text="A word for programs, such as `unknown`, `required` or `max_value`.")
    detail = serializers.CharField(help_text="A sentence for a person.")


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="`about:blank`: `title` and `code` say it all.")
    title = serializers.CharField(help_text="The name of the status.")
    status = serializers.IntegerField(help_text="The status of the response.")
    detail = serializers.CharField(help_text="A sentence for a person.")
    code = serializers.CharField(help_text="A word for programs, such as `not_found` or `invalid`.")
    errors = ProblemErrorSerializer(  # type: ignore[assignment]
        many=True, required=False, help_text="With `invalid`: what of the request was wrong, by its name."
    )


class Described(AutoSchema):
    """Adds to each operation the problems that can happen to it."""

    def _problems(self) -> Iterator[tuple[int, str]]:
        yield 400, "The request can’t be read, or `errors` names what of it is wrong."
        if {} not in self.get_auth():
            yield 401, "No token, or one that holds no more."
        yield 403, "Not for you."
        if "{" in self.path:
            yield 404, "Nothing is here, or nothing that you may see."
        yield 406, "The API speaks JSON alone."
        if self.method not in ("GET", "DELETE"):
            yield 413, "The body is larger than this address takes."
            yield 415, "The body isn’t JSON."
        if self.method != "GET":
            yield 410, "It was taken away while this request was at work. Nothing was done."
        yield 429, "Too many requests; `Retry-After` says how many seconds to wait."
        yield 500, "The fault is ours, and we have been told."

    def get_override_parameters(self) -> list[Any]:
        return [
            *super().get_override_parameters(),
            OpenApiParameter("WWW-Authenticate", str, "header", True, "How to sign in.", response=[401]),
            OpenApiParameter("Retry-After", int, "header", True, "Seconds.", response=[429]),
        ]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, Closed):
            return schema | {"additionalProperties": False}
        if isinstance(serializer, ProblemSerializer) or direction != "response":
            return schema
        return schema | {
            "required": sorted(schema["properties"])
        }  # whatever may be empty is null or "", and never left out

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, description in self._problems():
            if str(status) not in bodies:
                told = OpenApiResponse(ProblemSerializer, description)
                bodies[str(status)] = self._get_response_for_code(told, str(status), [MEDIA_TYPE], direction)
        return dict(sorted(bodies.items()))


@cache
def description() -> dict[str, Any]:
    """The same for everybody, and for as long as this process runs."""
    with _one_at_a_time:
        whole: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return whole


@cache
def _queries() -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    """By address and method: each parameter of a query and the schema of its values."""
    return {
        (_unnamed(path), method): {
            each["name"]: each["schema"] for each in operation.get("parameters", ()) if each["in"] == "query"
        }
        for path, operations in description()["paths"].items()
        for method, operation in operations.items()
    }


@cache
def _path(route: str) -> str:
    return _unnamed(EndpointEnumerator().get_path_from_regex(route))


def _unnamed(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


class StrictQuery(APIView):
    """Takes the parameters that are described and no other; every view of the API has it."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        assert request.resolver_match
        known = _queries().get(
            (_path(request.resolver_match.route), "get" if request.method == "HEAD" else str(request.method).lower())
        )
        if known is not None and (errors := dict(_errors(request, known))):
            raise ValidationError(errors)


class Closed(serializers.Serializer):
    """Takes the fields it names and no other: what is misspelled is said, and not left aside. Nor is 1 taken for "1"."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (wrong := dict(self._wrong(data))):
            raise ValidationError(wrong)
        return super().to_internal_value(data)

    def _wrong(self, data: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
        for name, value in data.items():
            if name not in self.fields:
                names = ", ".join(self.fields)
                detail = _("There is no such field here. Known: %(names)s.") % {"names": names}
                yield name, [ErrorDetail(detail, "unknown")]
            elif value is not None and not _is_kind_of(self.fields[name], value):
                yield name, [ErrorDetail(_("This is of another kind than its description says."), "wrong_type")]


def _is_kind_of(field: serializers.Field, value: Any) -> bool:
    if isinstance(field, serializers.CharField | serializers.ChoiceField):
        return isinstance(value, str)
    if isinstance(field, serializers.BooleanField):
        return isinstance(value, bool)
    if isinstance(field, serializers.IntegerField):
        return not isinstance(value, bool) and (
            isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        )
    return True


def _errors(request: Request, known: dict[str, dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    for name, values in request.query_params.lists():
        if name not in known:
            names = ", ".join(known) or _("none")
            detail = _("There is no such parameter here. Known: %(names)s.") % {"names": names}
            yield name, [ErrorDetail(detail, "unknown")]
        elif len(values) > 1 and known[name]["type"] != "array":
            yield name, [ErrorDetail(_("Give it once."), "repeated")]
        elif "" in values and (known[name]["type"] != "string" or known[name].keys() & {"enum", "format"}):
            yield name, [ErrorDetail(_("Give a value, or leave it out."), "blank")]
