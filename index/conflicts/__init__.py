"""Statements with numbers in policy texts, and where they disagree; found without a language model."""
