"""From which confidence on a cleaned page needs no look. A file of its own: a search loads no cleaner for a number."""

# docs/cleaning.md says what is found under it and what is flagged in vain; `confidence` weighs its doubts for it.
DOUBTFUL_BELOW = 0.5
