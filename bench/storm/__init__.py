"""A storm over the pipeline of messages: servers killed at random, a mail server that errs, people who change their minds.

The sink's own ledger is the witness: what it took, when, for whom. It is compared with the facts as they stand in the end
and with the log of those who changed their minds, not with what the pipeline believes of itself.
"""

OFFSET = 30  # minutes before the start of a call, when its reminder is due
