"""Loading the person of a request together with their standing, in one query."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.models import AuthToken
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from members.models import User
from members.queries.prepared import prepared


@prepared
def _with_standing(pk: int) -> QuerySet[User]:
    return User.objects.with_standing().filter(pk=pk)


class StandingBackend(AuthenticationBackend):
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Nobody signs in with a password, whatever form or library asks."""

    def get_user(self, user_id: int) -> User | None:
        user = next(iter(_with_standing(int(user_id))), None)
        return user if user and user.is_active else None


class TokenAuthentication(KnoxTokenAuthentication):
    """A token speaks for a member as long as they are one, and never with staff powers.

    The header says `Bearer` (RFC 6750), or `Token`, as it did at first.
    """

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        kind, *rest = get_authorization_header(request).split() or [b""]
        if kind.lower() not in (b"bearer", b"token"):
            return None
        if len(rest) != 1 or not rest[0].isascii():
            raise AuthenticationFailed(_("The header is “Authorization: Bearer”, a space and the token."))
        known: tuple[User, AuthToken] = self.authenticate_credentials(rest[0])
        return known

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def validate_user(self, auth_token: AuthToken) -> tuple[User, AuthToken]:
        user = User.objects.with_standing().filter(pk=auth_token.user_id).first()
        if user is None or not user.is_member:
            raise AuthenticationFailed(_("The account of this token is closed."))
        return user, auth_token
