"""People, and myself, over the API. Contact data is not here."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, permissions, serializers, viewsets
from rest_framework.request import Request
from rest_framework.views import APIView

from members.models import Office, User
from members.models.users import UserQuerySet
from members.queries.finding import all_found_by
from members.rest.described import StrictQuery
from members.rest.filters import StateFilter


class IsMember(permissions.BasePermission):
    """Admitted people and staff; an applicant has an account but no way in here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.is_authenticated and (request.user.is_member or request.user.may_act_as_staff))


class OfficeSerializer(serializers.ModelSerializer):
    jurisdiction = serializers.CharField(source="jurisdiction.name")
    state = serializers.CharField(source="jurisdiction.state")
    ocd_id = serializers.CharField(source="jurisdiction.ocd_id")

    class Meta:
        model = Office
        fields = ["title", "level", "district", "jurisdiction", "state", "ocd_id", "started_on", "ended_on"]

    @classmethod
    def columns(cls) -> dict[str, str]:
        """Where each field stands, for an object that PostgreSQL builds: objects in Python take longer than the query."""
        return {name: str(field.source).replace(".", "__") for name, field in cls().fields.items()}


@extend_schema_field(OfficeSerializer(many=True))
class OfficesField(serializers.JSONField):
    """Built by PostgreSQL, `PersonViewSet.get_queryset`."""


class PersonSerializer(serializers.ModelSerializer):
    offices = OfficesField(source="current_offices", read_only=True)

    class Meta:
        model = User
        fields = ["id", "name", "offices"]


class PersonFilter(filters.FilterSet):
    name = filters.CharFilter(
        method="named", help_text="Words as people type them, each the beginning of one of the name."
    )
    state = StateFilter(method="in_state", label="With an office in this state.")
    level = filters.ChoiceFilter(choices=Office.Level.choices, method="at_level", label="With an office of this level.")

    class Meta:
        model = User
        fields: list[str] = []

    def named(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(all_found_by("name_words", value))

    def in_state(self, queryset: UserQuerySet, name: str, value: str) -> QuerySet[User]:
        return queryset.in_state(value)

    def at_level(self, queryset: UserQuerySet, name: str, value: str) -> QuerySet[User]:
        return queryset.at_level(value)


@extend_schema_view(list=extend_schema(summary="Members"), retrieve=extend_schema(summary="A member"))
class PersonViewSet(StrictQuery, viewsets.ReadOnlyModelViewSet):
    """Members by name, with the offices they hold."""

    queryset = User.objects.none()
    serializer_class = PersonSerializer
    permission_classes = [IsMember]
    filterset_class = PersonFilter
    throttle_scope = "people"

    def get_queryset(self) -> QuerySet[User]:
        offices = (
            Office.objects.current().filter(user=OuterRef("pk")).values(row=JSONObject(**OfficeSerializer.columns()))
        )
        people = User.objects.visible_to(self.request.user).annotate(current_offices=ArraySubquery(offices))
        return people.only("name").order_by("name", "pk")


class MeSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "name", "given_name", "email", "timezone", "is_member"]
        read_only_fields = fields


@extend_schema_view(get=extend_schema(summary="Yourself"))
class MeView(StrictQuery, generics.RetrieveAPIView):
    """The person that the token or session belongs to."""

    queryset = User.objects.none()
    serializer_class = MeSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_object(self) -> User:
        return self.request.user
