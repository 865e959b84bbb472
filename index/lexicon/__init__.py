"""What words of a question are called in official texts: tables (`*.tsv`), read by `tables`, applied by `lexicon`."""
