"""Passages read and ranked: what speaks for a sentence, which are quoted, whether there is an answer at all."""
