"""Calls, their agenda and my answer over the API. The verb behind an answer is the one of the pages."""

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from committees.models import Document
from events.answers.answering import respond
from events.models import AgendaItem, Meeting, Rsvp
from members.api import IsMember
from members.fields import WordsOfJson
from members.rest.described import Closed, ProblemSerializer, StrictQuery
from members.rest.filters import BooleanFilter, MomentFilter
from members.rest.problems import MEDIA_TYPE, Conflict


class MeetingSerializer(serializers.ModelSerializer):
    """Without `told_at`, or with one that is ahead, it is a draft: only co-chairs and staff get those.

    Of a public call, those whom its page tells no more get null for `dial_in`, `uid`, `sequence`, `cancel_reason` and `going`.
    """

    INSIDE = ("dial_in", "uid", "sequence", "cancel_reason", "going")

    committee = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    going = serializers.IntegerField(allow_null=True, help_text="How many said going.")
    my_response = serializers.ChoiceField(
        Rsvp.Response.choices, allow_null=True, help_text="Null: no answer to the time that holds now."
    )
    my_version = serializers.IntegerField(help_text="Name it as `version` when you answer.")

    class Meta:
        model = Meeting
        fields = [
            "slug",
            "title",
            "committee",
            "summary",
            "starts_at",
            "ends_at",
            "timezone",
            "duration",
            "dial_in",
            "uid",
            "sequence",
            "told_at",
            "cancelled_at",
            "cancel_reason",
            "going",
            "my_response",
            "my_version",
        ]
        extra_kwargs = {name: {"allow_null": True} for name in ("dial_in", "uid", "sequence", "cancel_reason")}

    def to_representation(self, meeting: Meeting) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(meeting)
        if not self.context["request"].user.has_perm("events.see_answers", meeting):
            told |= dict.fromkeys(self.INSIDE)
        return told


class MeetingFilter(filters.FilterSet):
    committee = filters.CharFilter(field_name="committee__slug", help_text="The slug of a committee.")
    starts_after = MomentFilter(field_name="starts_at", lookup_expr="gte", help_text="At this moment or later.")
    starts_before = MomentFilter(field_name="starts_at", lookup_expr="lt", help_text="Before this moment.")
    upcoming = BooleanFilter(method="only_upcoming", help_text="True: not over yet. False: over.")
    cancelled = BooleanFilter(
        field_name="cancelled_at", lookup_expr="isnull", exclude=True, help_text="True: canceled. False: not."
    )

    class Meta:
        model = Meeting
        fields: list[str] = []

    def only_upcoming(self, queryset: QuerySet[Meeting], name: str, value: bool) -> QuerySet[Meeting]:
        return queryset.upcoming() if value else queryset.past()


class AgendaItemSerializer(serializers.ModelSerializer):
    starts_at = serializers.DateTimeField(
        allow_null=True, help_text="Null behind an item whose minutes nobody has said."
    )
    presenter = serializers.CharField(source="presenter.name", default=None, allow_null=True, read_only=True)
    papers = serializers.SerializerMethodField()

    class Meta:
        model = AgendaItem
        fields = ["position", "starts_at", "minutes", "title", "kind", "presenter", "description", "papers"]

    def get_papers(self, item: AgendaItem) -> list[int]:
        return [paper.pk for paper in item.papers.all()]


class RsvpSerializer(serializers.ModelSerializer):
    class Meta:
        model = Rsvp
        fields = ["response", "note", "version", "answered_at"]
        extra_kwargs = {
            "version": {"help_text": "Name it when you answer; 0 before the first answer."},
            "answered_at": {"read_only": True, "allow_null": True, "help_text": "Null before the first answer."},
        }


ANSWERS = [choice for choice in Rsvp.Response.choices if choice[0] != Rsvp.Response.NEEDS_ACTION]


class AnswerSerializer(Closed, serializers.Serializer):
    """`version` is the version you saw; `page` and `click` (from 1) order several answers given in one view."""

    response = serializers.ChoiceField(ANSWERS)
    version = serializers.IntegerField(min_value=0, max_value=2_000_000_000)
    note = WordsOfJson(required=False, max_length=300, allow_blank=True)
    page = serializers.CharField(required=False, max_length=36, allow_blank=True, default="")
    click = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000, default=0)


class AnswerRefusedSerializer(ProblemSerializer):
    """Problem details (RFC 9457)."""

    answer = RsvpSerializer(required=False, help_text="With `newer`: the answer that stands.")


@extend_schema_view(list=extend_schema(summary="Calls"), retrieve=extend_schema(summary="A call"))
class MeetingViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Calls you may see, soonest first."""

    queryset = Meeting.objects.none()
    serializer_class = MeetingSerializer
    permission_classes = [IsMember]
    filterset_class = MeetingFilter
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Meeting]:
        calls = Meeting.objects.for_listing(self.request.user).with_role_of(self.request.user)
        return calls.order_by("starts_at", "pk")

    @extend_schema(summary="The agenda of a call", responses=AgendaItemSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def agenda(self, request: Request, slug: str) -> Response:
        """The agenda in order, each item with the moment it begins. `papers` are document ids you may read.

        403 for those who may see that there is a call, and no more.
        """
        meeting = self.get_object()
        if not request.user.has_perm("events.see_answers", meeting):
            raise PermissionDenied
        papers = Prefetch("papers", Document.objects.visible_to(request.user).order_by("pk"))
        rows = meeting.agenda_items.prefetch_related(papers).running(meeting)
        for row in rows:
            row.item.starts_at = row.starts_at
        return Response(AgendaItemSerializer([row.item for row in rows], many=True).data)

    @extend_schema(summary="Your answer", responses=RsvpSerializer)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def rsvp(self, request: Request, slug: str) -> Response:
        """As it stands; it holds for the time that holds now."""
        meeting = self.get_object()
        rsvp = Rsvp.objects.filter(meeting=meeting, user=request.user).first()
        if rsvp and rsvp.edition != meeting.edition:
            rsvp.response = Rsvp.Response.NEEDS_ACTION
        return Response(RsvpSerializer(rsvp or Rsvp(version=0, answered_at=None)).data)

    @extend_schema(
        summary="Answer a call",
        request=AnswerSerializer,
        responses={200: RsvpSerializer, (409, MEDIA_TYPE): AnswerRefusedSerializer},
    )
    @rsvp.mapping.put
    def answer(self, request: Request, slug: str) -> Response:
        """Answer for yourself.

        409 when the call is canceled, over or a draft (`code`: cancelled, over, draft), and when a newer answer has been
        given since the version you name (`newer`, with the standing answer in `answer`).
        """
        meeting = self.get_object()
        if not request.user.has_perm("events.respond_to_meeting", meeting):
            raise PermissionDenied
        answer = AnswerSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        given: dict[str, Any] = answer.validated_data
        try:
            answered = respond(
                meeting,
                request.user,
                given["response"],
                seen=given["version"],
                page=given["page"],
                click=given["click"],
                note=given.get("note"),
                source=Rsvp.Source.API,
            )
        except ModelError as error:
            raise Conflict(str(error.message), error.code) from error
        standing = RsvpSerializer(answered.rsvp).data
        if not answered.applied:
            raise Conflict(_("A newer answer has been given since the version you name."), "newer", answer=standing)
        return Response(standing)
