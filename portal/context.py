"""What every template may use."""

from django.conf import settings
from django.db.models import QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.mail import stops
from members.models import Application, StaffAppointment, Suppression, User
from members.queries.prepared import prepared
from members.web.signed_out import cookies_are_off
from members.web.unsent import COOKIE, mark_of, shown


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "org_name": settings.ORG_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "demo": settings.DEMO,
        "mail_stopped": SimpleLazyObject(lambda: stops.of(request.user)),
        "email_stopped": SimpleLazyObject(lambda: _email_stopped(request)),
    }


def unsent_acts(request: HttpRequest) -> dict[str, object]:
    """Whose page this is, and what waits to be sent after all (account/_unsent.html)."""
    if not hasattr(request, "user"):
        return {}
    is_looked_at = getattr(request.user, "looked_as_by", None) is not None  # what waits is of whoever looks
    return {
        "account": SimpleLazyObject(lambda: mark_of(request.user)),
        "unsent": shown(request) if COOKIE in request.COOKIES and not is_looked_at else None,
        "cookies_are_off": cookies_are_off(request),
    }


def staff_desk(request: HttpRequest) -> dict[str, object]:
    """For layouts/staff.html; nothing is asked of the database unless a page shows it."""
    return {
        "applications_count": SimpleLazyObject(lambda: _waiting(request)),
        "staff_role": SimpleLazyObject(lambda: _role(request)),
    }


def _email_stopped(request: HttpRequest) -> Suppression | None:
    return next(iter(_stopping(request.user)), None) if request.user.is_authenticated else None


@prepared
def _stopping(user: User) -> QuerySet[Suppression]:
    """What stops mail to this person's address."""
    address = User.objects.filter(pk=user.pk).values(lower=Lower("email"))
    return Suppression.objects.open().filter(address=Subquery(address))


def _waiting(request: HttpRequest) -> int:
    return Application.objects.to_decide().count() if request.user.has_perm("members.decide_application") else 0


def _role(request: HttpRequest) -> str:
    """The most powerful staff role held, in words."""
    held = [role for role in reversed(StaffAppointment.Role) if role in request.user.roles]
    return str(held[0].label) if held else ""
