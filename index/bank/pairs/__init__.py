"""The pairs, one {"query", "positive"} a line; README.md says how they were made."""
