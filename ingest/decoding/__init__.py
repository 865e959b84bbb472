"""Bytes -> text: encodings, and text that was decoded wrongly before it was saved."""
