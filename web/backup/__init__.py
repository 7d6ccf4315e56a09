"""`python -m web.backup save|check|restore`: the index, what readers said, and their conversations, in one archive.

    python -m web.backup save wenda.tar.gz --index .index
    python -m web.backup check wenda.tar.gz
    python -m web.backup restore wenda.tar.gz --index .index [--force]

It may be saved while the app runs and while a build runs: the generation that is live is linked before it is read, so
that no later build removes it, and SQLite copies its files itself. The archive has a list of its files with their sizes
and hashes; restoring checks it, and the manifest of the index, before anything that is there is replaced.

The users file and the logins beside it are not in it. What is in it is not encrypted: the archive is for its owner
only (mode 600).
"""
