from members.models.applications import Application
from members.models.audit import AuditEntry
from members.models.deliveries import Delivery
from members.models.jurisdictions import Jurisdiction
from members.models.offices import Office
from members.models.preferences import NotificationPreference
from members.models.profiles import Profile
from members.models.users import StaffAppointment, User

__all__ = [
    "Application",
    "AuditEntry",
    "Delivery",
    "Jurisdiction",
    "NotificationPreference",
    "Office",
    "Profile",
    "StaffAppointment",
    "User",
]
