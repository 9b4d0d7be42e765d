"""Decisions over the API."""

from datetime import UTC, tzinfo
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from events.models import Decision
from events.models.decisions import DecisionQuerySet
from members.api import IsMember
from members.rest.addresses import ADDRESS, AddressField, whole
from members.rest.described import StrictQuery
from members.rest.filters import BooleanFilter, MomentFilter, SlugsFilter, YearFilter

ZONE: tzinfo = UTC


class DecisionSerializer(serializers.ModelSerializer):
    url = AddressField("api_decision-detail", "pk", help_text="Of this decision in the API.")
    html_url = serializers.SerializerMethodField(help_text="Its permanent page, for people.")
    number = serializers.CharField(source="reference", help_text="As people say it, such as D-2027-03.")
    committee = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    meeting = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    mover = serializers.CharField(source="mover.name", default=None, allow_null=True, read_only=True)
    seconder = serializers.CharField(source="seconder.name", default=None, allow_null=True, read_only=True)
    supersedes = serializers.SerializerMethodField(help_text="The number of the earlier decision; null without.")
    superseded_by = serializers.SerializerMethodField(
        help_text="The number of the later decision that holds instead; null while this one is in force."
    )
    decided_at = serializers.DateTimeField(default_timezone=ZONE, help_text="In UTC.")
    updated_at = serializers.DateTimeField(default_timezone=ZONE)

    class Meta:
        model = Decision
        fields = [
            "id",
            "url",
            "html_url",
            "number",
            "committee",
            "meeting",
            "motion",
            "mover",
            "seconder",
            "method",
            "ayes",
            "noes",
            "abstentions",
            "outcome",
            "eligible",
            "here",
            "needed",
            "decided_at",
            "supersedes",
            "superseded_by",
            "updated_at",
        ]
        extra_kwargs = {name: {"allow_null": True} for name in ("eligible", "here", "needed")}

    @extend_schema_field(ADDRESS)
    def get_html_url(self, decision: Decision) -> str:
        return whole(self.context, "decision_detail", decision.committee.slug, decision.reference)

    def get_supersedes(self, decision: Decision) -> str | None:
        return decision.supersedes.reference if decision.supersedes else None

    def get_superseded_by(self, decision: Decision) -> str | None:
        return decision.successor or None


class DecisionApiFilter(filters.FilterSet):
    committee = SlugsFilter(field_name="committee__slug")
    year = YearFilter(help_text="Of its number.")
    outcome = filters.ChoiceFilter(choices=Decision.Outcome.choices)
    in_force = BooleanFilter(method="that_holds", help_text="True: adopted, and not superseded. False: the others.")
    updated_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", help_text="Recorded or corrected at this moment or later."
    )

    class Meta:
        model = Decision
        fields: list[str] = []

    def that_holds(self, queryset: DecisionQuerySet, name: str, value: bool) -> QuerySet[Decision]:
        standing = Decision.objects.standing().values("pk")
        return queryset.filter(pk__in=standing) if value else queryset.exclude(pk__in=standing)


@extend_schema_view(list=extend_schema(summary="Decisions"), retrieve=extend_schema(summary="A decision"))
class DecisionViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """What your committees decided, the newest numbers first."""

    queryset = Decision.objects.none()
    serializer_class = DecisionSerializer
    permission_classes = [IsMember]
    filterset_class = DecisionApiFilter

    def get_queryset(self) -> QuerySet[Any]:
        return Decision.objects.for_listing(self.request.user).select_related("mover", "seconder", "supersedes")
