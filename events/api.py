"""Calls, their agenda, my answer and my calendar over the API. The verb behind an answer is the one of the pages."""

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.db.models import Case, OuterRef, Prefetch, QuerySet, Subquery, When
from django.db.models.functions import Greatest
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from committees.models import Committee, Document
from events.answers.answering import respond, respond_to_all
from events.calendar import feeds
from events.calendar.files import calendar_file
from events.models import AgendaItem, AgendaPublication, Attendance, Meeting, MeetingSeries, Rsvp
from events.models.agendas import running
from events.models.joint import of_committees
from events.models.meetings import MeetingQuerySet, Stage
from events.record.attendance import roster, seen_by, shown
from members.api import IsMember
from members.fields import WordsOfJson
from members.models import User
from members.rest.addresses import ADDRESS, AddressField, whole
from members.rest.described import Closed, ProblemSerializer, StrictQuery
from members.rest.files import WhateverIsAsked
from members.rest.filters import BooleanFilter, MomentFilter, SlugsFilter
from members.rest.problems import MEDIA_TYPE, Conflict
from members.times import clock


class InZone(serializers.DateTimeField):
    """A moment with its offset: in this zone, in the one that this column names, or (None) in the reader’s."""

    def __init__(self, zone: tzinfo | str | None, **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self.zone = zone

    def get_attribute(self, instance: Any) -> Any:
        moment: Any = super().get_attribute(instance)
        return moment.astimezone(ZoneInfo(getattr(instance, self.zone))) if isinstance(self.zone, str) else moment

    def to_representation(self, value: datetime) -> str:
        zone = self.zone or self.context["request"].user.zone
        return (value if isinstance(zone, str) else value.astimezone(zone)).isoformat().replace("+00:00", "Z")


class MeetingSerializer(serializers.ModelSerializer):
    """Without `told_at`, or with one that is ahead, it is a draft: only co-chairs and staff get those.

    Of a public call, those whom its page tells no more get null for `dial_in`, `uid`, `sequence`, `cancel_reason`, `going`, `seats`, `series`, `original_start` and `shared_with`;
    who is on the wait list gets null for `dial_in`.
    """

    INSIDE = (
        "dial_in",
        "uid",
        "sequence",
        "cancel_reason",
        "going",
        "seats",
        "series",
        "original_start",
        "shared_with",
    )

    url = AddressField("api_meeting-detail", "slug", help_text="Of this call in the API.")
    html_url = AddressField("meeting_detail", "slug", help_text="Its page, for people.")
    join_url = serializers.SerializerMethodField(
        help_text="The page that leads on to the video room, from 15 minutes before the call; opened in a browser, signed in. "
        "Null for those who may not join, of a canceled call, and where there is no video."
    )
    ics_url = serializers.SerializerMethodField(
        help_text="The call as a calendar file, with the same token; null for those who see no more than that there is a call."
    )
    committee = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    shared_with = serializers.ListField(
        child=serializers.SlugField(),
        allow_null=True,
        help_text="Further committees that take part; `committee` hosts the call.",
    )
    series = serializers.SlugRelatedField(
        slug_field="key", read_only=True, allow_null=True, help_text="Of a call that repeats: the key of its series."
    )
    original_start = InZone(
        UTC, allow_null=True, help_text="When the rule of its series has it (RECURRENCE-ID), however it was moved."
    )
    starts_at = InZone(UTC, help_text="In UTC.")
    ends_at = InZone(UTC)
    local_starts_at = InZone("timezone", source="starts_at", help_text="The same moment in `timezone`, the call’s own.")
    local_ends_at = InZone("timezone", source="ends_at")
    my_starts_at = InZone(
        None, source="starts_at", help_text="The same moment in your time zone, as your settings have it."
    )
    my_ends_at = InZone(None, source="ends_at")
    updated_at = InZone(
        UTC,
        source="changed_at",
        help_text="When it, its agenda or a paper on that last changed, or its committee came to know of it.",
    )
    stage = serializers.ChoiceField(
        Stage.choices,
        help_text="What the committee knows: nothing of a draft, the time alone, or the agenda too, once it is published.",
    )
    going = serializers.IntegerField(allow_null=True, help_text="How many said going.")
    seats = serializers.IntegerField(
        allow_null=True, help_text="At most so many may go; who says going then is on the wait list. Null: no limit."
    )
    my_response = serializers.ChoiceField(
        Rsvp.Response.choices, allow_null=True, help_text="Null: no answer to the time that holds now."
    )
    my_version = serializers.IntegerField(help_text="Name it as `version` when you answer.")

    class Meta:
        model = Meeting
        fields = [
            "slug",
            "url",
            "html_url",
            "join_url",
            "ics_url",
            "title",
            "committee",
            "shared_with",
            "series",
            "original_start",
            "summary",
            "starts_at",
            "ends_at",
            "timezone",
            "local_starts_at",
            "local_ends_at",
            "my_starts_at",
            "my_ends_at",
            "duration",
            "dial_in",
            "uid",
            "sequence",
            "told_at",
            "stage",
            "cancelled_at",
            "cancel_reason",
            "going",
            "seats",
            "my_response",
            "my_version",
            "updated_at",
        ]
        extra_kwargs = {name: {"allow_null": True} for name in ("dial_in", "uid", "sequence", "cancel_reason")}

    def to_representation(self, meeting: Meeting) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(meeting)
        if not told["ics_url"] and not self._reader.has_perm("events.see_answers", meeting):
            told |= dict.fromkeys(self.INSIDE)
        elif meeting.keeps_waiting(self._reader):
            told["dial_in"] = None
        return told

    @extend_schema_field(ADDRESS | {"type": ["string", "null"]})
    def get_join_url(self, meeting: Meeting) -> str | None:
        opens = meeting.video_url and not meeting.is_cancelled and self._reader.has_perm("events.join_meeting", meeting)
        return whole(self.context, "meeting_join", meeting.slug) if opens else None

    @extend_schema_field(ADDRESS | {"type": ["string", "null"]})
    def get_ics_url(self, meeting: Meeting) -> str | None:
        return whole(self.context, "api_meeting-ics", meeting.slug) if may_keep(self._reader, meeting) else None

    @property
    def _reader(self) -> User:
        reader: User = self.context["request"].user
        return reader


def with_change(calls: MeetingQuerySet) -> MeetingQuerySet:
    """`changed_at`: when a call, its agenda or a paper on that last changed, or its committee came to know of these; with `stage`."""
    told = Case(When(told_at__lte=clock.now(), then="told_at"), default=None)
    # GREATEST leaves out what is NULL (PostgreSQL).
    published = AgendaPublication.objects.out().filter(meeting=OuterRef("pk")).order_by("-published_at")
    items = Case(When(stage=Stage.PUBLISHED, then=Subquery(AgendaItem.objects.last_change())), default=None)
    return calls.annotate(
        changed_at=Greatest("updated_at", told, items, Subquery(published.values("published_at")[:1]))
    )


class MeetingFilter(filters.FilterSet):
    """Of canceled calls nobody hears who does not ask for them: a list is what one may have to come to."""

    LEFT_OUT, ALONE, WITH_THEM = "false", "true", "any"

    committee = SlugsFilter(field_name="committee__slug", method="of_committees")
    series = SlugsFilter(field_name="series__key")
    mine = BooleanFilter(
        method="only_mine", help_text="True: of your committees, and those you answered. False: the others."
    )
    updated_since = MomentFilter(
        field_name="changed_at",
        lookup_expr="gte",
        help_text="Changed, they, their agenda or a paper on that, or made known to their committee, at this moment or later.",
    )
    starts_after = MomentFilter(field_name="starts_at", lookup_expr="gte", help_text="At this moment or later.")
    starts_before = MomentFilter(field_name="starts_at", lookup_expr="lt", help_text="Before this moment.")
    upcoming = BooleanFilter(method="only_upcoming", help_text="True: not over yet. False: over.")
    cancelled = filters.ChoiceFilter(
        choices=[(LEFT_OUT, "without canceled ones"), (ALONE, "canceled ones alone"), (WITH_THEM, "both")],
        method="as_asked",
        label="Without it canceled calls are left out.",
    )

    class Meta:
        model = Meeting
        fields: list[str] = []

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        asked = QueryDict(mutable=True) if data is None else data.copy()
        if not asked.get("cancelled"):
            asked["cancelled"] = self.LEFT_OUT
        super().__init__(asked, *args, **kwargs)

    def as_asked(self, queryset: MeetingQuerySet, name: str, value: str) -> MeetingQuerySet:
        if value == self.WITH_THEM:
            return queryset
        return queryset.cancelled() if value == self.ALONE else queryset.not_cancelled()

    def of_committees(self, calls: MeetingQuerySet, name: str, slugs: list[str]) -> MeetingQuerySet:
        """Those they host or share. A committee that the reader may not know of has none."""
        if not slugs:
            return calls
        known = Committee.objects.visible_to(self.request.user).filter(slug__in=slugs)
        return calls.filter(of_committees(known.values("pk")))

    def only_mine(self, queryset: MeetingQuerySet, name: str, value: bool) -> MeetingQuerySet:
        return queryset.concerning(self.request.user) if value else queryset.not_concerning(self.request.user)

    def only_upcoming(self, queryset: QuerySet[Meeting], name: str, value: bool) -> QuerySet[Meeting]:
        return queryset.upcoming() if value else queryset.past()


class AgendaItemSerializer(serializers.ModelSerializer):
    starts_at = serializers.DateTimeField(
        allow_null=True, help_text="Null behind an item whose minutes nobody has said."
    )
    presenter = serializers.CharField(source="presenter.name", default=None, allow_null=True, read_only=True)
    presenter_id = serializers.IntegerField(allow_null=True, read_only=True, help_text="Of the person, as in people.")
    presenters = serializers.CharField(read_only=True, help_text="All who present, guests too, by name.")
    papers = serializers.SerializerMethodField()

    class Meta:
        model = AgendaItem
        fields = [
            "position",
            "starts_at",
            "minutes",
            "title",
            "kind",
            "presenter",
            "presenter_id",
            "presenters",
            "description",
            "papers",
        ]

    def get_papers(self, item: AgendaItem) -> list[int]:
        return [paper.pk for paper in item.papers.all()]


class WhoWasHereSerializer(serializers.Serializer):
    person_id = serializers.IntegerField(source="pk", help_text="Of the person, as in people.")
    person = serializers.CharField(source="name")
    arrived_at = serializers.DateTimeField(
        source="came_at", allow_null=True, help_text="Null for who was there from the start."
    )
    left_at = serializers.DateTimeField(source="went_at", allow_null=True, help_text="Null for who stayed to the end.")


class RsvpSerializer(serializers.ModelSerializer):
    """Of a call with seats the answer to accepted may be waiting: no seat is free, and they are in line for one."""

    place = serializers.SerializerMethodField(help_text="On the wait list, 1 for the first in line; else null.")
    offered_until = serializers.SerializerMethodField(
        help_text="Until when a seat that became free is theirs: answer accepted to take it. Null without an offer."
    )

    class Meta:
        model = Rsvp
        fields = ["response", "note", "version", "answered_at", "place", "offered_until"]
        extra_kwargs = {
            "version": {"help_text": "Name it when you answer; 0 before the first answer."},
            "answered_at": {"read_only": True, "allow_null": True, "help_text": "Null before the first answer."},
        }

    @extend_schema_field({"type": ["integer", "null"]})
    def get_place(self, rsvp: Rsvp) -> int | None:
        return rsvp.place if rsvp.response == Rsvp.Response.WAITING else None

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_offered_until(self, rsvp: Rsvp) -> str | None:
        until = rsvp.offered_until if rsvp.response == Rsvp.Response.WAITING else None
        return until.isoformat().replace("+00:00", "Z") if until and until > clock.now() else None


NO_ANSWERS = (Rsvp.Response.NEEDS_ACTION, Rsvp.Response.WAITING)
ANSWERS = [choice for choice in Rsvp.Response.choices if choice[0] not in NO_ANSWERS]


class AnswerSerializer(Closed, serializers.Serializer):
    """`version` is the version you saw; `page` and `click` (from 1) order several answers given in one view.

    With `scope` "all" it is the answer to every coming call of the series of this one, and to those that are put on later;
    a call of no series has none but itself.
    """

    ONE, ALL = "one", "all"

    response = serializers.ChoiceField(ANSWERS)
    version = serializers.IntegerField(min_value=0, max_value=2_000_000_000)
    note = WordsOfJson(required=False, max_length=300, allow_blank=True)
    page = serializers.CharField(required=False, max_length=36, allow_blank=True, default="")
    click = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000, default=0)
    scope = serializers.ChoiceField([(ONE, "this call"), (ALL, "all dates of its series")], default=ONE)


class AnswerRefusedSerializer(ProblemSerializer):
    """Problem details (RFC 9457)."""

    answer = RsvpSerializer(required=False, help_text="With `newer`: the answer that stands.")


class TakingBackSerializer(serializers.Serializer):
    version = serializers.IntegerField(required=False, min_value=0, max_value=2_000_000_000)


SEEN = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 0, "maximum": 2_000_000_000},
    description="The version you saw; without it, whatever stands.",
)


@extend_schema_view(list=extend_schema(summary="Calls"), retrieve=extend_schema(summary="A call"))
class MeetingViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Calls you may see, soonest first."""

    queryset = Meeting.objects.none()
    serializer_class = MeetingSerializer
    permission_classes = [IsMember]
    filterset_class = MeetingFilter
    lookup_field = "slug"
    throttle_scope: str | None = None

    def get_queryset(self) -> QuerySet[Meeting]:
        calls = (
            Meeting.objects.for_listing(self.request.user)
            .with_role_of(self.request.user)
            .with_stage()
            .with_shared()
            .select_related("series")
        )
        return with_change(calls).order_by("starts_at", "pk")

    def filter_queryset(self, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """A call that is asked for by name is there, canceled or not."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    @extend_schema(summary="The agenda of a call", responses=AgendaItemSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def agenda(self, request: Request, slug: str) -> Response:
        """The agenda in order, each item with the moment it begins. `papers` are document ids you may read.

        Empty until the agenda is published (`stage`), except for co-chairs and staff.

        403 for those who may see that there is a call, and no more.
        """
        meeting = self.get_object()
        if not request.user.has_perm("events.see_answers", meeting):
            raise PermissionDenied
        papers = Prefetch("papers", Document.objects.visible_to(request.user).order_by("pk"))
        runs = request.user.has_perm("events.run_meeting", meeting)
        items = AgendaItem.objects.of_call(meeting.pk, unpublished=runs).prefetch_related(papers)
        rows = running(items, meeting.starts_at)
        for row in rows:
            row.item.starts_at = row.starts_at
        return Response(AgendaItemSerializer([row.item for row in rows], many=True).data)

    @extend_schema(summary="Who was on a call", responses=WhoWasHereSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, throttle_scope="people")
    def attendance(self, request: Request, slug: str) -> Response:
        """Those marked as here, by name. Members of the committee get those who let it see which calls they go to, and themselves.

        403 for those who may see that there is a call, and no more.
        """
        meeting = self.get_object()
        if not request.user.has_perm("events.see_answers", meeting):
            raise PermissionDenied
        keeps = request.user.has_perm("events.keep_record", meeting)
        people = shown(roster(meeting), Attendance.State.HERE) if keeps else seen_by(request.user, meeting)
        rows = self.paginate_queryset(people)
        return self.get_paginated_response(WhoWasHereSerializer(rows, many=True).data)

    @extend_schema(
        summary="A call as a calendar file", responses={(200, "text/calendar"): OpenApiTypes.STR}, filters=False
    )
    @action(detail=True, pagination_class=None, filterset_class=None, content_negotiation_class=WhateverIsAsked)
    def ics(self, request: Request, slug: str) -> HttpResponse:
        """For any calendar program. 403 for those who may see that there is a call, and no more."""
        meeting = self.get_object()
        if not may_keep(request.user, meeting):
            raise PermissionDenied
        return calendar_file(meeting, request.user)

    @extend_schema(summary="Your answer", responses=RsvpSerializer)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def rsvp(self, request: Request, slug: str) -> Response:
        """As it stands; it holds for the time that holds now."""
        return Response(RsvpSerializer(_standing(self.get_object(), request.user)).data)

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
        meeting = self._asked()
        answer = AnswerSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        given: dict[str, Any] = answer.validated_data
        if given["scope"] == AnswerSerializer.ALL and meeting.series:
            return self._respond_to_all(meeting, meeting.series, given)
        return self._respond(
            meeting,
            given["response"],
            seen=given["version"],
            page=given["page"],
            click=given["click"],
            note=given.get("note"),
        )

    @extend_schema(
        summary="Take your answer back",
        request=None,
        parameters=[SEEN],
        responses={200: RsvpSerializer, (409, MEDIA_TYPE): AnswerRefusedSerializer},
    )
    @rsvp.mapping.delete
    def take_back(self, request: Request, slug: str) -> Response:
        """As Undo does. Again, or where no answer stands, nothing changes. 409 as for an answer."""
        meeting = self._asked()
        named = TakingBackSerializer(data=request.query_params)
        named.is_valid(raise_exception=True)
        standing = _standing(meeting, request.user)
        if standing.response == Rsvp.Response.NEEDS_ACTION:
            return Response(RsvpSerializer(standing).data)
        seen = named.validated_data.get("version", standing.version)
        return self._respond(meeting, Rsvp.Response.NEEDS_ACTION, seen=seen)

    def _asked(self) -> Meeting:
        """The call, when it is the reader’s to answer."""
        meeting: Meeting = self.get_object()
        if not self.request.user.has_perm("events.respond_to_meeting", meeting):
            raise PermissionDenied
        return meeting

    def _respond_to_all(self, meeting: Meeting, series: MeetingSeries, given: dict[str, Any]) -> Response:
        """The note is to this call, as the version is."""
        standing = _standing(meeting, self.request.user)
        if given["version"] < standing.version and standing.response != given["response"]:
            raise self._newer(RsvpSerializer(standing).data)
        try:
            with transaction.atomic():
                respond_to_all(series, self.request.user, given["response"], source=Rsvp.Source.API)
        except ModelError as error:
            raise Conflict(str(error.message), error.code) from error
        standing = _standing(meeting, self.request.user)
        if given.get("note") is not None:
            return self._respond(meeting, given["response"], seen=standing.version, note=given["note"])
        return Response(RsvpSerializer(standing).data)

    @staticmethod
    def _newer(standing: Any) -> Conflict:
        return Conflict(_("A newer answer has been given since the version you name."), "newer", answer=standing)

    def _respond(self, meeting: Meeting, response: str, **seen: Any) -> Response:
        try:
            answered = respond(meeting, self.request.user, response, source=Rsvp.Source.API, **seen)
        except ModelError as error:
            raise Conflict(str(error.message), error.code) from error
        standing = RsvpSerializer(answered.rsvp).data
        if not answered.applied:
            raise self._newer(standing)
        return Response(standing)


def may_keep(reader: User, meeting: Meeting) -> bool:
    """Whether they may have the call as a file: the page offers it to those inside, once the committee is told."""
    return meeting.is_told and reader.has_perm("events.see_answers", meeting)


def _standing(meeting: Meeting, person: User) -> Rsvp:
    """The answer to the time that holds; without one, as none."""
    rsvp = Rsvp.objects.filter(meeting=meeting, user=person).first()
    if rsvp and rsvp.edition != meeting.edition:
        rsvp.response = Rsvp.Response.NEEDS_ACTION
    return rsvp or Rsvp(version=0, answered_at=None)


class CalendarSerializer(serializers.Serializer):
    feed_url = serializers.URLField(
        help_text="Opens your calls to whoever has it, without a token, until you make another in Settings, Calendar."
    )
    webcal_url = serializers.CharField(help_text="The same for programs that subscribe when they see it.")


class CalendarView(StrictQuery):
    """The address of your calendar: calls of your committees but for those you declined, for any calendar program."""

    permission_classes = [IsMember]

    @extend_schema(summary="Your calendar", responses=CalendarSerializer)
    def get(self, request: Request) -> Response:
        person = request.user
        if not person.is_member:
            raise NotFound
        address = feeds.address(person, feeds.number_of(person))
        return Response({"feed_url": address, "webcal_url": feeds.webcal(address)})
