"""Statements with numbers, and where two of them give different numbers for the same matter.

amounts, bounds -> figures: numbers in a text -> matters by cues, conditions: what they are of and for whom ->
statements, table: of a whole build -> gather, values -> align: the same matter under compatible conditions -> groups,
conflicts: what differs, ranked. No model reads here, only rules.
"""
