"""How the network is doing, for staff: who comes, which mails did not arrive, which committees need looking after, where members serve."""
