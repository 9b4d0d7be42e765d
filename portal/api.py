"""The API's addresses, versionless until there is a second version."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import include, path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from committees.api import CommitteeViewSet, DocumentViewSet, PublicationViewSet
from events.api import CalendarView, MeetingViewSet
from events.record.actions.api import ActionViewSet
from events.record.decisions.api import DecisionViewSet
from events.record.minutes.api import MinutesViewSet
from events.series.api import SeriesViewSet
from members.api import MeView, PersonViewSet
from members.rest.described import description


class TokenScheme(OpenApiAuthenticationExtension):
    """What the description says about our own kind of token."""

    target_class = "members.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token made in Settings, Security."}


class Description(APIView):
    """The description of the API (OpenAPI) as JSON, for everybody: it holds nothing of anybody."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, OpenApiJsonRenderer)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(description())


class Router(DefaultRouter):
    """Its first page names all lists, the description, and the address of oneself."""

    include_format_suffixes = False

    def get_api_root_view(self, api_urls: Any = None) -> Callable[..., HttpResponseBase]:
        lists = {prefix: f"{basename}-list" for prefix, _viewset, basename in self.registry}
        return self.APIRootView.as_view(api_root_dict={"schema": "api_schema", "me": "api_me", **lists})


router = Router()
router.register("actions", ActionViewSet, "api_action")
router.register("committees", CommitteeViewSet, "api_committee")
router.register("decisions", DecisionViewSet, "api_decision")
router.register("documents", DocumentViewSet, "api_document")
router.register("meetings", MeetingViewSet, "api_meeting")
router.register("minutes", MinutesViewSet, "api_minutes")
router.register("people", PersonViewSet, "api_person")
router.register("publications", PublicationViewSet, "api_publication")
router.register("series", SeriesViewSet, "api_series")

urlpatterns = [
    path("schema/", Description.as_view(), name="api_schema"),
    path("me/", MeView.as_view(), name="api_me"),
    path("me/calendar/", CalendarView.as_view(), name="api_me_calendar"),
    path("", include(router.urls)),
]
