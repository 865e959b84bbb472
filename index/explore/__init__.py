"""What a corpus says, where, when and how often: concordance, words, map, comparison, corpus card.

Everything here reads one build and changes nothing that a search reads. What takes long is prepared once a build
(`prepared`), what is asked stands in a file of its own.
"""
