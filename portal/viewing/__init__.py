"""Staff look at the portal through the eyes of one member: marked, logged, for half an hour, and unable to act (adr/0058)."""
