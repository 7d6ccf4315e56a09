"""How models/ranker was made: `python -m training.ranker`."""
