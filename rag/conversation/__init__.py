"""Talk around the questions: what a follow-up refers to, small talk, what may be asked next."""
