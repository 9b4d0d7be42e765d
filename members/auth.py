"""Loading the person of a request together with their standing, in one query."""

from allauth.account.auth_backends import AuthenticationBackend
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from members.models import User


class StandingBackend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        user = User.objects.with_standing().filter(pk=user_id).first()
        return user if user and user.is_active else None


class TokenAuthentication(KnoxTokenAuthentication):
    """A token speaks for a member as long as they are one, and never with staff powers."""

    def validate_user(self, auth_token: AuthToken) -> tuple[User, AuthToken]:
        user = User.objects.with_standing().filter(pk=auth_token.user_id).first()
        if user is None or not user.is_member:
            raise AuthenticationFailed("The account of this token is closed.")
        return user, auth_token
