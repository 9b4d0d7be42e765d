from events.models.agendas import AgendaItem, RunningItem
from events.models.meetings import ChangedMeanwhile, Meeting, MeetingMove
from events.models.rsvps import Answered, Rsvp, RsvpAnswer

__all__ = ["AgendaItem", "Answered", "ChangedMeanwhile", "Meeting", "MeetingMove", "Rsvp", "RsvpAnswer", "RunningItem"]
