"""Which mails the calls read."""

from events import replies
from members.notifications.inbound import ANSWERS, WORDS, reader

reader(ANSWERS)(replies.read_answer)
reader(WORDS)(replies.read_words)
