"""Offices and their terms: what people hold, until when, and what follows when they leave.

`offices` has the verbs, which all doors use: the person's settings, the desk, and the link of a mail. `messages` asks
whether somebody still holds an office.
"""
