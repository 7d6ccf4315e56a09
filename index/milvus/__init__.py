"""The same index on a Milvus server or cluster: what it stores, how it is built there, and how it is asked."""
