"""What of a person others may know, and how they ask for more."""
