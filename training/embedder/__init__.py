"""Trains models/embedder: a static embedding model for Chinese news and encyclopaedic text."""
