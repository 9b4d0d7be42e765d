"""Addresses in what the API says: whole, so that a program asks for them as they are."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from members.web.page_urls import url_of

ADDRESS = {"type": "string", "format": "uri"}
HOST = "host"


def whole(context: Any, name: str, *args: int | str) -> str:
    """With the host that was asked, which is worked out once for all rows of a list; `context` is the serializer’s."""
    if HOST not in context:
        context[HOST] = context["request"].build_absolute_uri("/")[:-1]
    host: str = context[HOST]
    return host + url_of(name, *args)


@extend_schema_field(ADDRESS)
class AddressField(serializers.Field):
    """Where the thing itself is, by the name of the address and the column that it takes."""

    def __init__(self, name: str, column: str, **options: Any) -> None:
        super().__init__(read_only=True, source="*", **options)
        self.name, self.column = name, column

    def to_representation(self, value: Any) -> str:
        return whole(self.context, self.name, getattr(value, self.column))
