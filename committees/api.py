"""The API of committees, documents and publications: the rows of `visible_to`, as on the pages."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import FileResponse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from committees.documents.sending import download
from committees.models import Committee, Document, IssueArea, Membership, Publication
from committees.models.publications import PublicationQuerySet
from members.api import IsMember
from members.queries.finding import Words, all_found_by
from members.rest.addresses import ADDRESS, AddressField, whole
from members.rest.described import StrictQuery
from members.rest.files import WhateverIsAsked
from members.rest.filters import BooleanFilter, SlugsFilter, StateFilter


class CommitteeSerializer(serializers.ModelSerializer):
    url = AddressField("api_committee-detail", "slug", help_text="Of this committee in the API.")
    html_url = AddressField("committee_detail", "slug", help_text="Its page, for people.")
    issue = serializers.CharField(
        source="open_issue.slug", default=None, allow_null=True, read_only=True, help_text="Its slug; null without one."
    )
    people = serializers.IntegerField(help_text="How many are on it today.")
    my_role = serializers.ChoiceField(
        Membership.Role.choices, allow_null=True, help_text="Null when you are not on it."
    )

    class Meta:
        model = Committee
        fields = [
            "slug",
            "url",
            "html_url",
            "name",
            "kind",
            "issue",
            "purpose",
            "rhythm",
            "join_policy",
            "timezone",
            "reminder_offsets",
            "people",
            "my_role",
        ]


class SeatSerializer(serializers.ModelSerializer):
    """Somebody on a committee. Contact data is not here."""

    id = serializers.IntegerField(source="user_id", help_text="Of the person, as in people.")
    name = serializers.CharField(source="user.name")
    since = serializers.DateField(source="started_on")
    office = serializers.CharField(help_text="The seat held today, in words; empty without one.")

    class Meta:
        model = Membership
        fields = ["id", "name", "role", "since", "office"]


class CommitteeFilter(filters.FilterSet):
    mine = BooleanFilter(method="only_mine", help_text="True: those you are on. False: the others.")
    issue = filters.CharFilter(method="on_issue", help_text="The slug of an issue.")

    class Meta:
        model = Committee
        fields = ["kind", "join_policy"]

    def on_issue(self, queryset: QuerySet[Committee], name: str, value: str) -> QuerySet[Committee]:
        return queryset.filter(issue__slug=value, issue__published_at__isnull=False)

    def only_mine(self, queryset: QuerySet[Committee], name: str, value: bool) -> QuerySet[Committee]:
        return queryset.filter(my_role__isnull=not value)


@extend_schema_view(list=extend_schema(summary="Committees"), retrieve=extend_schema(summary="A committee"))
class CommitteeViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Committees that the reader may see, with the reader's role on each."""

    queryset = Committee.objects.none()
    serializer_class = CommitteeSerializer
    permission_classes = [IsMember]
    filterset_class = CommitteeFilter
    lookup_field = "slug"
    throttle_scope: str | None = None

    def get_queryset(self) -> QuerySet[Committee]:
        return Committee.objects.for_listing(self.request.user).with_people()

    @extend_schema(summary="The people of a committee", responses=SeatSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, throttle_scope="people")
    def people(self, request: Request, slug: str) -> Response:
        """Who is on it today: co-chairs first, then staff organizers, then by name. 403 for those who are not on it."""
        committee = self.get_object()
        committee.know_role(request.user, committee.my_role)
        if not request.user.has_perm("committees.see_committee_people", committee):
            raise PermissionDenied
        rows = self.paginate_queryset(committee.memberships.for_listing())
        return self.get_paginated_response(SeatSerializer(rows, many=True).data)


BYTES = "application/octet-stream"
PERHAPS: dict[str, Any] = {"default": None, "allow_null": True, "read_only": True}


class DocumentSerializer(serializers.ModelSerializer):
    url = AddressField("api_document-detail", "pk", help_text="Of this paper in the API.")
    html_url = AddressField("document_detail", "pk", help_text="Its page, for people.")
    committee = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    version = serializers.IntegerField(source="latest.number", **PERHAPS)
    name = serializers.CharField(source="latest.name", **PERHAPS, help_text="The name of the file.")
    content_type = serializers.CharField(source="latest.content_type", **PERHAPS)
    size = serializers.IntegerField(source="latest.size", **PERHAPS, help_text="In bytes.")
    pages = serializers.IntegerField(source="latest.pages", **PERHAPS, help_text="Null where they can’t be counted.")
    uploaded_at = serializers.DateTimeField(source="latest.uploaded_at", **PERHAPS)
    file = serializers.SerializerMethodField(help_text="Its latest version, with the same token.")

    class Meta:
        model = Document
        fields = [
            "id",
            "url",
            "html_url",
            "title",
            "committee",
            "audience",
            "version",
            "name",
            "content_type",
            "size",
            "pages",
            "uploaded_at",
            "file",
        ]

    @extend_schema_field(ADDRESS | {"type": ["string", "null"]})
    def get_file(self, document: Document) -> str | None:
        return whole(self.context, "api_document-file", document.pk) if document.latest else None


class DocumentFilter(filters.FilterSet):
    committee = SlugsFilter(field_name="committee__slug")
    title = filters.CharFilter(
        method="titled", help_text="Words as people type them, each the beginning of one of the title."
    )

    class Meta:
        model = Document
        fields = ["audience"]

    def titled(self, queryset: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        return queryset.alias(title_words=Words("title")).filter(all_found_by("title_words", value))


@extend_schema_view(list=extend_schema(summary="Papers"), retrieve=extend_schema(summary="A paper"))
class DocumentViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Papers you may read, newest first."""

    queryset = Document.objects.none()
    serializer_class = DocumentSerializer
    permission_classes = [IsMember]
    filterset_class = DocumentFilter

    def get_queryset(self) -> QuerySet[Document]:
        return Document.objects.for_listing(self.request.user)

    @extend_schema(
        summary="A paper itself",
        responses={(200, BYTES): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, pagination_class=None, filterset_class=None, content_negotiation_class=WhateverIsAsked)
    def file(self, request: Request, pk: str) -> FileResponse:
        """Its latest version, as it was uploaded: bytes, whose kind is the `content_type` of the paper."""
        latest = self.get_object().latest
        if latest is None:
            raise NotFound
        response = download(latest)
        response["Content-Type"] = BYTES  # generated clients know no other kind of file, and read text/plain as words
        return response


class PublicationSerializer(serializers.ModelSerializer):
    issue = serializers.CharField(source="issue.slug", read_only=True)
    also_about = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    author = serializers.CharField(source="byline", read_only=True)
    url = serializers.SerializerMethodField(help_text="Our page of it.")
    picture = serializers.SerializerMethodField(help_text="A JPEG; null without one.")
    picture_description = serializers.CharField(source="picture.description", default="", read_only=True)
    pdf = serializers.SerializerMethodField(help_text="Null without one.")

    class Meta:
        model = Publication
        fields = [
            "id",
            "type",
            "title",
            "summary",
            "issue",
            "also_about",
            "states",
            "author",
            "dated_on",
            "published_at",
            "url",
            "external_url",
            "picture",
            "picture_description",
            "pdf",
            "pdf_pages",
        ]

    @extend_schema_field(ADDRESS)
    def get_url(self, publication: Publication) -> str:
        return self._whole(publication.get_absolute_url())

    @extend_schema_field(ADDRESS | {"type": ["string", "null"]})
    def get_picture(self, publication: Publication) -> str | None:
        return self._whole(publication.picture.largest) if publication.picture else None

    @extend_schema_field(ADDRESS | {"type": ["string", "null"]})
    def get_pdf(self, publication: Publication) -> str | None:
        return self._whole(publication.pdf_url) if publication.pdf else None

    def _whole(self, address: str) -> str:
        whole: str = self.context["request"].build_absolute_uri(address)
        return whole


class PublicationFilter(filters.FilterSet):
    issue = filters.CharFilter(method="about", help_text="The slug of an issue: about it, or touching it.")
    state = StateFilter(method="of_state", label="About this state.")

    class Meta:
        model = Publication
        fields = ["type"]

    def about(self, queryset: PublicationQuerySet, name: str, value: str) -> PublicationQuerySet:
        issue = IssueArea.objects.published().filter(slug=value).first()
        return queryset.about(issue) if issue else queryset.none()

    def of_state(self, queryset: PublicationQuerySet, name: str, value: str) -> PublicationQuerySet:
        return queryset.filter(states__contains=[value])


@extend_schema_view(list=extend_schema(summary="Publications"), retrieve=extend_schema(summary="A publication"))
class PublicationViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Published publications, newest first; no drafts or scheduled ones, not for staff either."""

    queryset = Publication.objects.none()
    serializer_class = PublicationSerializer
    permission_classes = [IsMember]
    filterset_class = PublicationFilter

    def get_queryset(self) -> QuerySet[Publication]:
        touched = Prefetch("also_about", IssueArea.objects.published())
        published = Publication.objects.published().select_related("issue", "picture", "author").defer("body")
        return published.prefetch_related(touched).order_by("-dated_on", "-pk")
