"""An optional language model: its servers, what it is told, and what its words rest on."""
