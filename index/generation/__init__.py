"""What a build makes and takes over: the rows, their files, and the checks before they go live."""
