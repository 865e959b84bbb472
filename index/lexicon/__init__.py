"""Everyday words and the official wordings that mean the same: `terms.tsv`, read and applied by `lexicon`."""
