"""Loading the person of a request together with their standing, in one query."""

from allauth.account.auth_backends import AuthenticationBackend

from members.models import User


class StandingBackend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        user = User.objects.with_standing().filter(pk=user_id).first()
        return user if user and user.is_active else None
