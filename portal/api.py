"""The API's addresses, versionless until there is a second version."""

from django.urls import include, path
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from committees.api import CommitteeViewSet, DocumentViewSet, PublicationViewSet
from events.api import MeetingViewSet
from members.api import MeViewSet, PersonViewSet


class TokenScheme(KnoxTokenScheme):
    """What the schema says about our own kind of token."""

    target_class = "members.auth.TokenAuthentication"


router = DefaultRouter()
router.include_format_suffixes = False
router.register("committees", CommitteeViewSet, "api_committee")
router.register("documents", DocumentViewSet, "api_document")
router.register("meetings", MeetingViewSet, "api_meeting")
router.register("people", PersonViewSet, "api_person")
router.register("publications", PublicationViewSet, "api_publication")
router.register("me", MeViewSet, "api_me")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("", include(router.urls)),
]
