"""What a report that nobody has made yet would tell of an attribution."""
