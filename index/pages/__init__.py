"""A document's text -> drafts of its articles: which lines belong together, and what each of them is."""
