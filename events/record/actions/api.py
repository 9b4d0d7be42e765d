"""Actions over the API: read, and said to be done."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action as extra_action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from events.models import ActionItem
from events.models.actions import ActionItemQuerySet
from events.record.decisions.api import ZONE
from members.api import IsMember
from members.rest.addresses import ADDRESS, AddressField, whole
from members.rest.described import StrictQuery
from members.rest.filters import BooleanFilter, MomentFilter, SlugsFilter
from members.rest.problems import Conflict


class ActionSerializer(serializers.ModelSerializer):
    url = AddressField("api_action-detail", "pk", help_text="Of this action in the API.")
    html_url = serializers.SerializerMethodField(help_text="Its page, for people.")
    committee = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    meeting = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    owner = serializers.CharField(
        source="owner_in_words", read_only=True, help_text="Their name; empty while nobody took it on."
    )
    owner_id = serializers.IntegerField(
        allow_null=True, read_only=True, help_text="Of the person, as in people; null for somebody without an account."
    )
    due_on = serializers.DateField(allow_null=True, help_text="The day until whose end it is due.")
    done_at = serializers.DateTimeField(default_timezone=ZONE, allow_null=True, help_text="Null while it is open.")
    updated_at = serializers.DateTimeField(default_timezone=ZONE)

    class Meta:
        model = ActionItem
        fields = [
            "id",
            "url",
            "html_url",
            "committee",
            "meeting",
            "text",
            "owner",
            "owner_id",
            "due_on",
            "done_at",
            "updated_at",
        ]

    @extend_schema_field(ADDRESS)
    def get_html_url(self, action: ActionItem) -> str:
        return whole(self.context, "action_detail", action.committee.slug, action.pk)


class ActionApiFilter(filters.FilterSet):
    committee = SlugsFilter(field_name="committee__slug")
    mine = BooleanFilter(method="only_mine", help_text="True: those you own. False: the others.")
    done = BooleanFilter(method="only_done", help_text="True: done. False: open.")
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lt", help_text="Due before this day.")
    updated_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", help_text="Changed at this moment or later."
    )

    class Meta:
        model = ActionItem
        fields: list[str] = []

    def only_mine(self, queryset: ActionItemQuerySet, name: str, value: bool) -> QuerySet[ActionItem]:
        mine = ActionItem.objects.owned_by(self.request.user).values("pk")
        return queryset.filter(pk__in=mine) if value else queryset.exclude(pk__in=mine)

    def only_done(self, queryset: ActionItemQuerySet, name: str, value: bool) -> QuerySet[ActionItem]:
        return queryset.done() if value else queryset.open()


@extend_schema_view(list=extend_schema(summary="Actions"), retrieve=extend_schema(summary="An action"))
class ActionViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Who does what by when in your committees, as it was written down. What was taken off the list is not here."""

    queryset = ActionItem.objects.none()
    serializer_class = ActionSerializer
    permission_classes = [IsMember]
    filterset_class = ActionApiFilter

    def get_queryset(self) -> QuerySet[Any]:
        return ActionItem.objects.for_listing(self.request.user).order_by("pk")

    @extend_schema(summary="Whether an action is done", responses=ActionSerializer, filters=False)
    @extra_action(detail=True, pagination_class=None, filterset_class=None)
    def done(self, request: Request, pk: str) -> Response:
        """As it stands: `done_at` says it."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(summary="Say that an action is done", request=None, responses=ActionSerializer)
    @done.mapping.put
    def is_done(self, request: Request, pk: str) -> Response:
        """For its owner and for those who keep the list. Again it changes nothing. 409 when it was taken off the list."""
        return self._mark(request, done=True)

    @extend_schema(summary="Say that an action is not done yet", request=None, responses={200: ActionSerializer})
    @done.mapping.delete
    def not_done(self, request: Request, pk: str) -> Response:
        """As Undo does. Again it changes nothing."""
        return self._mark(request, done=False)

    def _mark(self, request: Request, *, done: bool) -> Response:
        action = self.get_object()
        if not request.user.has_perm("events.finish_action", action):
            raise PermissionDenied
        (action.finish if done else action.reopen)(request.user)
        if action.is_dropped:
            raise Conflict(_("It was taken off the list, so nothing is to be done."), "dropped")
        return Response(self.get_serializer(action).data)
