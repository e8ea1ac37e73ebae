"""Formulas in NumPy: what is computed of a pass (sampling, lenses, routing, masks' costs), of a text that a tokenizer
cut, and of a config alone (the constants of position schemes, a cache's size). No torch here.
"""
