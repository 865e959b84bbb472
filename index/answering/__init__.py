"""From hits to an answer, in reading order: asked, nearness, candidates, verdict, compose.

index/answer.py puts them together.
"""
