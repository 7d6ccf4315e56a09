"""The page reader's training: newspaper pages composed from articles, with gold labels, and what is fitted on them."""
