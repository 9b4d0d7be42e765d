"""News that rises: declared here, received by the apps above."""

from django.dispatch import Signal

admitted = Signal()  # application: the approved Application; sent inside its transaction
ended = Signal()  # person, by: an account was closed or a membership ended; sent inside the transaction
