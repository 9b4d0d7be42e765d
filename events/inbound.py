"""Which mails the calls read."""

from events import replies
from members.notifications.inbound import ANSWERS, WORDS, reader, when_unreadable

reader(ANSWERS)(replies.read_answer)
reader(WORDS)(replies.read_words)
when_unreadable(replies.take_unreadable)
