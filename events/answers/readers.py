"""Registers the readers of mails that hold answers."""

from events.answers import replies
from members.mail.incoming.inbox import ANSWERS, WORDS, reader, when_unreadable

reader(ANSWERS)(replies.read_answer)
reader(WORDS)(replies.read_words)
when_unreadable(replies.take_unreadable)
