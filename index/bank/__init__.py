"""The question bank: what people ask in everyday words, and how official texts put the same matter. Written by us."""
