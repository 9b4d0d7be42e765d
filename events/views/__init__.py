"""Pages of calls. A call that a person may not see is not there: 404."""
