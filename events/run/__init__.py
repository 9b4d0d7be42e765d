"""Running a call: its page, its log, and what reaches it late or twice."""
