"""The door to the quorum for the rooms of a call's life; it stands beside attendance (events.models.attendance)."""

from events.models import Quorum

__all__ = ["Quorum"]
