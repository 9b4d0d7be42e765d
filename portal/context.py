"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.models import Application, StaffAppointment


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "org_name": settings.ORG_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "demo": settings.DEMO,
    }


def staff_desk(request: HttpRequest) -> dict[str, object]:
    """For layouts/staff.html; nothing is asked of the database unless a page shows it."""
    return {
        "applications_count": SimpleLazyObject(lambda: _waiting(request)),
        "staff_role": SimpleLazyObject(lambda: _role(request)),
    }


def _waiting(request: HttpRequest) -> int:
    return Application.objects.waiting().count() if request.user.has_perm("members.decide_application") else 0


def _role(request: HttpRequest) -> str:
    """The most powerful staff role held, in words."""
    held = [role for role in reversed(StaffAppointment.Role) if role in request.user.roles]
    return str(held[0].label) if held else ""
