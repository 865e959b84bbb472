"""Recommendation items: what a line could be, which run of items fits best, and how sure it is."""
