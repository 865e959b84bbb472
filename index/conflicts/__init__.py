"""Statements with numbers, and where two of them give different numbers for the same matter.

figures: numbers in a text -> matters, conditions: what they are of and for whom -> statements: of a whole build ->
align: the same matter under compatible conditions -> conflicts: what differs, ranked. No model reads here, only rules.
"""
