"""The lists of who does what by when."""
