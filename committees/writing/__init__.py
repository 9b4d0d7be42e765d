"""Writing to a committee's co-chairs from its page; the mail goes through us, and so do the answers."""
