"""Series of calls over the API, to read."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from events.calendar.series import recurrence_of
from events.models import MeetingSeries
from events.series import making
from members.api import IsMember
from members.rest.addresses import AddressField
from members.rest.described import StrictQuery
from members.rest.filters import SlugsFilter


@extend_schema_field({"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}$"})
class WallTimeField(serializers.TimeField):
    """A time on the wall. JSON Schema's "time" has an offset, which this one has none of until it has a date."""


class SeriesSerializer(serializers.ModelSerializer):
    """The calls themselves are at `/api/meetings/?series=`. Without `told_at`, or with one that is ahead, it is a draft."""

    url = AddressField("api_series-detail", "key", help_text="Of this series in the API.")
    html_url = AddressField("series_detail", "key", help_text="Its page, for people.")
    committee = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    local_time = WallTimeField(read_only=True, help_text="On the wall, in `timezone`.")
    rule = serializers.SerializerMethodField(
        help_text="RRULE (RFC 5545) from `local_date` and `local_time` in `timezone`."
    )
    skipped = serializers.ListField(
        child=serializers.DateField(), read_only=True, help_text="Dates of the rule on which there is no call (EXDATE)."
    )
    ends_on = serializers.SerializerMethodField(help_text="The last date of the rule.")
    follows = serializers.SlugRelatedField(
        slug_field="key", read_only=True, allow_null=True, help_text="The series that this one goes on from."
    )

    class Meta:
        model = MeetingSeries
        fields = [
            "key",
            "url",
            "html_url",
            "committee",
            "title",
            "summary",
            "local_date",
            "local_time",
            "timezone",
            "duration",
            "rule",
            "skipped",
            "ends_on",
            "follows",
            "uid",
            "sequence",
            "told_at",
            "paused_at",
            "ended_at",
            "updated_at",
        ]

    def get_rule(self, series: MeetingSeries) -> str:
        return recurrence_of(series).text()

    def get_ends_on(self, series: MeetingSeries) -> date:
        return making.dates_of(series)[-1]


class SeriesFilter(filters.FilterSet):
    committee = SlugsFilter(field_name="committee__slug")

    class Meta:
        model = MeetingSeries
        fields: list[str] = []


@extend_schema_view(list=extend_schema(summary="Series of calls"), retrieve=extend_schema(summary="A series of calls"))
class SeriesViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Series of calls of your committees."""

    queryset = MeetingSeries.objects.none()
    serializer_class = SeriesSerializer
    permission_classes = [IsMember]
    filterset_class = SeriesFilter
    lookup_field = "key"

    def get_queryset(self) -> QuerySet[Any]:
        rows = MeetingSeries.objects.visible_to(self.request.user).select_related("committee", "follows")
        return rows.order_by("local_date", "pk")
