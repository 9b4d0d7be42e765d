"""Pagination of the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from members.queries.paging import PAGE, how_many

FARTHEST = 1_000_000_000  # rows that anybody may skip


class Pages(LimitOffsetPagination):
    """Fifty rows, up to a hundred on request, with the page and the count in one query."""

    default_limit, max_limit = PAGE, 100

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        self.limit = _number(request, "limit", self.default_limit, 1, self.max_limit)
        self.offset = _number(request, "offset", 0, 0, FARTHEST)
        rows = list(queryset.annotate(among=how_many(queryset))[self.offset : self.offset + self.limit])
        self.count = rows[0].among if rows else queryset.count() if self.offset else 0
        return rows

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": self.max_limit, "default": self.default_limit}
        offset = {"type": "integer", "minimum": 0, "maximum": FARTHEST, "default": 0}
        return [
            {"name": "limit", "in": "query", "description": "How many rows at most.", "schema": limit},
            {"name": "offset", "in": "query", "description": "How many rows to leave out before.", "schema": offset},
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "How many there are on all pages."},
                "next": address | {"description": "The page behind this one; null on the last."},
                "previous": address | {"description": "The page before this one; null on the first."},
                "results": schema,
            },
        }


def _number(request: Request, name: str, usual: int, least: int, most: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return usual
    if given.isascii() and given.isdecimal() and len(given) <= len(str(most)) and least <= int(given) <= most:
        return int(given)
    detail = _("Give a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    raise ValidationError({name: ErrorDetail(detail, "out_of_range")})
