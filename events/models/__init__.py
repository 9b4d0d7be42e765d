from events.models.agendas import AgendaItem
from events.models.meetings import Meeting, MeetingMove
from events.models.rsvps import Rsvp, RsvpAnswer

__all__ = ["AgendaItem", "Meeting", "MeetingMove", "Rsvp", "RsvpAnswer"]
