"""News that rises: declared here, received by the apps above."""

from django.dispatch import Signal

admitted = Signal()  # application: the approved Application; sent inside its transaction
second_step_wanted = Signal()  # person: receivers answer whether every sign-in of theirs is to take a second step
ended = Signal()  # person, by: an account was closed or a membership ended; sent inside the transaction
