"""What narrows and orders the hits: dates and sources that a question names, stories printed twice."""
