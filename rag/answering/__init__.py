"""The steps of an answer: what is open, what is asked, each part retrieved and read, what is said or refused."""
