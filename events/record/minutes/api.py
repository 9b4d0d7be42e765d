"""Minutes over the API, to read: those that one may read on their page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from committees.models import Committee
from events.models import Minutes
from events.models.joint import of_committees
from events.record.minutes import writing
from events.record.minutes.drafting import Document
from members.api import IsMember
from members.rest.addresses import AddressField
from members.rest.described import StrictQuery
from members.rest.filters import SlugsFilter


class SectionSerializer(serializers.Serializer):
    heading = serializers.CharField()
    parts = serializers.ListField(
        child=serializers.DictField(),
        help_text="In order: `text` (Markdown), or `fact`, a decision or an action in words.",
    )


class MinutesSerializer(serializers.ModelSerializer):
    slug = serializers.SlugField(source="meeting.slug", read_only=True, help_text="Of the call.")
    url = AddressField("api_minutes-detail", "slug", help_text="Of these minutes in the API.")
    committee = serializers.CharField(source="meeting.committee.slug")
    title = serializers.CharField(source="meeting.title")
    html_url = AddressField("meeting_minutes", "slug", help_text="Their page, for people.")
    stage = serializers.ChoiceField(Minutes.Stage.choices)
    readers = serializers.ChoiceField(Minutes.Audience.choices, source="audience", help_text="Once they are approved.")

    class Meta:
        model = Minutes
        fields = [
            "slug",
            "url",
            "committee",
            "title",
            "html_url",
            "stage",
            "comments_until",
            "readers",
            "approved_at",
            "amended_at",
        ]


class WholeMinutesSerializer(MinutesSerializer):
    heading = serializers.SerializerMethodField()
    sections = serializers.SerializerMethodField()

    class Meta(MinutesSerializer.Meta):
        fields = [*MinutesSerializer.Meta.fields, "heading", "sections"]

    @extend_schema_field(serializers.CharField())
    def get_heading(self, minutes: Minutes) -> str:
        return self._document(minutes).heading.line

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, minutes: Minutes) -> list[dict[str, Any]]:
        document = self._document(minutes)
        return [
            {
                "heading": section.heading,
                "parts": [
                    {"fact": document.facts[part.fact].in_words} if part.fact else {"text": part.text}
                    for part in section.parts
                    if part.fact or part.text
                ],
            }
            for section in document.numbered
        ]

    def _document(self, minutes: Minutes) -> Document:
        if not hasattr(self, "_found"):
            self._found = writing.current(minutes.meeting, minutes)
        return self._found


class MinutesFilter(filters.FilterSet):
    committee = SlugsFilter(field_name="meeting__committee__slug", method="of_committees")

    class Meta:
        model = Minutes
        fields: list[str] = []

    def of_committees(self, minutes: QuerySet[Minutes], name: str, slugs: list[str]) -> QuerySet[Minutes]:
        """Of calls that they host or share. A committee that the reader may not know of has none."""
        if not slugs:
            return minutes
        known = Committee.objects.visible_to(self.request.user).filter(slug__in=slugs)
        return minutes.filter(of_committees(known.values("pk"), "meeting"))


@extend_schema_view(list=extend_schema(summary="Minutes"), retrieve=extend_schema(summary="The minutes of a call"))
class MinutesViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Minutes you may read: those of your committees once they are out, and approved ones for all members."""

    queryset = Minutes.objects.none()
    serializer_class = MinutesSerializer
    permission_classes = [IsMember]
    filterset_class = MinutesFilter
    lookup_field = "meeting__slug"
    lookup_url_kwarg = "slug"

    def get_serializer_class(self) -> type[MinutesSerializer]:
        return WholeMinutesSerializer if self.action == "retrieve" else MinutesSerializer

    def get_queryset(self) -> QuerySet[Minutes]:
        found = Minutes.objects.visible_to(self.request.user).for_listing()
        return found.order_by("-meeting__starts_at", "-pk")
